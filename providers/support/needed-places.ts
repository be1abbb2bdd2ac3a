import { type LocatorKind, partsOf } from "../../runtime/envelope/locator.js";
import { neededValues } from "../../runtime/signatures/needed-values.js";
import { locatorsOfEventId, type SourceDefinition } from "../../runtime/stage/definition.js";

type ReadSource = Pick<SourceDefinition, "signature" | "eventId" | "eventType">;

/** Headers, lower case, that a signature, an event id and an event type are taken from: an HTTP API carries them by itself. */
export function neededHeaders(source: ReadSource): string[] {
  const headers = [...(neededValues(source.signature)?.headers ?? []), ...namesOf("header", source)];
  return [...new Set(headers.map((name) => name.toLowerCase()))];
}

/** Query parameters, as {@link neededHeaders}. */
export function neededQueryParameters(source: ReadSource): string[] {
  return [...new Set([...(neededValues(source.signature)?.query ?? []), ...namesOf("query", source)])];
}

function namesOf(wanted: LocatorKind, { eventId, eventType }: ReadSource): string[] {
  return [...locatorsOfEventId(eventId), ...(eventType === undefined ? [] : [eventType])]
    .map(partsOf)
    .filter(({ kind }) => kind === wanted)
    .map(({ name }) => name);
}
