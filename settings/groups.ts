import { z } from "zod";
import { longestVisibilitySeconds } from "../runtime/batch/backoff.js";
import { logLevels } from "../runtime/stage/environment.js";
import { httpApiSchema } from "./http-api.js";
import { restApiSchema } from "./rest-api.js";
import { stageBackoffSchema } from "./retries/backoff.js";
import { stageBreakerSchema } from "./retries/breaker.js";
import { defaultLogRetentionDays, logRetention, wholeNumber } from "./units.js";

const frontDoor = z.discriminatedUnion("kind", [restApiSchema, httpApiSchema]);

/** The API that receives webhooks: a REST API unless `kind` is `http`. */
export const apiSchema = frontDoor.prefault({});

/** The API of the other kind that the stage had before. It still answers. */
export const formerApiSchema = frontDoor.optional();

/** Days for which the dead-letter queue keeps a webhook: the longest time that SQS allows. */
export const deadLetterRetentionDays = 14;

/** The queue and its dead-letter queue. */
export const queueSchema = z
  .strictObject({
    /** `fifo` keeps the order within each group (see a source's orderBy). */
    type: z.enum(["standard", "fifo"]).default("standard"),
    /** The type before it was changed. The queues of that type take nothing new and are still worked off. */
    formerType: z.enum(["standard", "fifo"]).optional(),
    /**
     * Deliveries of a failing webhook before it moves to the dead-letter queue. Together with `processor.backoff` it decides
     * for how long a webhook is tried. AWS advises at least 5 with Lambda.
     */
    maxReceiveCount: wholeNumber(1, 1_000, "deliveries").default(14),
    /**
     * How long an unprocessed webhook is kept. It keeps its age when it moves to the dead-letter queue, so this must be
     * less than the days there (AWS fact 3.11).
     */
    retentionDays: wholeNumber(1, deadLetterRetentionDays - 1, "days").default(7),
    /** How long a delivered webhook is hidden from other workers. Default: 6 × processor.timeoutSeconds + window. */
    visibilityTimeoutSeconds: wholeNumber(0, longestVisibilitySeconds, "seconds").optional(),
  })
  .prefault({});

/** The function leaves the VPC, whose network stays until Lambda has given its network interfaces back. */
const retiring = z.boolean().default(false);

const vpc = z.discriminatedUnion("kind", [
  z.strictObject({
    kind: z.literal("new"),
    retiring,
    cidrBlock: z
      .string()
      .regex(/^\d+\.\d+\.\d+\.\d+\/\d+$/, "must be a CIDR block such as 10.0.0.0/16")
      .default("10.0.0.0/16"),
    availabilityZones: wholeNumber(1, 6, "zones").default(2),
    /** A NAT gateway costs money while idle. Only a handler that calls the internet needs one. */
    natGateway: z.boolean().default(false),
  }),
  z.strictObject({
    kind: z.literal("existing"),
    retiring,
    subnetIds: z.array(z.string().regex(/^subnet-/, "must be a subnet id such as subnet-0abc")).min(1),
    securityGroupIds: z.array(z.string().regex(/^sg-/, "must be a security group id such as sg-0abc")).min(1),
  }),
]);

/** The function that processes the queue. */
export const processorSchema = z
  .strictObject({
    memoryMegabytes: wholeNumber(128, 10_240, "megabytes").default(512),
    timeoutSeconds: wholeNumber(1, 900, "seconds").default(30),
    /**
     * Most webhooks that the function gets at once: at most `concurrency`, and on a FIFO queue at most
     * `queue.maxReceiveCount`. Default: 10, or the most that these allow.
     */
    batchSize: wholeNumber(1, 10_000, "webhooks").optional(),
    batchWindowSeconds: wholeNumber(0, 300, "seconds").default(0),
    /** Instances of the function that run at the same time. */
    maxConcurrency: wholeNumber(2, 1_000, "functions").default(20),
    /** Webhooks of one batch that are handled at the same time. */
    concurrency: wholeNumber(1, 100, "webhooks").default(10),
    logLevel: z.enum(logLevels).default("INFO"),
    logRetentionDays: logRetention.default(defaultLogRetentionDays),
    /**
     * Counts outcomes by source too, besides by function. CloudWatch charges each outcome that a source has for each source,
     * about 0.30 US dollars a month (docs/alarms.md). Alarms do not need them, except for sources with `expectEveryMinutes`.
     */
    metricsBySource: z.boolean().default(true),
    /** Sends traces to X-Ray. */
    tracing: z.boolean().default(false),
    /** The delays before a failed webhook is delivered again. The defaults depend on the type of the queue. */
    backoff: stageBackoffSchema,
    /** When a target that fails for everybody is left alone. */
    breaker: stageBreakerSchema,
    /** Folder with the handler files `<source>.ts`, relative to the program's. Default: `runtime/handlers`, if it exists. */
    handlersFolder: z.string().min(1).optional(),
    /** Puts the function into a VPC. Off by default, because endpoints cost money while idle. */
    vpc: vpc.optional(),
  })
  .prefault({});

/** The table that keeps a record of every webhook. */
export const historySchema = z
  .strictObject({
    ttlDays: wholeNumber(1, 3_650, "days").default(90),
    pointInTimeRecovery: z.boolean().default(true),
    /**
     * Makes AWS itself refuse to delete the table, even by hand in the console. An overflow bucket that is not empty is
     * kept as well. To remove the stack then takes two updates. `protect` covers more resources.
     */
    deletionProtection: z.boolean().default(false),
    /**
     * Keeps payloads that are too large for an item in a bucket: above about 350 KB compressed, and above 4 KB of a webhook
     * that was rejected. Without a bucket such payloads are lost, or stay in the queue if the webhook is genuine and invalid.
     * `retiring` puts nothing new into the bucket, which stays for what is in it.
     */
    overflow: z.union([z.boolean(), z.literal("retiring")], "must be true, false or retiring").default(true),
    /** The time before `ttlDays` was made shorter. The bucket keeps its payloads for that long. */
    formerTtlDays: wholeNumber(1, 3_650, "days").optional(),
    /** `none` keeps only the body's hash and length, so nothing can be replayed. A source can override it. */
    keepPayload: z.enum(["all", "none"]).default("all"),
  })
  .prefault({});

/**
 * Key that encrypts the queue and the table. Topic, logs, secrets and the function's environment are encrypted with the
 * stack's own key in both cases.
 */
export const encryptionSchema = z.enum(["aws-managed", "customer-key"]).default("aws-managed");

/** Before `encryption` became aws-managed. What the key encrypted can still be read. */
export const formerEncryptionSchema = z
  .literal("customer-key", "must be customer-key: only what that key encrypted needs a permission to be read")
  .optional();

/**
 * Makes Pulumi refuse to delete or replace the resources that hold webhooks or are needed to read them: queues,
 * history, secrets, key. To remove a stack, set it to false and update first.
 */
export const protectSchema = z.boolean().default(true);

/**
 * One page in CloudWatch that shows the whole stage: docs/dashboard.md. AWS charges 3 USD a month for it, and for each further
 * stage's.
 */
export const dashboardSchema = z.boolean().default(true);

/** docs.aws.amazon.com/tag-editor/latest/userguide/tagging.html */
const mostTags = 50;

export const tagsSchema = z
  .record(
    z
      .string()
      .regex(
        /^(?!aws:)[\p{L}\p{Z}\p{N}_.:/=+@-]{1,128}$/iu,
        "must be 1 to 128 letters, digits, spaces and _ . : / = + - @, and not start with aws:",
      ),
    z
      .string()
      .regex(
        /^[\p{L}\p{Z}\p{N}_.:/=+@-]{0,256}$/u,
        "must be at most 256 letters, digits, spaces and _ . : / = + - @",
      ),
  )
  .refine((tags) => Object.keys(tags).length <= mostTags, {
    error: `must be at most ${mostTags} tags: AWS puts no more on a resource`,
  })
  .default({});
