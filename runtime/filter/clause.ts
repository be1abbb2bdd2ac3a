import type { Clause, TextInCase, Unwanted } from "../stage/event-pattern.js";
import { isNumber, isWithin } from "./comparable-number.js";
import { endOfPrefix, startOfSuffix } from "./ignore-case.js";
import { isInRange, isSameAddress, parseIpAddress, parseIpRange } from "./ip-address.js";
import { hasParts, partsOfWildcard } from "./wildcard.js";

/**
 * Whether a single value of a webhook (a text, number, boolean or null) fits a clause.
 *
 * EventBridge's ruler (https://github.com/aws/event-ruler) compares texts with the quotation marks around them. It is the
 * same here, so that a pattern which contains such a mark means the same in both.
 */
export function fitsClause(value: unknown, clause: Clause): boolean {
  if (typeof clause === "number") return isNumber(value, clause);
  if (typeof clause !== "object" || clause === null) return value === clause;
  if ("exists" in clause) return clause.exists;
  if ("anything-but" in clause) return !isUnwanted(value, clause["anything-but"]);
  if ("numeric" in clause) return isWithin(value, clause.numeric);
  if (typeof value !== "string") return false;
  if ("prefix" in clause) return startsWith(value, clause.prefix);
  if ("suffix" in clause) return endsWith(value, clause.suffix);
  if ("equals-ignore-case" in clause) return equalsIgnoringCase(value, clause["equals-ignore-case"]);
  if ("wildcard" in clause) return hasParts(value, partsOfWildcard(clause.wildcard));
  const address = parseIpAddress(value);
  if (address === undefined) return false;
  if ("cidr" in clause) {
    const range = parseIpRange(clause.cidr);
    return range !== undefined && isInRange(address, range);
  }
  const wanted = parseIpAddress(clause.address);
  return wanted !== undefined && isSameAddress(address, wanted);
}

/** `anything-but` excludes what fits, so a value of another type is wanted. */
function isUnwanted(value: unknown, unwanted: Unwanted): boolean {
  if (isList(unwanted)) return unwanted.some((one) => fitsClause(value, one));
  if (typeof value !== "string") return false;
  if ("prefix" in unwanted) return unwanted.prefix.some((one) => startsWith(value, one));
  if ("suffix" in unwanted) return unwanted.suffix.some((one) => endsWith(value, one));
  if ("wildcard" in unwanted) {
    return unwanted.wildcard.some((one) => hasParts(value, partsOfWildcard(one)));
  }
  return unwanted["equals-ignore-case"].some((one) => equalsIgnoringCase(value, one));
}

function startsWith(value: string, prefix: TextInCase): boolean {
  return typeof prefix === "string"
    ? quoted(value).startsWith(`"${prefix}`)
    : endOfPrefix(quoted(value), `"${prefix["equals-ignore-case"]}`) !== -1;
}

function endsWith(value: string, suffix: TextInCase): boolean {
  return typeof suffix === "string"
    ? quoted(value).endsWith(`${suffix}"`)
    : startOfSuffix(quoted(value), `${suffix["equals-ignore-case"]}"`) !== -1;
}

function equalsIgnoringCase(value: string, wanted: string): boolean {
  return endOfPrefix(value, wanted) === value.length;
}

function quoted(value: string): string {
  return `"${value}"`;
}

/** `Array.isArray` does not tell read-only lists from objects. */
function isList(unwanted: Unwanted): unwanted is readonly string[] | readonly number[] {
  return Array.isArray(unwanted);
}
