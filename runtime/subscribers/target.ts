import type { WebhookHandler } from "../routing/webhook-handler.js";
import type { SubscriberDefinition } from "../stage/definition.js";

/** What targets are made of. */
export interface TargetCode {
  /** Handler files' default exports by the files' names. */
  readonly handlers: Readonly<Record<string, WebhookHandler>>;
  /** The forwarders, by the names of those who forward. */
  readonly forwarders: Readonly<Record<string, WebhookHandler>>;
  /** What hands webhooks to AWS services, by the names of those who do. Default: nothing does. */
  readonly targets?: Readonly<Record<string, WebhookHandler>>;
}

/**
 * Makes the handler that takes a subscriber's webhooks to its target.
 *
 * @throws Error for a target whose code is missing
 */
export function createTarget(
  { name, target }: Pick<SubscriberDefinition, "name" | "target">,
  { handlers, forwarders, targets = {} }: TargetCode,
): WebhookHandler {
  const [found, missing] =
    "handler" in target
      ? [ownValue(handlers, target.handler), `there is no handler ${target.handler}`]
      : "forward" in target
        ? [ownValue(forwarders, name), "it has no forwarder"]
        : [ownValue(targets, name), `the bundle has nothing for a target ${target.kind}`];
  if (found !== undefined) return found;
  throw new Error(`subscriber ${name} has no target: ${missing}`);
}

/** A record's own value, because a handler may have the name `constructor`. */
function ownValue<Value>(record: Readonly<Record<string, Value>>, key: string): Value | undefined {
  return Object.hasOwn(record, key) ? record[key] : undefined;
}
