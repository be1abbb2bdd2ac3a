import { describeProblems } from "./routing/problems.js";
import type { HandlerContext, WebhookHandler } from "./routing/webhook-handler.js";
import { InvalidWebhookError, type Webhook } from "./webhook.js";

export {
  type HandlerContext,
  type Ignored,
  ignore,
  RetryLaterError,
  type WebhookHandler,
} from "./routing/webhook-handler.js";
export type { Log, LogFields } from "./telemetry/log.js";
export { InvalidWebhookError, type Webhook, type WebhookValues } from "./webhook.js";

/** A handler of JSON bodies that fit a schema. Other webhooks are invalid, and the history has their first problems. */
export interface TypedHandler<Event> {
  readonly schema: EventSchema<Event>;
  handle(event: Event, webhook: Webhook, context: HandlerContext): ReturnType<WebhookHandler>;
}

/**
 * A schema of zod, valibot, arktype or another library that implements Standard Schema (standardschema.dev). Its
 * messages about a body that does not fit are kept in the history, so they must not repeat values. zod's own messages
 * do not.
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
 * Defines a handler. Its file, `runtime/handlers/<name>.ts`, has it as the default export.
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

function problemOf({ path = [], message }: SchemaIssue) {
  return { path: path.map((part) => (typeof part === "object" ? part.key : part)), message };
}
