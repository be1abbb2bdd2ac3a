import type { Webhook } from "../envelope/webhook.js";
import type { SourceDefinition } from "../stage/definition.js";
import { matchesType } from "./event-type.js";

/** Why a webhook is ignored because of its type, or undefined if it is not. */
export function whyIgnored(
  { filter }: Pick<SourceDefinition, "filter">,
  eventType: string | undefined,
): string | undefined {
  const { include, exclude = [] } = filter ?? {};
  if (eventType === undefined) {
    return include === undefined ? undefined : "it has no event type, and filter.include requires one";
  }
  if (exclude.some((pattern) => matchesType(pattern, eventType))) {
    return `filter.exclude names its event type, ${eventType}`;
  }
  if (include !== undefined && !include.some((pattern) => matchesType(pattern, eventType))) {
    return `filter.include does not name its event type, ${eventType}`;
  }
  return undefined;
}

/** Tells why a webhook is ignored because of its values, or undefined if it is not. */
type WhyUnfit = (webhook: Webhook) => Promise<string | undefined>;

/** The filter by values of a source that has one. Its code is loaded with the first webhook: most stages do not need it. */
export function patternFilter(
  source: Pick<SourceDefinition, "filter" | "signature" | "redact" | "keepPayload">,
): WhyUnfit | undefined {
  const pattern = source.filter?.pattern;
  if (pattern === undefined) return undefined;
  return async (webhook) => {
    const { whyUnfit } = await import("../filter/judge.js");
    const why = whyUnfit(webhook, pattern, source);
    return why === undefined ? undefined : `filter.pattern: ${why}`;
  };
}
