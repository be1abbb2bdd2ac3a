import { z } from "zod";
import { formerPathPrefixes, pathPrefix } from "./rest-api.js";
import { defaultLogRetentionDays, logRetention, stageThrottling } from "./units.js";

/** A setting that only a REST API has. */
function onlyRest(why: string) {
  return z.never(`is not available with api.kind http: ${why}`).optional();
}

const stageName = z
  .string()
  .regex(/^(\$default|[A-Za-z0-9_-]{1,128})$/, "must be $default or 1 to 128 letters, digits, _ or -");

const existing = z
  .strictObject({
    id: z
      .string()
      .regex(/^[a-z0-9]{1,40}$/, "must be the id of an HTTP API such as a1b2c3d4e5")
      .optional(),
    name: z.string().min(1, "must not be empty").max(128, "must be at most 128 characters").optional(),
  })
  .transform(({ id, name }, context) => {
    if (id !== undefined && name === undefined) return { id };
    if (id === undefined && name !== undefined) return { name };
    context.addIssue({ code: "custom", message: "must have either the id or the name of an HTTP API" });
    return z.NEVER;
  });

/**
 * Settings of an HTTP API: cheaper, for text bodies and selected headers. docs/http-api.md lists what it cannot do.
 * These settings refuse all of that, so that nothing a stage asks for is silently missing.
 */
export const httpApiSchema = z
  .strictObject({
    kind: z.literal("http"),
    /** Adds the routes to another stack's API: `id`, or `name` in the stack's account and Region. */
    existing: existing.optional(),
    /** First segment of every path; `$default` adds none. With an existing API: the name of its stage. */
    stageName: stageName.default("$default"),
    /** Stage names that paths began with before. They still answer. */
    formerStageNames: z.array(stageName).default([]),
    pathPrefix,
    formerPathPrefixes,
    /** Requests above this are answered 429. Default: 1,000 a second, bursts of 2,000. */
    throttling: stageThrottling.optional(),
    /** Default: 30. */
    accessLogRetentionDays: logRetention.optional(),
    bodyMode: onlyRest("bodies reach the queue as text"),
    contentTypes: onlyRest("every content type is accepted"),
    customDomain: onlyRest("put a domain in front of an API of your own and name that API in api.existing"),
    formerCustomDomains: onlyRest("an HTTP API of this program never had one"),
    webAclArn: onlyRest("WAF does not protect HTTP APIs"),
    ownsAccountLogging: onlyRest("HTTP APIs write their access log without the account's role"),
  })
  .superRefine(({ existing, throttling, accessLogRetentionDays, formerStageNames }, context) => {
    if (existing === undefined) return;
    if (formerStageNames.length > 0) {
      const message = "belongs to the existing API: keep its old stage there";
      context.addIssue({ code: "custom", path: ["formerStageNames"], message });
    }
    for (const [key, value] of Object.entries({ throttling, accessLogRetentionDays })) {
      if (value === undefined) continue;
      context.addIssue({
        code: "custom",
        path: [key],
        message: "belongs to the existing API's stage: set it there",
      });
    }
  })
  .transform(({ existing, throttling, accessLogRetentionDays, ...door }) => ({
    kind: door.kind,
    stageName: door.stageName,
    formerStageNames: door.formerStageNames,
    pathPrefix: door.pathPrefix,
    formerPathPrefixes: door.formerPathPrefixes,
    api:
      existing === undefined
        ? {
            throttling: throttling ?? stageThrottling.parse({}),
            accessLogRetentionDays: accessLogRetentionDays ?? defaultLogRetentionDays,
          }
        : { existing },
  }));
