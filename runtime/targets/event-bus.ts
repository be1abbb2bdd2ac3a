import type { PutEventsRequestEntry } from "@aws-sdk/client-eventbridge";
import { InvalidWebhookError } from "../envelope/webhook.js";
import type { TargetOf } from "../stage/targets.js";
import { maxAttempts, once, partsOfArn, requestHandler } from "./client.js";
import { commonErrors, type ErrorTable, judge } from "./errors.js";
import { printable, unknownType } from "./format.js";
import { handTo, type OpenTarget } from "./send.js";

const refusedValue = "EventBridge does not take a value of the event";

/**
 * Codes of the request, and of its entry:
 * docs.aws.amazon.com/eventbridge/latest/APIReference/API_PutEventsResultEntry.html. What that page calls not retryable and
 * is about a permission is tried again here, because a person mends it.
 */
export const eventBusErrors: ErrorTable = {
  ...commonErrors,
  InternalException: { verdict: "wait", why: "the service has a fault" },
  InvalidAccountIdException: { verdict: "mend", why: "the event bus is in an account that does not exist" },
  InvalidArgument: { verdict: "invalid", why: refusedValue },
  LimitExceededException: { verdict: "wait", why: "a quota of EventBridge is used up" },
  MalformedDetail: { verdict: "invalid", why: "EventBridge cannot read its JSON" },
  NotAuthorizedForDetailTypeException: {
    verdict: "mend",
    why: "the event bus does not allow events of this type from the function's role",
  },
  NotAuthorizedForSourceException: {
    verdict: "mend",
    why: "the event bus does not allow events of this source from the function's role",
  },
  RedactionFailure: { verdict: "invalid", why: "EventBridge could not redact the event for CloudTrail" },
  ResourceNotFoundException: { verdict: "mend", why: "there is no such event bus" },
  ValidationException: { verdict: "invalid", why: refusedValue },
};

/** docs.aws.amazon.com/eventbridge/latest/APIReference/API_PutEventsRequestEntry.html */
const longestDetailType = 128;

/** The size of all entries is less than 1 MB: docs.aws.amazon.com/eventbridge/latest/userguide/eb-putevent-size.html */
const mostBytes = 1_048_575;

/** Puts webhooks on an EventBridge bus: `PutEvents` with one entry, whose answer is read. */
export const openEventBus: OpenTarget<TargetOf<"eventBus">> = (definition, context) => {
  const { region, resource } = partsOfArn(definition.arn);
  const called = `the event bus ${resource.replace("event-bus/", "")}`;
  const connect = once(async () => {
    const { EventBridgeClient, PutEventsCommand } = await import("@aws-sdk/client-eventbridge");
    return { client: new EventBridgeClient({ region, requestHandler, maxAttempts }), PutEventsCommand };
  });
  return handTo<PutEventsRequestEntry>(definition, context, {
    called,
    mostBytes,
    errors: eventBusErrors,
    request(Detail, { source, type = unknownType, receivedAt }) {
      const DetailType = printable(type);
      if (DetailType.length > longestDetailType) {
        throw new InvalidWebhookError(
          `its type has ${DetailType.length} characters, and EventBridge's detail-type at most ${longestDetailType}`,
        );
      }
      return {
        EventBusName: definition.arn,
        Source: `webhooks.${source}`,
        DetailType,
        Time: receivedAt,
        Detail,
      };
    },
    sizeBytes: ({ Source = "", DetailType = "", Detail = "" }) =>
      timeBytes + Buffer.byteLength(Source) + Buffer.byteLength(DetailType) + Buffer.byteLength(Detail),
    async send(entry, options) {
      const { client, PutEventsCommand } = await connect();
      const { Entries = [] } = await client.send(new PutEventsCommand({ Entries: [entry] }), options);
      for (const { ErrorCode, ErrorMessage } of Entries) {
        if (ErrorCode !== undefined)
          judge(called, eventBusErrors, { codes: [ErrorCode], message: ErrorMessage });
      }
    },
  });
};

/** What EventBridge counts for an entry's time. */
const timeBytes = 14;
