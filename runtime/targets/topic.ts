import type { PublishCommandInput } from "@aws-sdk/client-sns";
import type { TargetOf } from "../stage/targets.js";
import { maxAttempts, once, partsOfArn, requestHandler } from "./client.js";
import { commonErrors, type ErrorTable, keyErrors } from "./errors.js";
import { groupAndDeduplication, messageAttributes, messageBytes } from "./message.js";
import { handTo, type OpenTarget } from "./send.js";

const refusedValue = "SNS does not take a value of the message, such as its size";

/** docs.aws.amazon.com/sns/latest/api/API_Publish.html#API_Publish_Errors */
export const topicErrors: ErrorTable = {
  ...commonErrors,
  AuthorizationError: {
    verdict: "mend",
    why: "the function's role or the topic's policy does not allow it",
  },
  EndpointDisabled: { verdict: "mend", why: "the endpoint is disabled" },
  InternalError: { verdict: "wait", why: "the service has a fault" },
  InvalidParameter: { verdict: "invalid", why: refusedValue },
  ParameterValueInvalid: { verdict: "invalid", why: refusedValue },
  InvalidSecurity: { verdict: "mend", why: "the request was not signed as SNS expects it" },
  KMSAccessDenied: keyErrors.denied,
  KMSDisabled: keyErrors.state,
  KMSInvalidState: keyErrors.state,
  KMSNotFound: keyErrors.missing,
  KMSOptInRequired: keyErrors.denied,
  KMSThrottling: keyErrors.throttled,
  NotFound: { verdict: "mend", why: "there is no such topic" },
  PlatformApplicationDisabled: { verdict: "mend", why: "the platform application is disabled" },
  Throttled: { verdict: "wait", why: "requests are throttled" },
  ValidationException: { verdict: "invalid", why: refusedValue },
};

/** Publishes webhooks to an SNS topic: `Publish`. */
export const openTopic: OpenTarget<TargetOf<"topic">> = (definition, context) => {
  const { arn, messageGroup, maximumBytes } = definition;
  const { region, resource: name } = partsOfArn(arn);
  const fifo = name.endsWith(".fifo");
  const connect = once(async () => {
    const { PublishCommand, SNSClient } = await import("@aws-sdk/client-sns");
    return { client: new SNSClient({ region, requestHandler, maxAttempts }), PublishCommand };
  });
  return handTo<PublishCommandInput>(definition, context, {
    called: `the topic ${name}`,
    mostBytes: maximumBytes,
    errors: topicErrors,
    request: (Message, webhook) => ({
      TopicArn: arn,
      Message,
      MessageAttributes: messageAttributes(webhook),
      ...groupAndDeduplication(webhook, { fifo, messageGroup }),
    }),
    sizeBytes: ({ Message = "", MessageAttributes = {} }) =>
      messageBytes(Message, MessageAttributes as ReturnType<typeof messageAttributes>),
    async send(request, options) {
      const { client, PublishCommand } = await connect();
      await client.send(new PublishCommand(request), options);
    },
  });
};
