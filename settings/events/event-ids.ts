import { partsOf } from "../../runtime/envelope/locator.js";
import { type SignatureDefinition, signsTime } from "../../runtime/signatures/definition.js";
import { sensitiveHeaders, sensitiveQueryParameters } from "../../runtime/signatures/sensitive.js";
import { type EventIdLocator, type EventIdPart, locatorsOfEventId } from "../../runtime/stage/definition.js";

/** A problem with a source's event id, with its path in the source's settings. */
export interface EventIdProblem {
  readonly path: readonly (string | number)[];
  readonly message: string;
}

const missing =
  "is missing. Without it the pipeline cannot tell a new event from a repeated one. Write where the sender puts the event's " +
  'id, such as ["header:x-event-id"] or ["json:id"]. If the sender sends no id, choose one of these. With ["body"], equal ' +
  'bodies are the same event, and only the first is processed. With ["request-id"], each request is a new event, and a ' +
  "repetition is processed again";

/** Checks whether the entries of an event id can be found, and can be found again in a replay. */
export function eventIdProblems(
  eventId: readonly EventIdLocator[] | undefined,
  signature: SignatureDefinition,
): EventIdProblem[] {
  if (eventId === undefined) return [{ path: ["eventId"], message: missing }];
  const last = eventId.indexOf("request-id");
  return eventId.flatMap((locator, index) => {
    const problem =
      last !== -1 && index > last
        ? "is never used: every request has a request-id"
        : problemWith(locator, signature);
    return problem === undefined ? [] : [{ path: ["eventId", index], message: problem }];
  });
}

function problemWith(locator: EventIdLocator, signature: SignatureDefinition): string | undefined {
  const parts: readonly EventIdPart[] = typeof locator === "string" ? [locator] : locator;
  if (parts.length > 1 && parts.includes("request-id")) {
    return "must not combine request-id with other parts: each request has its own already";
  }
  if (parts.includes("signed-time") && !signsTime(signature)) {
    return "cannot have signed-time: the source's signature covers no time";
  }
  const secret = locatorsOfEventId(parts).find((part) => {
    const { kind, name } = partsOf(part);
    if (kind === "header") return sensitiveHeaders(signature).has(name.toLowerCase());
    return kind === "query" && sensitiveQueryParameters(signature).has(name);
  });
  return secret === undefined
    ? undefined
    : `must not be ${secret}: it contains a credential. The history does not keep it, so a replay would be another event`;
}
