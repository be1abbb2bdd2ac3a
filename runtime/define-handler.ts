import { InvalidWebhookError, type Webhook } from "./envelope/webhook.js";
import { describeProblems } from "./routing/problems.js";
import type { Log } from "./telemetry/log.js";

export { InvalidWebhookError, type Webhook, type WebhookValues } from "./envelope/webhook.js";
export { RetryLaterError } from "./routing/retry-later.js";
export type { Log, LogFields } from "./telemetry/log.js";

/** What a handler may use besides the webhook. */
export interface HandlerContext {
  /**
   * Fires shortly before the function's time is up; the webhook then counts as failed. Hand it to whatever the handler
   * waits for (`fetch(url, { signal })`): work that goes on regardless may finish beside the next try.
   */
  readonly signal: AbortSignal;
  /** Milliseconds left for this webhook. */
  remainingMilliseconds(): number;
  /** Writes to the function's log, with the webhook's id and source on every line. */
  readonly log: Log;
}

/** A handler's answer for a webhook that it has no use for. */
export interface Ignored {
  readonly ignored: string;
}

// biome-ignore lint/suspicious/noConfusingVoidType: a handler that returns nothing returns void
type Answer = Promise<Ignored | void> | Ignored | void;

/**
 * Works on webhooks.
 *
 * - It returns nothing: the webhook is processed.
 * - It returns {@link ignore}: the webhook is ignored, and the history says why.
 * - It throws InvalidWebhookError: the webhook is kept as invalid, and not tried again.
 * - It throws RetryLaterError: the webhook is tried again after the time that the error names.
 * - It throws anything else: the webhook is tried again, later and later, and ends in the dead-letter queue.
 */
export type WebhookHandler = (webhook: Webhook, context: HandlerContext) => Answer;

/** A handler of JSON bodies that fit a schema; others are invalid, with the first problems in the history. */
export interface TypedHandler<Event> {
  readonly schema: EventSchema<Event>;
  handle(event: Event, webhook: Webhook, context: HandlerContext): Answer;
}

/**
 * A schema of zod, valibot, arktype or another library that speaks Standard Schema (standardschema.dev). What it says of a
 * body that does not fit is kept in the history, so its messages must not repeat values; zod's own do not.
 */
export interface EventSchema<Event> {
  readonly "~standard": {
    validate(value: unknown): SchemaResult<Event> | Promise<SchemaResult<Event>>;
  };
}

type SchemaResult<Event> =
  | { readonly value: Event; readonly issues?: undefined }
  | { readonly issues: readonly SchemaIssue[] };

interface SchemaIssue {
  readonly message: string;
  readonly path?: readonly (PropertyKey | { readonly key: PropertyKey })[] | undefined;
}

/**
 * Defines a handler; its file, `runtime/handlers/<name>.ts`, exports it as its default.
 *
 * @example
 * ```ts
 * export default defineHandler({
 *   schema: z.object({ id: z.string() }),
 *   async handle({ id }, webhook, { signal }) { … },
 * });
 * ```
 */
export function defineHandler(handler: WebhookHandler): WebhookHandler;
export function defineHandler<Event>(handler: TypedHandler<Event>): WebhookHandler;
export function defineHandler<Event>(handler: WebhookHandler | TypedHandler<Event>): WebhookHandler {
  if (typeof handler === "function") return handler;
  return async (webhook, context) => {
    const result = await handler.schema["~standard"].validate(webhook.json());
    if (result.issues !== undefined)
      throw new InvalidWebhookError(describeProblems(result.issues.map(problemOf)));
    return handler.handle(result.value, webhook, context);
  };
}

/** Answers that a webhook is of no use here, and why. */
export function ignore(why: string): Ignored {
  return { ignored: why };
}

function problemOf({ path = [], message }: SchemaIssue) {
  return { path: path.map((part) => (typeof part === "object" ? part.key : part)), message };
}
