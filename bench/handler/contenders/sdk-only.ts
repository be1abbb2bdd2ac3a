/**
 * The least that a function with a history in DynamoDB can load: the client, made, and the requests that the pipeline's own
 * function makes. What the function's own code adds to a cold start is measured against this.
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
