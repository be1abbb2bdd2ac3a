import type { WebhookHandler } from "../routing/webhook-handler.js";
import { forwardersOf, type ProcessorDefinition } from "../stage/definition.js";
import type { ForwardDependencies } from "./forward.js";

/**
 * The forwarders of all who forward, by their names, loaded for the first webhook that is forwarded. An import of
 * `node:http` makes Node load its HTTP/2 and fetch code, a quarter of a cold start (docs/benchmarks.md). The SDK uses
 * HTTPS and does not need it.
 */
export function forwardersOnFirstUse(
  definition: Pick<ProcessorDefinition, "sources" | "subscribers">,
  dependencies: ForwardDependencies,
): Record<string, WebhookHandler> {
  const load = async () => {
    const { createForwarders } = await import("./forward.js");
    return createForwarders(definition, dependencies);
  };
  let loaded: ReturnType<typeof load> | undefined;
  const forward =
    (source: string): WebhookHandler =>
    async (webhook, context) => {
      loaded ??= load();
      const forwarders = await loaded;
      return forwarders[source]?.(webhook, context);
    };
  return Object.fromEntries(forwardersOf(definition).map(({ name }) => [name, forward(name)]));
}
