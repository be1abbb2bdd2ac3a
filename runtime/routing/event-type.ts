import { hasParts } from "../filter/wildcard.js";

/** Whether an event type fits a pattern, in which each `*` stands for any characters, also none. */
export function matchesType(pattern: string, type: string): boolean {
  return hasParts(type, pattern.split("*"));
}
