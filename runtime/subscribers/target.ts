import type { WebhookHandler } from "../routing/webhook-handler.js";
import type { SubscriberDefinition } from "../stage/definition.js";

/** What targets are made of. */
export interface TargetCode {
  /** Handler files' default exports by the files' names. */
  readonly handlers: Readonly<Record<string, WebhookHandler>>;
  /** The forwarders, by the names of those who forward. */
  readonly forwarders: Readonly<Record<string, WebhookHandler>>;
}

/**
 * Makes the handler that takes a subscriber's webhooks to its target.
 *
 * @throws Error for a target whose code is missing
 */
export function createTarget({ name, target }: SubscriberDefinition, code: TargetCode): WebhookHandler {
  const found =
    "handler" in target ? ownValue(code.handlers, target.handler) : ownValue(code.forwarders, name);
  if (found !== undefined) return found;
  const missing = "handler" in target ? `there is no handler ${target.handler}` : "it has no forwarder";
  throw new Error(`subscriber ${name} has no target: ${missing}`);
}

/** A record's own value, because a handler may have the name `constructor`. */
function ownValue<Value>(record: Readonly<Record<string, Value>>, key: string): Value | undefined {
  return Object.hasOwn(record, key) ? record[key] : undefined;
}
