import { z } from "zod";
import { arnOf } from "../targets/arns.js";
import { wholeNumber } from "../units.js";

const percent = z
  .number("must be a number of percent from 0.01 to 100")
  .min(0.01, "must be a number of percent from 0.01 to 100")
  .max(100, "must be a number of percent from 0.01 to 100");

const uuid = z
  .string()
  .regex(
    /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i,
    "must be an id such as 01234567-89ab-cdef-0123-456789abcdef",
  );

function slackId(first: string) {
  return z
    .string()
    .regex(new RegExp(`^[${first}][A-Z0-9]{5,}$`), `must be an id such as ${first.charAt(0)}0123ABCDEF`);
}

/** Who is told of alarms. */
const receivers = {
  /** AWS asks each address to confirm its subscription. */
  email: z.array(z.email("must be an e-mail address")).default([]),
  /** Endpoints that take SNS notifications over HTTPS. */
  https: z.array(z.url({ protocol: /^https$/, error: "must be an https:// URL" })).default([]),
  /** SNS topics that exist already. Their policies and keys must let CloudWatch publish. */
  topicArns: z.array(arnOf("topic")).default([]),
  /** Slack channels, through Amazon Q Developer, which an administrator must have let into the workspace: docs/alarms.md. */
  slack: z.array(z.strictObject({ workspaceId: slackId("T"), channelId: slackId("CG") })).default([]),
  /** Microsoft Teams channels, in the same way. */
  teams: z.array(z.strictObject({ teamId: uuid, tenantId: uuid, channelId: z.string().min(1) })).default([]),
};

/** Who gets alarms, and at which thresholds: docs/alarms.md. */
export const alarmsSchema = z
  .strictObject({
    ...receivers,
    /**
     * Who is woken. Alarms that page then go to a topic of their own, and to nobody named above. Default: those above get
     * all alarms.
     */
    page: z
      .strictObject({
        ...receivers,
        /** An alarm of yours that is on during deployments, when nobody is to be woken for webhooks at risk. */
        suppressor: z
          .strictObject({
            /** Name or ARN. */
            alarm: z.string().min(1).max(1_600),
            /** Time to wait for that alarm before the page goes out. */
            waitSeconds: wholeNumber(1, 3_600, "seconds").default(60),
            /** Time after that alarm in which nobody is woken yet. */
            extensionSeconds: wholeNumber(1, 3_600, "seconds").default(180),
          })
          .optional(),
      })
      .optional(),
    /** Sends a webhook of its own through the whole pipeline, again and again: docs/alarms.md. */
    canary: z
      .strictObject({
        /** Name of the source that takes it: one with `signature: { scheme: token, header: … }` and without a handler. */
        source: z.string().min(1),
        everyMinutes: wholeNumber(1, 60, "minutes").default(5),
      })
      .optional(),
    /** URL of the team's instructions, which every alarm's description names. Default: this repository's runbook. */
    runbookUrl: z.url("must be a URL").optional(),
    /** Webhooks in the dead-letter queue. */
    deadLetters: wholeNumber(1, 1_000_000, "webhooks").default(1),
    /**
     * Age of the oldest webhook in the queue. Default: 900, or more where webhooks that fail get older than that while they
     * are tried as planned.
     */
    oldestMessageSeconds: wholeNumber(60, 1_209_600, "seconds").optional(),
    /** Failed invocations of the function in five minutes. */
    functionErrors: wholeNumber(1, 1_000_000, "errors").default(1),
    /** Throttled invocations of the function in five minutes. */
    functionThrottles: wholeNumber(1, 1_000_000, "throttles").default(1),
    /** Failed attempts at a webhook in five minutes, if they are also `failedAttemptPercent`. */
    failedAttempts: wholeNumber(1, 1_000_000, "attempts").default(10),
    /** Of all deliveries of the queue in these five minutes. */
    failedAttemptPercent: percent.default(1),
    /** Webhooks rejected for their signature in five minutes, if they are also `rejectedWebhookPercent`. */
    rejectedWebhooks: wholeNumber(1, 1_000_000, "webhooks").default(10),
    /** Of all webhooks that left the queue in these five minutes. */
    rejectedWebhookPercent: percent.default(1),
    /** Webhooks whose body is not as the schema or the handler asks, in five minutes. */
    invalidWebhooks: wholeNumber(1, 1_000_000, "webhooks").default(1),
    /** Webhooks that had no try in a delivery, in five minutes of two in three. */
    untriedWebhooks: wholeNumber(1, 1_000_000, "webhooks").default(10),
    /** Requests to the history that DynamoDB throttled, in five minutes of two in three. */
    throttledRequests: wholeNumber(1, 1_000_000, "requests").default(1),
    /** Requests answered 5xx in five minutes. */
    serverErrors: wholeNumber(1, 1_000_000, "requests").default(1),
    /** Requests answered 5xx of all requests in a minute, three times in a row. */
    serverErrorPercent: percent.default(5),
    /** Requests answered 4xx in five minutes, if they are also `clientErrorPercent`. */
    clientErrors: wholeNumber(1, 1_000_000, "requests").default(100),
    /** Of all requests in these five minutes. */
    clientErrorPercent: percent.default(5),
  })
  .prefault({});
