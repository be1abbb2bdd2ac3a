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
 * The events of providers that publish types of them: by provider, then by the event's type. The providers' files in
 * `providers/` fill it.
 */
// biome-ignore lint/suspicious/noEmptyInterface: other files add the members
export interface ProviderEvents {}

/** A webhook of one of a provider's events. Once its `type` is checked, `json()` has that event's type. */
export type EventWebhook<Provider extends keyof ProviderEvents> = {
  [Type in keyof ProviderEvents[Provider]]: Omit<Webhook, "type" | "json"> & {
    readonly type: Type;
    /** @throws InvalidWebhookError for a body that is not JSON. That it has this type is the provider's promise */
    json(): ProviderEvents[Provider][Type];
  };
}[keyof ProviderEvents[Provider]];

/** A handler of a provider's events. */
export type EventHandler<Provider extends keyof ProviderEvents> = (
  webhook: EventWebhook<Provider>,
  context: HandlerContext,
) => ReturnType<WebhookHandler>;

/**
 * Defines a handler. Its file, `runtime/handlers/<name>.ts`, has it as the default export.
 *
 * @example
 * ```ts
 * export default defineHandler({
 *   schema: z.object({ id: z.string() }),
 *   async handle({ id }, webhook, { signal }) { … },
 * });
 *
 * export default defineHandler<"stripe">(async (webhook, { signal }) => {
 *   if (webhook.type === "invoice.paid") webhook.json().data.object.amount_paid;
 * });
 * ```
 */
export function defineHandler(handler: WebhookHandler): WebhookHandler;
export function defineHandler<Event>(handler: TypedHandler<Event>): WebhookHandler;
export function defineHandler<Provider extends keyof ProviderEvents>(
  handler: EventHandler<Provider>,
): WebhookHandler;
export function defineHandler<Event>(
  handler:
    | WebhookHandler
    | TypedHandler<Event>
    | ((webhook: never, context: HandlerContext) => ReturnType<WebhookHandler>),
): WebhookHandler {
  // The types of a provider's events are the compiler's alone: at run time its handler is one like any other.
  if (typeof handler === "function") return handler as WebhookHandler;
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
