import { z } from "zod";
import type { FilterDefinition } from "../../runtime/stage/definition.js";
import { withoutUndefined } from "../without-undefined.js";
import { parseEventPattern } from "./event-pattern.js";

const typePatterns = z
  .array(z.string().min(1, "must not be empty"))
  .min(1, "must name at least one type of event: leave it out instead");

const eventPattern = z.record(z.string(), z.unknown()).transform((raw, context) => {
  const parsed = parseEventPattern(raw);
  if ("pattern" in parsed) return parsed.pattern;
  for (const { path, message } of parsed.problems) {
    context.addIssue({ code: "custom", path: [...path], message });
  }
  return z.NEVER;
});

/** Which webhooks of a source are handled. */
export const filterSchema = z
  .strictObject({
    /** Event types, with `*` for any characters. */
    include: typePatterns.optional(),
    /** Event types, as in include. It takes precedence. */
    exclude: typePatterns.optional(),
    /** An EventBridge event pattern that webhooks must fit besides. */
    pattern: eventPattern.optional(),
  })
  .refine((filter) => Object.values(filter).some((setting) => setting !== undefined), {
    error: "must have include, exclude or pattern, or several of them",
  })
  .transform((filter): FilterDefinition => withoutUndefined(filter));

/** Whether a filter looks at the event type. */
export function readsEventType({ include, exclude, pattern }: FilterDefinition): boolean {
  const inPattern = pattern?.fields.some(({ path: [root] }) => root === "type") ?? false;
  return include !== undefined || exclude !== undefined || inPattern;
}

/** Names of the headers or query parameters that a filter looks at. */
export function namesInFilter(
  root: "headers" | "query",
  { pattern }: FilterDefinition = {},
): readonly string[] {
  return (pattern?.fields ?? []).flatMap(({ path: [first, name] }) =>
    first === root && name !== undefined ? [name] : [],
  );
}
