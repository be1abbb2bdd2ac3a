import type { SendMessageCommandInput } from "@aws-sdk/client-sqs";
import type { TargetOf } from "../stage/targets.js";
import { maxAttempts, once, partsOfArn, requestHandler } from "./client.js";
import { commonErrors, type ErrorTable, keyErrors } from "./errors.js";
import { groupAndDeduplication, messageAttributes, messageBytes } from "./message.js";
import { handTo, type OpenTarget } from "./send.js";

/** docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SendMessage.html#API_SendMessage_Errors */
export const queueErrors: ErrorTable = {
  ...commonErrors,
  InvalidMessageContents: { verdict: "invalid", why: "it has characters that SQS does not take" },
  InvalidParameterValue: {
    verdict: "invalid",
    why: "SQS does not take a value of the message, such as its size",
  },
  InvalidParameterValueException: {
    verdict: "invalid",
    why: "SQS does not take a value of the message, such as its size",
  },
  InvalidAddress: { verdict: "mend", why: "the queue's address is wrong" },
  InvalidSecurity: { verdict: "mend", why: "the request was not signed as SQS expects it" },
  KmsAccessDenied: keyErrors.denied,
  KmsDisabled: keyErrors.state,
  KmsInvalidKeyUsage: keyErrors.state,
  KmsInvalidState: keyErrors.state,
  KmsNotFound: keyErrors.missing,
  KmsOptInRequired: keyErrors.denied,
  KmsThrottled: keyErrors.throttled,
  MissingParameter: { verdict: "mend", why: "the queue is FIFO, but its ARN does not say so" },
  QueueDoesNotExist: {
    verdict: "mend",
    why: "there is no such queue, or the queue's policy does not let the role see it",
  },
  RequestThrottled: { verdict: "wait", why: "requests are throttled" },
  UnsupportedOperation: { verdict: "mend", why: "the queue does not do this" },
};

/** Hands webhooks to an SQS queue: `SendMessage`. */
export const openQueue: OpenTarget<TargetOf<"queue">> = (definition, context) => {
  const { arn, messageGroup, maximumBytes } = definition;
  const { partition, region, account, resource: name } = partsOfArn(arn);
  const fifo = name.endsWith(".fifo");
  const connect = once(async () => {
    const { SendMessageCommand, SQSClient } = await import("@aws-sdk/client-sqs");
    // The endpoint is the Region's. SQS reads only account and queue from a queue's URL.
    const client = new SQSClient({ region, requestHandler, maxAttempts, useQueueUrlAsEndpoint: false });
    return { client, SendMessageCommand };
  });
  const QueueUrl = `https://sqs.${region}.${dnsSuffixes[partition] ?? "amazonaws.com"}/${account}/${name}`;
  return handTo<SendMessageCommandInput>(definition, context, {
    called: `the queue ${name}`,
    mostBytes: maximumBytes,
    errors: queueErrors,
    request: (MessageBody, webhook) => ({
      QueueUrl,
      MessageBody,
      MessageAttributes: messageAttributes(webhook),
      ...groupAndDeduplication(webhook, { fifo, messageGroup }),
    }),
    sizeBytes: ({ MessageBody = "", MessageAttributes = {} }) =>
      messageBytes(MessageBody, MessageAttributes as ReturnType<typeof messageAttributes>),
    async send(request, options) {
      const { client, SendMessageCommand } = await connect();
      await client.send(new SendMessageCommand(request), options);
    },
  });
};

/** github.com/boto/botocore/blob/develop/botocore/data/partitions.json */
const dnsSuffixes: Readonly<Record<string, string>> = {
  "aws-cn": "amazonaws.com.cn",
  "aws-iso": "c2s.ic.gov",
  "aws-iso-b": "sc2s.sgov.gov",
  "aws-iso-e": "cloud.adc-e.uk",
  "aws-iso-f": "csp.hci.ic.gov",
  "aws-eusc": "amazonaws.eu",
};
