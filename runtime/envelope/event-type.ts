import type { Envelope } from "./envelope.js";
import type { Locator } from "./locator.js";
import { RequestValues } from "./values.js";

/** Length of the longest event type, in characters. Providers' types have a few dozen. */
const longestType = 256;

/** The type of a webhook's event, or undefined if there is no valid one. */
export function findEventType(
  locator: Locator,
  request: Pick<Envelope, "headers" | "query" | "body">,
): string | undefined {
  const [type] = new RequestValues(request).at(locator);
  return type === undefined || type === "" || type.length > longestType ? undefined : type;
}
