/**
 * The least that a function with a history in DynamoDB can load: the client and the requests that the pipeline's
 * function makes. It is the reference for what the function's own code adds to a cold start.
 */
import {
  ConditionalCheckFailedException,
  DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  UpdateItemCommand,
} from "@aws-sdk/client-dynamodb";

export const client = new DynamoDBClient({});
export { ConditionalCheckFailedException, GetItemCommand, PutItemCommand, UpdateItemCommand };
