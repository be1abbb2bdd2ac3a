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
    MessageAttributes: messageAttributes(source),
    // The request's own unique id, so SQS drops nothing (AWS fact 3.7); the history recognises repetitions. With an id
    // from a header, anybody who guesses it could make SQS drop the genuine webhook and answer it 200.
    ...(queue.fifo ? { MessageDeduplicationId: "$context.requestId" } : {}),
  };
}

/**
 * JSON as text, in which API Gateway replaces the expressions in braces (AWS fact 7.3). It is not known whether it
 * escapes the values. So the values that must not change come first: no sender can change what is in front of its own
 * values.
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
