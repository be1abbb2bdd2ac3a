import { z } from "zod";
import { defaultContentTypes } from "../providers/support/content-types.js";
import { providers } from "../providers/support/known.js";
import { defaultLogRetentionDays, logRetention, stageThrottling } from "./units.js";

const pathParts = z
  .string()
  .regex(
    /^[a-z0-9-]+(\/[a-z0-9-]+)*$/,
    "must be path parts of a-z, 0-9 and -, without a leading or trailing /",
  );

/** The segments of every path between the stage and the source's name. */
export const pathPrefix = pathParts.default("webhooks");

/** Prefixes that paths had before. They still answer. */
export const formerPathPrefixes = z.array(pathParts).default([]);

const stageName = z.string().regex(/^[A-Za-z0-9_-]{1,128}$/, "must be 1 to 128 letters, digits, _ or -");

const customDomain = z.strictObject({
  domainName: z.string().regex(/^([a-z0-9-]+\.)+[a-z]{2,}$/, "must be a domain such as hooks.example.com"),
  certificateArn: z
    .string()
    .regex(/^arn:aws[\w-]*:acm:/, "must be the ARN of an ACM certificate in the stack's Region"),
  basePath: z
    .string()
    .regex(/^[\w.-]+$/, "must be one path part without slashes")
    .optional(),
});

/** Settings of a REST API, which keeps every byte and all headers. */
export const restApiSchema = z.strictObject({
  kind: z.literal("rest").optional(),
  /** First segment of every path: the name of API Gateway's stage. */
  stageName: stageName.default("v1"),
  /** Stage names that paths began with before. They still answer. */
  formerStageNames: z.array(stageName).default([]),
  /** Segments of every path before the source's name. */
  pathPrefix,
  formerPathPrefixes,
  /** `bytes` keeps every byte. `text` lets the gateway check schemas, but loses bytes that are not UTF-8. */
  bodyMode: z.enum(["bytes", "text"]).default("bytes"),
  /** MIME types that are accepted instead of the default ones. Others get 415. */
  contentTypes: z
    .array(
      z.string().regex(/^[\w.+-]+\/[\w.+-]+$/, "must be a MIME type without parameters, such as text/csv"),
    )
    .min(1, "must name at least one type: leave it out for the default types")
    .default(defaultContentTypes(providers)),
  /** A custom domain: a certificate in this Region, and the API's base path. */
  customDomain: customDomain.optional(),
  /** Domains and base paths that the stage had before. They still answer. */
  formerCustomDomains: z.array(customDomain).default([]),
  /** WAF web ACL (regional) that requests must pass first. */
  webAclArn: z
    .string()
    .regex(/^arn:aws[\w-]*:wafv2:.*:regional\//, "must be the ARN of a regional WAF web ACL")
    .optional(),
  /** Requests above this get 429. The account's limit is 10,000 a second for the whole Region. */
  throttling: stageThrottling.prefault({}),
  accessLogRetentionDays: logRetention.default(defaultLogRetentionDays),
  /**
   * Whether the stack, as it is made, names a role by which API Gateway writes logs in the whole account and Region. AWS
   * refuses an access log without one. False where somebody else sets the account's role and wants it left alone.
   */
  ownsAccountLogging: z.boolean().default(true),
  existing: z
    .never("needs api.kind http: routes cannot be added to a REST API that is another stack's")
    .optional(),
});
