import type { Locator } from "../envelope/locator.js";
import { RequestValues } from "../envelope/values.js";
import type { Webhook } from "../envelope/webhook.js";

/** Length of the longest event type, in characters. Providers' types have a few dozen. */
const longestType = 256;

/** The type of a webhook's event, or undefined if there is no valid one. */
export function findEventType(locator: Locator, { headers, query, body }: Webhook): string | undefined {
  const [type] = new RequestValues({ headers: [...headers], query: [...query], body }).at(locator);
  return type === undefined || type === "" || type.length > longestType ? undefined : type;
}

/** Whether an event type fits a pattern, in which each `*` stands for any characters, also none. */
export function matchesType(pattern: string, type: string): boolean {
  const [start = "", ...others] = pattern.split("*");
  const end = others.pop();
  if (end === undefined) return type === pattern;
  if (!type.startsWith(start)) return false;
  // The first place at which a part fits leaves the most room for the parts after it.
  let position = start.length;
  for (const part of others) {
    const found = type.indexOf(part, position);
    if (found === -1) return false;
    position = found + part.length;
  }
  return type.length - end.length >= position && type.endsWith(end);
}
