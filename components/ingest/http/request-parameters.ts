import type * as pulumi from "@pulumi/pulumi";
import {
  gatewayAttribute,
  headerAttributePrefix,
  httpApiMessageVersion,
  queryAttributePrefix,
  valueMark,
} from "../../../runtime/envelope/http-api-message.js";
import { carriedHeaders, type HttpIngestSource } from "../../../settings/http-ingest-source.js";

/**
 * What a source's route sends to SQS. `runtime/envelope/http-api-message.ts` reads it and says what each part is for.
 * docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-aws-services-reference.html (AWS fact 7.1)
 */
export function requestParameters(
  source: HttpIngestSource,
  queue: { readonly url: pulumi.Input<string>; readonly fifo: boolean },
): { [parameter: string]: pulumi.Input<string> } {
  return {
    QueueUrl: queue.url,
    MessageBody: "$request.body",
    // A plain text, which no request can change: the reader holds the attributes against it. It also makes a standard
    // queue fair among the sources (AWS fact 3.15), and a FIFO queue keep the order of each.
    MessageGroupId: source.name,
    MessageAttributes: messageAttributes(source),
    // The request's own id, which no other request has: SQS drops nothing, and the history knows repetitions (AWS fact 3.7). An
    // id out of a header alone would let whoever guesses it make SQS drop the genuine webhook, and say 200 to it.
    ...(queue.fifo ? { MessageDeduplicationId: "$context.requestId" } : {}),
  };
}

/**
 * JSON as text, in which API Gateway fills in the braces (AWS fact 7.3). Whether it escapes what it fills in is not known, hence
 * the order: what stands in front of the first value of a sender's cannot be changed by any.
 */
function messageAttributes(source: HttpIngestSource): string {
  const gateway = [
    String(httpApiMessageVersion),
    source.name,
    // Names of HTTP APIs' variables:
    // docs.aws.amazon.com/apigateway/latest/developerguide/http-api-logging-variables.html
    filled("context.requestTimeEpoch"),
    filled("context.requestId"),
    filled("context.identity.sourceIp"),
    filled("context.path"),
  ].join(" ");
  return JSON.stringify({
    [gatewayAttribute]: text(gateway),
    ...carried(headerAttributePrefix, "request.header", carriedHeaders(source)),
    ...carried(queryAttributePrefix, "request.querystring", source.queryParameters ?? []),
  });
}

function carried(prefix: string, place: string, names: readonly string[]): Record<string, object> {
  return Object.fromEntries(
    names.map((name) => [`${prefix}${name}`, text(`${valueMark}${filled(`${place}.${name}`)}`)]),
  );
}

function text(value: string): { readonly DataType: string; readonly StringValue: string } {
  return { DataType: "String", StringValue: value };
}

function filled(expression: string): string {
  return `\${${expression}}`;
}
