import { isIP } from "node:net";
import { z } from "zod";
import { invocationTimes } from "../runtime/batch/deadline.js";
import { forwardUrlProblem } from "../runtime/forward/url.js";
import { isPublicAddress } from "../runtime/network/address-guard.js";
import { sensitiveHeaders } from "../runtime/signatures/sensitive.js";
import {
  type ForwardDefinition,
  forwardSecretName,
  type JsonSchema,
  type RedactedPath,
  type RouteTarget,
  type SourceDefinition,
} from "../runtime/stage/definition.js";
import { isConnectionHeader } from "../runtime/targets/passed-headers.js";
import { redactionProblem } from "./events/redaction.js";
import { filterSchema, readsEventType } from "./filters/filter.js";
import { schemaProblems } from "./json-schema.js";
import { eventTypeLocator, isHeaderName, isRedactedPath } from "./places.js";
import { sourceBackoffSchema } from "./retries/backoff.js";
import { wholeNumber } from "./units.js";
import { withoutUndefined } from "./without-undefined.js";

const redactedPath = z.custom<RedactedPath>(
  isRedactedPath,
  "must be json:<path>, such as json:customer.email or json:items.*.email",
);

/** A handler's file name without `.ts`, or `forward` or `record`, which are not files. */
const routeTarget = z
  .string()
  .regex(
    /^[a-z0-9-]+$/,
    "must be forward, record, or the name of a handler file, such as orders for orders.ts",
  )
  .transform((to): RouteTarget => (to === "forward" || to === "record" ? to : { handler: to }));

const schema = z.record(z.string(), z.unknown()).superRefine((value, context) => {
  for (const { path, message } of schemaProblems(value)) {
    context.addIssue({ code: "custom", path: [...path], message });
  }
});

/** How webhooks are forwarded to an HTTP endpoint. */
export const forwardSchema = z
  .strictObject({
    /**
     * Where webhooks are sent. `{header:name}` and `{json:path}` in path and query stand for the webhook's own values.
     */
    url: z.string(),
    /** How long a request may take, including the answer's body. */
    timeoutSeconds: wholeNumber(1, 890, "seconds").default(10),
    /** Statuses after which a webhook is kept as invalid instead of being retried. */
    permanentStatuses: z.array(wholeNumber(400, 599)).default([410]),
    /** Added to each request. They are plain text in the stack's state. */
    headers: z.record(z.string(), z.string()).optional(),
    /** Passes on authorization, cookies and API keys as the sender sent them. */
    passSecretHeaders: z.boolean().default(false),
    /** Sends CloudEvents: `cloudevents` has the event as the body, `cloudevents-binary` its attributes as headers. */
    format: z.enum(["cloudevents", "cloudevents-binary"]).optional(),
    /** Signs each request with a separate secret, in the form that Standard Webhooks libraries check. */
    signing: z.enum(["standard-webhooks"]).optional(),
    /** Allows private addresses, and http:// URLs. */
    allowPrivateNetwork: z.boolean().default(false),
  })
  .superRefine(({ url, headers = {}, allowPrivateNetwork }, context) => {
    const problem =
      forwardUrlProblem(url, allowPrivateNetwork) ?? privateHostProblem(url, allowPrivateNetwork);
    if (problem !== undefined) context.addIssue({ code: "custom", path: ["url"], message: problem });
    for (const [name, value] of Object.entries(headers)) {
      const message = extraHeaderProblem(name, value);
      if (message !== undefined) context.addIssue({ code: "custom", path: ["headers", name], message });
    }
  });

/** What the function does with a source's webhooks: the part of a source's settings that `resolveProcessing` takes. */
export const processingShape = {
  /** Replaces `processor.backoff` for this source. */
  backoff: sourceBackoffSchema,
  /** Where the type of the event stands. Default: what is known of the source's provider. */
  eventType: eventTypeLocator.optional(),
  /** Which webhooks are handled, by their type or by their values. Others are recorded as ignored. */
  filter: filterSchema.optional(),
  /** Which handler gets which event type: `push: deployments`, `issues.*: tickets`, `default: record`. */
  routes: z
    .record(z.string().min(1, "must name a type of event"), routeTarget)
    .refine((routes) => Object.keys(routes).length > 0, { error: "must have at least one route" })
    .optional(),
  /** The HTTP endpoint that webhooks are forwarded to if no handler file takes them. */
  forward: forwardSchema.optional(),
  /** JSON schema of bodies. A webhook that does not fit is kept as invalid. */
  schema: schema.optional(),
  /** Values of JSON bodies that the history must not keep. */
  redact: z.array(redactedPath).min(1, "must name at least one value: leave it out instead").optional(),
  /** Replaces `history.keepPayload` for this source. */
  keepPayload: z.enum(["all", "none"]).optional(),
};

/** The part of a source's parsed settings that is read here. */
type Processing = z.output<z.ZodObject<typeof processingShape>>;

/** A problem in a source's settings, with its path. */
export interface ProcessingProblem {
  readonly path: readonly (string | number)[];
  readonly message: string;
}

/**
 * Problems between settings that depend on each other.
 *
 * @param source with the event type, the event id and the signature that its provider brings
 */
export function processingProblems({
  filter,
  routes,
  forward,
  redact = [],
  ...source
}: Processing & Pick<SourceDefinition, "eventId" | "signature">): ProcessingProblem[] {
  const { eventType } = source;
  const problems: ProcessingProblem[] = [];
  const readers = { filter: filter !== undefined && readsEventType(filter), routes: routes !== undefined };
  for (const [key, reads] of Object.entries(readers)) {
    if (reads && eventType === undefined) {
      const message = "needs eventType: it is not known where this source puts the event type";
      problems.push({ path: [key], message });
    }
  }
  for (const [type, to] of Object.entries(routes ?? {})) {
    if (to !== "forward" || forward !== undefined) continue;
    problems.push({
      path: ["routes", type],
      message: "routes to forward, but the source has no forward setting",
    });
  }
  for (const [index, path] of redact.entries()) {
    const message = redactionProblem(path, source);
    if (message !== undefined) problems.push({ path: ["redact", index], message });
  }
  return problems;
}

/**
 * Problems between a source's settings and the stage's.
 *
 * @param names the names of all sources
 */
export function stageProblems(
  { name, rememberedAs = name, forward }: Pick<SourceDefinition, "name" | "rememberedAs" | "forward">,
  { names, timeoutSeconds }: { readonly names: readonly string[]; readonly timeoutSeconds: number },
): ProcessingProblem[] {
  const problems: ProcessingProblem[] = [];
  const message = forward && waitingProblem(forward.timeoutSeconds, timeoutSeconds);
  if (message !== undefined) problems.push({ path: ["forward", "timeoutSeconds"], message });
  for (const secret of new Set([name, rememberedAs].map(forwardSecretName))) {
    if (forward?.signing === undefined || !names.includes(secret)) continue;
    const message = `needs a secret named ${secret}, but another source has that name`;
    problems.push({ path: ["forward", "signing"], message });
  }
  return problems;
}

/**
 * The problem with a request's time, of which there must certainly be enough at the beginning of an invocation. Undefined: there
 * is none.
 *
 * @param seconds for which an answer is waited
 * @param timeoutSeconds of the function
 */
export function waitingProblem(seconds: number, timeoutSeconds: number): string | undefined {
  const most = Math.floor(timeoutSeconds - invocationTimes(timeoutSeconds).lastStart / 1000);
  if (seconds <= most) return undefined;
  return (
    `must be at most ${most} with processor.timeoutSeconds ${timeoutSeconds}: a request that could not be waited for to its ` +
    `end is not sent, and the function needs the other ${timeoutSeconds - most} s before and after it`
  );
}

/** A source's processing in the form that the function gets. Absent settings stay absent. */
export function resolveProcessing(
  parsed: Processing,
): Omit<SourceDefinition, "name" | "signature" | "eventId"> {
  const { backoff, eventType, schema, redact, keepPayload, filter, routes, forward } = parsed;
  return withoutUndefined({
    backoff,
    eventType,
    schema: schema as JsonSchema | undefined,
    redact,
    keepPayload,
    filter,
    routes: routes && resolveRoutes(routes),
    forward: forward && resolveForward(forward),
  });
}

/** Forwarding in the form that the function gets. */
export function resolveForward(parsed: z.output<typeof forwardSchema>): ForwardDefinition {
  const { url, timeoutSeconds, permanentStatuses, headers, passSecretHeaders, signing, format } = parsed;
  const { allowPrivateNetwork } = parsed;
  return {
    url,
    timeoutSeconds,
    permanentStatuses,
    passSecretHeaders,
    allowPrivateNetwork,
    ...withoutUndefined({ headers, signing, format }),
  };
}

function resolveRoutes(routes: Readonly<Record<string, RouteTarget>>): SourceDefinition["routes"] {
  const { default: otherwise, ...byEventType } = routes;
  return {
    byEventType: Object.entries(byEventType).map(([match, to]) => ({ match, to })),
    ...(otherwise === undefined ? {} : { otherwise }),
  };
}

function extraHeaderProblem(name: string, value: string): string | undefined {
  const lowerCase = name.toLowerCase();
  if (!isHeaderName(name)) return "must be the name of a header";
  if (!/^[\x20-\x7e]*$/.test(value)) return "must be of printable ASCII characters";
  if (isConnectionHeader(lowerCase)) return "cannot be set: it belongs to the connection";
  if (lowerCase.startsWith("webhook-")) return "cannot be set: the pipeline sets it";
  if (sensitiveHeaders({ kind: "none" }).has(lowerCase)) {
    return "would be plain text in the stack's state: use signing to prove who forwards";
  }
  return undefined;
}

/** What the function would find out at each webhook, as far as the URL alone tells it. */
function privateHostProblem(url: string, allowPrivateNetwork: boolean): string | undefined {
  const { hostname } = forwardTarget(url);
  const address = hostname.replace(/^\[(.*)\]$/, "$1");
  const isPrivate = /(^|\.)localhost$/.test(address) || (isIP(address) !== 0 && !isPublicAddress(address));
  if (allowPrivateNetwork || !isPrivate) return undefined;
  return `leads to ${address}, which is no address of the internet: set allowPrivateNetwork if webhooks may go there`;
}

/** Where a forwarding URL leads; its placeholders stand in path and query alone. */
export function forwardTarget(url: string): { readonly hostname: string; readonly port: number } {
  const { hostname, port, protocol } = new URL(url.replaceAll(/\{[^{}]*\}/g, "x"));
  return { hostname, port: port === "" ? (protocol === "http:" ? 80 : 443) : Number(port) };
}
