import { neededValues } from "../../runtime/signatures/needed-values.js";
import type { SourceDefinition } from "../../runtime/stage/definition.js";

/** Headers, lower case, that a signature, an event id and an event type are taken from: an HTTP API carries them by itself. */
export function neededHeaders({
  signature,
  eventId,
  eventType,
}: Pick<SourceDefinition, "signature" | "eventId" | "eventType">): string[] {
  const locators = [...eventId, ...(eventType === undefined ? [] : [eventType])];
  const ofLocators = locators.flatMap((locator) => /^header:(.+)$/.exec(locator)?.[1] ?? []);
  const headers = [...(neededValues(signature)?.headers ?? []), ...ofLocators];
  return [...new Set(headers.map((name) => name.toLowerCase()))];
}
