import type { CompileEventPattern } from "local-aws";
import { PatternMatch } from "../runtime/filter/match.js";
import { parseBusPattern } from "../settings/filters/event-pattern.js";

/**
 * Rules of buses on this machine mean what filters of webhooks mean: both follow EventBridge's event patterns.
 *
 * @throws Error that names everything which is wrong with the pattern
 */
export const compileBusPattern: CompileEventPattern = (raw) => {
  const parsed = parseBusPattern(raw);
  if ("problems" in parsed) {
    throw new Error(parsed.problems.map(({ path, message }) => [...path, message].join(" ")).join("; "));
  }
  return (event) => new PatternMatch(event, parsed.pattern).fitting !== undefined;
};
