import type { Locator } from "../../runtime/envelope/locator.js";
import { locatorsOf } from "../../runtime/signatures/definition.js";
import {
  type EventIdPart,
  leftOutPaths,
  type RedactedPath,
  type SourceDefinition,
} from "../../runtime/stage/definition.js";

/**
 * Why a path cannot be redacted, or undefined. A replay has only what the history keeps, so it needs the values that
 * identify the event.
 */
export function redactionProblem(
  path: RedactedPath,
  {
    eventId,
    eventType,
    signature,
  }: Pick<SourceDefinition, "eventId" | "signature"> & { readonly eventType?: Locator | undefined },
): string | undefined {
  const problems = [
    ...eventId.flat().map((part) => {
      if (part.startsWith("body")) return isLeftOut(path, part) ? undefined : changedHash(part);
      return lostValue(path, locatorsIn(part, signature), "identifies the event");
    }),
    eventType === undefined ? undefined : lostValue(path, [eventType], "is the event type"),
  ];
  return problems.find((problem) => problem !== undefined);
}

function changedHash(part: EventIdPart): string {
  return (
    `changes the body, and the event id is a hash of the body (${part}). ` +
    "Name another eventId, or leave the path out of the hash with body-without"
  );
}

function lostValue(path: RedactedPath, locators: readonly Locator[], role: string): string | undefined {
  for (const locator of locators) {
    if (locator.startsWith("form:")) {
      return `cannot be combined with ${locator}, which ${role}: the history of a source with redact keeps no forms`;
    }
    if (locator.startsWith("json:") && covers(path, locator as RedactedPath)) {
      return `${locator} ${role}, so it cannot be redacted`;
    }
  }
  return undefined;
}

/** The places that a part is read from. */
function locatorsIn(part: EventIdPart, signature: SourceDefinition["signature"]): readonly Locator[] {
  if (part === "request-id") return [];
  if (part !== "signed-time") return [part as Locator];
  return "timestamp" in signature && signature.timestamp !== undefined ? locatorsOf(signature.timestamp) : [];
}

/** Whether a hash of the body is made without the value at a path. */
function isLeftOut(path: RedactedPath, part: EventIdPart): boolean {
  return (
    part !== "body" &&
    leftOutPaths(part as `body-without:${RedactedPath}`).some((leftOut) => covers(leftOut, path))
  );
}

/** Whether removing the value at a path removes the value at the other path. The case of names does not count. */
function covers(path: RedactedPath, other: RedactedPath): boolean {
  const [taken, wanted] = [path, other].map((text) => text.slice("json:".length).toLowerCase().split("."));
  if (taken === undefined || wanted === undefined || taken.length > wanted.length) return false;
  return taken.every((key, index) => key === "*" || key === wanted[index]);
}
