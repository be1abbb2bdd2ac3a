import { z } from "zod";
import type { EventTypeLocator, Locator } from "../runtime/stage/definition.js";

/** Characters of a header's name, as HTTP has them (RFC 9110, 5.6.2). */
const headerCharacters = "[!#$%&'*+.^_`|~0-9A-Za-z-]+";

const headerNamePattern = new RegExp(`^${headerCharacters}$`);
const locatorPattern = new RegExp(`^(header:${headerCharacters}|json:[^\\s:]+)$`);

/** True for a text that can be the name of a header. */
export function isHeaderName(text: string): boolean {
  return headerNamePattern.test(text);
}

/** Where the id of an event stands. */
export const eventIdLocator = z.custom<Locator>(
  (value) => typeof value === "string" && (value === "request-id" || locatorPattern.test(value)),
  "must be header:<name>, json:<path> or request-id, such as header:x-request-id or json:data.id",
);

/** Where the type of an event stands. */
export const eventTypeLocator = z.custom<EventTypeLocator>(
  (value) => typeof value === "string" && locatorPattern.test(value),
  "must be header:<name> or json:<path>, such as header:x-github-event or json:type",
);
