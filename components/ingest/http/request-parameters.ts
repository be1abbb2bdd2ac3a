import type * as pulumi from "@pulumi/pulumi";
import { attributesMapping } from "../../../runtime/envelope/http-api-message.js";
import { carriedValues, type HttpIngestSource } from "../../../settings/http-ingest-source.js";

/**
 * What a source's route sends to SQS. `runtime/envelope/http-api-message.ts` reads it and explains each part.
 * docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-aws-services-reference.html (AWS
 * AWS fact 7.1)
 */
export function requestParameters(
  source: HttpIngestSource,
  queue: { readonly url: pulumi.Input<string>; readonly fifo: boolean },
): { [parameter: string]: pulumi.Input<string> } {
  return {
    QueueUrl: queue.url,
    MessageBody: "$request.body",
    // A fixed text, which no request can change. The reader compares the attributes with it. It also makes a standard
    // queue fair among the sources (AWS fact 3.15), and a FIFO queue keep the order of each.
    MessageGroupId: source.name,
    MessageAttributes: attributesMapping(carriedValues(source)),
    // The request's own unique id, so SQS drops nothing (AWS fact 3.7); the history recognises repetitions. With an id
    // from a header, anybody who guesses it could make SQS drop the genuine webhook and answer it 200.
    ...(queue.fifo ? { MessageDeduplicationId: "$context.requestId" } : {}),
  };
}
