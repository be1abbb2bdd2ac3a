import type { PutRecordCommandInput } from "@aws-sdk/client-kinesis";
import { sha256 } from "../envelope/sha256.js";
import type { TargetOf } from "../stage/targets.js";
import { maxAttempts, once, partsOfArn, requestHandler } from "./client.js";
import { commonErrors, type ErrorTable, keyErrors } from "./errors.js";
import { orderValue } from "./order-key.js";
import { handTo, type OpenTarget } from "./send.js";

/** docs.aws.amazon.com/kinesis/latest/APIReference/API_PutRecord.html#API_PutRecord_Errors */
export const streamErrors: ErrorTable = {
  ...commonErrors,
  InternalFailureException: { verdict: "wait", why: "the service has a fault" },
  InvalidArgumentException: {
    verdict: "invalid",
    why: "Kinesis does not take a value of the record, such as its size",
  },
  KMSAccessDeniedException: keyErrors.denied,
  KMSDisabledException: keyErrors.state,
  KMSInvalidStateException: keyErrors.state,
  KMSNotFoundException: keyErrors.missing,
  KMSOptInRequired: keyErrors.denied,
  KMSThrottlingException: keyErrors.throttled,
  ProvisionedThroughputExceededException: { verdict: "wait", why: "the stream's throughput is used up" },
  ResourceNotFoundException: { verdict: "mend", why: "there is no such stream" },
  ValidationException: {
    verdict: "invalid",
    why: "Kinesis does not take a value of the record, such as its size",
  },
};

/** docs.aws.amazon.com/kinesis/latest/APIReference/API_PutRecord.html */
const longestPartitionKey = 256;

/** Puts webhooks into a Kinesis data stream: `PutRecord`. */
export const openStream: OpenTarget<TargetOf<"stream">> = (definition, context) => {
  const { arn, partitionKey, maximumBytes } = definition;
  const { region, resource } = partsOfArn(arn);
  const connect = once(async () => {
    const [{ KinesisClient, PutRecordCommand }, { NodeHttpHandler }] = await Promise.all([
      import("@aws-sdk/client-kinesis"),
      import("@smithy/node-http-handler"),
    ]);
    // This client's own way is HTTP/2, whose handler has no limit for connecting. One record at a time does not need it.
    const client = new KinesisClient({
      region,
      requestHandler: new NodeHttpHandler(requestHandler),
      maxAttempts,
    });
    return { client, PutRecordCommand };
  });
  return handTo<PutRecordCommandInput & { readonly Data: Buffer }>(definition, context, {
    called: `the stream ${resource.replace("stream/", "")}`,
    mostBytes: maximumBytes,
    errors: streamErrors,
    request: (text, webhook) => {
      const key = orderValue(partitionKey, webhook, "partitionKey").toWellFormed();
      return {
        StreamARN: arn,
        PartitionKey: [...key].length > longestPartitionKey ? sha256(key) : key,
        Data: Buffer.from(text),
      };
    },
    sizeBytes: ({ Data, PartitionKey = "" }) => Data.length + Buffer.byteLength(PartitionKey),
    async send(request, options) {
      const { client, PutRecordCommand } = await connect();
      await client.send(new PutRecordCommand(request), options);
    },
  });
};
