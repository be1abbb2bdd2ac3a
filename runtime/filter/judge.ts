import type { Webhook } from "../envelope/webhook.js";
import type { SourceDefinition } from "../stage/definition.js";
import type { EventPattern } from "../stage/event-pattern.js";
import { whyNoMatch } from "./explain.js";
import { filteredEvent } from "./filtered-event.js";
import { hiddenValues } from "./hidden-values.js";

/**
 * Why a webhook does not fit a pattern, without values that the history must not keep.
 *
 * @returns undefined if it fits
 */
export function whyUnfit(
  webhook: Webhook,
  pattern: EventPattern,
  source: Pick<SourceDefinition, "signature" | "redact" | "keepPayload">,
): string | undefined {
  const { hasJsonBody, event } = filteredEvent(webhook, pattern);
  return whyNoMatch(event, pattern, hiddenValues(source, { hasJsonBody }));
}
