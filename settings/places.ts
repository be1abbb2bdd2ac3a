import { z } from "zod";
import type { Locator } from "../runtime/envelope/locator.js";
import {
  type EventIdLocator,
  type EventIdPart,
  leftOutPaths,
  type RedactedPath,
} from "../runtime/stage/definition.js";

/** Characters of a header's name, as HTTP has them (RFC 9110, 5.6.2). */
const headerCharacters = "[!#$%&'*+.^_`|~0-9A-Za-z-]+";

const headerNamePattern = new RegExp(`^${headerCharacters}$`);
const parameterNamePattern = /^[^\s{}]+$/;
const jsonPathPattern = /^[^\s:{}]+$/;
const locatorPattern = new RegExp(
  `^(header:${headerCharacters}|(query|form):${inner(parameterNamePattern)}|json:[^\\s:]+)$`,
);
const redactedPathPattern = /^json:[^\s:.]+(\.[^\s:.]+)*$/;

/** True for a text that can be the name of a header. */
export function isHeaderName(text: string): boolean {
  return headerNamePattern.test(text);
}

/** Whether a text can be the name of a query parameter or a form field. */
export function isParameterName(text: string): boolean {
  return parameterNamePattern.test(text);
}

/** Whether a text can be the path of a value in a JSON body. */
export function isJsonPath(text: string): boolean {
  return jsonPathPattern.test(text);
}

/** Whether a value is a path to values of a JSON body, with `*` for each member of a list or an object. */
export function isRedactedPath(value: unknown): value is RedactedPath {
  return typeof value === "string" && redactedPathPattern.test(value);
}

/** An entry of an event id. */
export const eventIdLocator = z.custom<EventIdLocator>(
  (value) => isEventIdPart(value) || (Array.isArray(value) && value.length > 1 && value.every(isEventIdPart)),
  "must be header:<name>, query:<name>, json:<path>, form:<name>, signed-time, body, body-without:json:<path> or request-id, " +
    "such as header:x-request-id or json:data.id, or a list of several of them that identify an event together",
);

/** Where an event type is. */
export const eventTypeLocator = z.custom<Locator>(
  isLocator,
  "must be header:<name>, query:<name>, json:<path> or form:<name>, such as header:x-github-event or json:type",
);

/** Whether a value names a place in a request. */
export function isLocator(value: unknown): value is Locator {
  return typeof value === "string" && locatorPattern.test(value);
}

function isEventIdPart(value: unknown): value is EventIdPart {
  if (value === "request-id" || value === "body" || value === "signed-time") return true;
  if (typeof value === "string" && value.startsWith("body-without:")) {
    return leftOutPaths(value as `body-without:${RedactedPath}`).every(isRedactedPath);
  }
  return isLocator(value);
}

/** A pattern's source without `^` and `$`. */
function inner({ source }: RegExp): string {
  return source.slice(1, -1);
}
