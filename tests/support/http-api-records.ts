import type { SQSRecord } from "aws-lambda";
import { type RecordOptions, sqsRecord } from "./sqs-events.js";

/** A record as an HTTP API's route makes it, with changes of its attributes; `undefined` takes one away. */
export function httpApiRecord(
  attributes: Readonly<Record<string, string | undefined>> = {},
  { body = '{"action":"opened"}', ...options }: RecordOptions & { readonly body?: string } = {},
): SQSRecord {
  const all = {
    webhook: "1 github 1767225600000 JKJaXFPLrQHFoBA= 140.82.115.1 /webhooks/github",
    "header.content-type": "=application/json",
    "header.x-github-delivery": "=72d3162e-cc78-11e3-81ab-4c9367dc0958",
    ...attributes,
  };
  return {
    ...sqsRecord(body, { group: "github", ...options }),
    messageAttributes: Object.fromEntries(
      Object.entries(all).flatMap(([name, stringValue]) =>
        stringValue === undefined
          ? []
          : [[name, { stringValue, stringListValues: [], binaryListValues: [], dataType: "String" }]],
      ),
    ),
  };
}
