import type { PutRecordCommandInput } from "@aws-sdk/client-firehose";
import type { TargetOf } from "../stage/targets.js";
import { maxAttempts, once, partsOfArn, requestHandler } from "./client.js";
import { commonErrors, type ErrorTable } from "./errors.js";
import { handTo, type OpenTarget } from "./send.js";

/** docs.aws.amazon.com/firehose/latest/APIReference/API_PutRecord.html#API_PutRecord_Errors */
export const firehoseErrors: ErrorTable = {
  ...commonErrors,
  InvalidArgumentException: {
    verdict: "invalid",
    why: "Firehose does not take a value of the record, such as its size",
  },
  InvalidKMSResourceException: { verdict: "mend", why: "Firehose cannot use the KMS key of the stream" },
  InvalidSourceException: { verdict: "mend", why: "the stream takes only what CloudWatch Logs sends" },
  ResourceNotFoundException: { verdict: "mend", why: "there is no such Firehose stream" },
  ServiceUnavailableException: {
    verdict: "wait",
    why: "the stream's throughput is used up, or the service has a fault",
  },
  ValidationException: {
    verdict: "invalid",
    why: "Firehose does not take a value of the record, such as its size",
  },
};

/** Largest record in bytes, before base64: docs.aws.amazon.com/firehose/latest/APIReference/API_PutRecord.html */
const mostBytes = 1_024_000;

/**
 * Puts webhooks into a Firehose stream: `PutRecord`. Each ends with a line break, because Firehose puts records together
 * without anything between them.
 */
export const openFirehose: OpenTarget<TargetOf<"firehose">> = (definition, context) => {
  const { region, resource } = partsOfArn(definition.arn);
  const DeliveryStreamName = resource.replace("deliverystream/", "");
  const connect = once(async () => {
    const { FirehoseClient, PutRecordCommand } = await import("@aws-sdk/client-firehose");
    return { client: new FirehoseClient({ region, requestHandler, maxAttempts }), PutRecordCommand };
  });
  return handTo<PutRecordCommandInput & { readonly Record: { readonly Data: Buffer } }>(definition, context, {
    called: `the Firehose stream ${DeliveryStreamName}`,
    mostBytes,
    errors: firehoseErrors,
    request: (text) => ({ DeliveryStreamName, Record: { Data: Buffer.from(`${text}\n`) } }),
    sizeBytes: ({ Record: { Data } }) => Data.length,
    async send(request, options) {
      const { client, PutRecordCommand } = await connect();
      await client.send(new PutRecordCommand(request), options);
    },
  });
};
