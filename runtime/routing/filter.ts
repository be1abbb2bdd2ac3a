import type { SourceDefinition } from "../stage/definition.js";
import { matchesType } from "./event-type.js";

/** Why a webhook is ignored by its source's settings, or undefined if it is not. */
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
