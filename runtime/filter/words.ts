import type { Clause, TextInCase, Unwanted } from "../stage/event-pattern.js";
import { shortened } from "../telemetry/shortened.js";

/** Length of the longest value and of the longest list of clauses in a reason, in characters. */
const longestValue = 64;
const longestClauses = 160;

/** What values must fit, in words: `> 100 or "free"`. */
export function clausesInWords(clauses: readonly Clause[]): string {
  return shortened(clauses.map(clauseInWords).join(" or "), longestClauses);
}

/** A single value of a webhook as JSON, so that a text shows its control characters. */
export function valueInWords(value: unknown): string {
  if (typeof value !== "string") return shortened(JSON.stringify(value), longestValue);
  return JSON.stringify(shortened(value, longestValue));
}

function clauseInWords(clause: Clause): string {
  if (typeof clause !== "object" || clause === null) return JSON.stringify(clause);
  if ("exists" in clause) return clause.exists ? "any value" : "no value";
  if ("prefix" in clause) return `a text that starts with ${inCase(clause.prefix)}`;
  if ("suffix" in clause) return `a text that ends with ${inCase(clause.suffix)}`;
  if ("equals-ignore-case" in clause) return inCase(clause);
  if ("wildcard" in clause) return `a text like ${JSON.stringify(clause.wildcard)}`;
  if ("numeric" in clause) return clause.numeric.map((bound) => bound.join(" ")).join(" and ");
  if ("cidr" in clause) return `an address in ${clause.cidr}`;
  if ("address" in clause) return JSON.stringify(clause.address);
  return `anything but ${unwantedInWords(clause["anything-but"])}`;
}

function unwantedInWords(unwanted: Unwanted): string {
  if ("prefix" in unwanted) return `a text that starts with ${either(unwanted.prefix)}`;
  if ("suffix" in unwanted) return `a text that ends with ${either(unwanted.suffix)}`;
  if ("wildcard" in unwanted) return `a text like ${either(unwanted.wildcard)}`;
  if ("equals-ignore-case" in unwanted)
    return `${either(unwanted["equals-ignore-case"])} in upper or lower case`;
  return either(unwanted);
}

function either(values: readonly (string | number)[]): string {
  return values.map((value) => JSON.stringify(value)).join(" or ");
}

function inCase(text: TextInCase): string {
  return typeof text === "string"
    ? JSON.stringify(text)
    : `${JSON.stringify(text["equals-ignore-case"])} in upper or lower case`;
}
