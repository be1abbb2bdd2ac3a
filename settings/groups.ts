import { z } from "zod";
import { logLevels } from "../runtime/environment.js";
import { logRetention, wholeNumber } from "./units.js";

/** The front door. */
export const apiSchema = z
  .strictObject({
    /** First part of every path, as API Gateway's stage. */
    stageName: z
      .string()
      .regex(/^[A-Za-z0-9_-]{1,128}$/, "must be 1 to 128 letters, digits, _ or -")
      .default("v1"),
    /** Second part of every path, before the source's name. */
    pathPrefix: z
      .string()
      .regex(
        /^[a-z0-9-]+(\/[a-z0-9-]+)*$/,
        "must be path parts of a-z, 0-9 and -, without a leading or trailing /",
      )
      .default("webhooks"),
    /** `bytes` keeps every byte; `text` lets the gateway check schemas, and loses bytes that are not UTF-8. */
    bodyMode: z.enum(["bytes", "text"]).default("bytes"),
    /** MIME types that are accepted, instead of the usual ones; others are answered 415. */
    contentTypes: z
      .array(
        z.string().regex(/^[\w.+-]+\/[\w.+-]+$/, "must be a MIME type without parameters, such as text/csv"),
      )
      .min(1, "must name at least one type: leave it out for the usual ones")
      .optional(),
    /** A domain of one's own: a certificate in this Region, and the path the API stands under. */
    customDomain: z
      .strictObject({
        domainName: z
          .string()
          .regex(/^([a-z0-9-]+\.)+[a-z]{2,}$/, "must be a domain such as hooks.example.com"),
        certificateArn: z
          .string()
          .regex(/^arn:aws[\w-]*:acm:/, "must be the ARN of an ACM certificate in the stack's Region"),
        basePath: z
          .string()
          .regex(/^[\w.-]+$/, "must be one path part without slashes")
          .optional(),
      })
      .optional(),
    /** WAF web ACL (regional) that requests must pass first. */
    webAclArn: z
      .string()
      .regex(/^arn:aws[\w-]*:wafv2:.*:regional\//, "must be the ARN of a regional WAF web ACL")
      .optional(),
    /** Requests above this are answered 429; the account's own limit is 10,000 a second for the whole Region. */
    throttling: z
      .strictObject({
        requestsPerSecond: wholeNumber(1, 10_000, "requests a second").default(1_000),
        burst: wholeNumber(1, 5_000, "requests").default(2_000),
      })
      .prefault({}),
    accessLogRetentionDays: logRetention.default(30),
    /**
     * True if this stack sets the role by which API Gateway writes logs in the whole account and Region. AWS knows one
     * such role only, so one stack may own it, and one of them must before any access log works.
     */
    ownsAccountLogging: z.boolean().default(false),
  })
  .prefault({});

/** The queue and its dead-letter queue. */
export const queueSchema = z
  .strictObject({
    /** `fifo` keeps the order within each group (see a source's orderBy). Changing it replaces the queues. */
    type: z.enum(["standard", "fifo"]).default("standard"),
    /** Deliveries of a failing webhook before it waits in the dead-letter queue. AWS advises at least 5 with Lambda. */
    maxReceiveCount: wholeNumber(1, 1_000, "deliveries").default(5),
    /** How long an unprocessed webhook waits; must be less than the dead-letter queue's 14 days. */
    retentionDays: wholeNumber(1, 13, "days").default(7),
    /** How long a delivered webhook is hidden from other workers. Default: 6 × processor.timeoutSeconds + window. */
    visibilityTimeoutSeconds: wholeNumber(0, 43_200, "seconds").optional(),
  })
  .prefault({});

const vpc = z.discriminatedUnion("kind", [
  z.strictObject({
    kind: z.literal("new"),
    cidrBlock: z
      .string()
      .regex(/^\d+\.\d+\.\d+\.\d+\/\d+$/, "must be a CIDR block such as 10.0.0.0/16")
      .default("10.0.0.0/16"),
    availabilityZones: wholeNumber(1, 6, "zones").default(2),
    /** A NAT gateway costs money while idle; only a handler that calls the internet needs one. */
    natGateway: z.boolean().default(false),
  }),
  z.strictObject({
    kind: z.literal("existing"),
    subnetIds: z.array(z.string().regex(/^subnet-/, "must be a subnet id such as subnet-0abc")).min(1),
    securityGroupIds: z.array(z.string().regex(/^sg-/, "must be a security group id such as sg-0abc")).min(1),
  }),
]);

/** The function that works the queue off. */
export const processorSchema = z
  .strictObject({
    memoryMegabytes: wholeNumber(128, 10_240, "megabytes").default(512),
    timeoutSeconds: wholeNumber(1, 900, "seconds").default(30),
    batchSize: wholeNumber(1, 10_000, "webhooks").default(10),
    batchWindowSeconds: wholeNumber(0, 300, "seconds").default(0),
    /** Functions at work at the same time. */
    maxConcurrency: wholeNumber(2, 1_000, "functions").default(20),
    /** Webhooks of one batch worked on at the same time. */
    concurrency: wholeNumber(1, 100, "webhooks").default(10),
    logLevel: z.enum(logLevels).default("INFO"),
    logRetentionDays: logRetention.default(30),
    /** Sends traces to X-Ray. */
    tracing: z.boolean().default(false),
    /** A failed webhook comes back after a random time up to min(maxSeconds, baseSeconds × 2^(deliveries − 1)). */
    backoff: z
      .strictObject({
        baseSeconds: wholeNumber(1, 900, "seconds").default(10),
        maxSeconds: wholeNumber(1, 43_200, "seconds").default(900),
      })
      .prefault({}),
    /** Folder, from the project's root, whose `<source>.ts` files handle webhooks. */
    handlersFolder: z.string().min(1).default("runtime/handlers"),
    /** Places the function in a VPC. Off by default: endpoints cost money while idle. */
    vpc: vpc.optional(),
  })
  .prefault({});

/** The table that remembers every webhook. */
export const historySchema = z
  .strictObject({
    ttlDays: wholeNumber(1, 3_650, "days").default(90),
    pointInTimeRecovery: z.boolean().default(true),
    /** Also lets the overflow bucket be deleted only when it is empty. */
    deletionProtection: z.boolean().default(true),
    /** Keeps payloads that are too large for an item (about 350 KB compressed) in a bucket. */
    overflow: z.boolean().default(false),
  })
  .prefault({});

/** Who is told of trouble, and when. */
export const alarmsSchema = z
  .strictObject({
    /** Each address is asked by AWS to confirm its subscription. */
    email: z.array(z.email("must be an e-mail address")).default([]),
    /** Endpoints that take SNS notifications over HTTPS. */
    https: z.array(z.url({ protocol: /^https$/, error: "must be an https:// URL" })).default([]),
    /** Where the team keeps its instructions; named in every alarm. */
    runbookUrl: z.url("must be a URL").optional(),
    /** Webhooks in the dead-letter queue. */
    deadLetters: wholeNumber(1, 1_000_000, "webhooks").default(1),
    /** Age of the oldest webhook in the queue. */
    oldestMessageSeconds: wholeNumber(60, 1_209_600, "seconds").default(900),
    /** Failed runs of the function in five minutes. */
    functionErrors: wholeNumber(1, 1_000_000, "errors").default(1),
    /** Throttled runs of the function in five minutes. */
    functionThrottles: wholeNumber(1, 1_000_000, "throttles").default(1),
    /** Failed attempts at a webhook in five minutes. */
    failedAttempts: wholeNumber(1, 1_000_000, "attempts").default(10),
    /** Webhooks rejected for their signature in five minutes. */
    rejectedWebhooks: wholeNumber(1, 1_000_000, "webhooks").default(10),
    /** Requests answered 5xx in five minutes. */
    serverErrors: wholeNumber(1, 1_000_000, "requests").default(1),
    /** Requests answered 4xx in five minutes. */
    clientErrors: wholeNumber(1, 1_000_000, "requests").default(100),
  })
  .prefault({});

/**
 * Key that encrypts the queue and the table. Topic, logs, secrets and the function's environment are encrypted with the
 * stack's own key in any case.
 */
export const encryptionSchema = z.enum(["aws-managed", "customer-key"]).default("aws-managed");

export const tagsSchema = z
  .record(
    z.string().regex(/^(?!aws:).{1,128}$/, "must be 1 to 128 characters and not start with aws:"),
    z.string().max(256, "must be at most 256 characters"),
  )
  .default({});
