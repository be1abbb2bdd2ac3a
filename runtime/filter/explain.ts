import { isNumberText } from "../envelope/json.js";
import { redactedMark } from "../payload/redact.js";
import type { EventPattern, PatternField } from "../stage/event-pattern.js";
import { shortened } from "../telemetry/shortened.js";
import { comparable, largestComparable } from "./comparable-number.js";
import { mustExist, PatternMatch } from "./match.js";
import { type Place, placedValuesAt, valueUnder } from "./values-at.js";
import { clausesInWords, valueInWords } from "./words.js";

/** Values that are named for one field, and alternatives of `$or` that are explained. */
const mostValues = 3;
const mostAlternatives = 3;
/** Length of the longest path and of the longest reason, in characters. */
const longestPath = 120;
const longestReason = 500;

/** Whether a value must not be shown. */
export type IsHidden = (place: Place) => boolean;

/**
 * Why a webhook does not fit a pattern, on one line: `body.amount was 5, needs > 100`. If no alternative of `$or` fits,
 * there is a reason for each of the first.
 *
 * @returns undefined if it fits
 */
export function whyNoMatch(event: object, pattern: EventPattern, isHidden: IsHidden): string | undefined {
  const match = new PatternMatch(event, pattern);
  if (match.fitting !== undefined) return undefined;
  const reasons = new Set<string>();
  for (const fields of match.combinations) {
    reasons.add(
      reasons.size === mostAlternatives ? "and others" : whyNot(event, fields, { match, isHidden }),
    );
    if (reasons.size > mostAlternatives) break;
  }
  const text = [...reasons].join("; ");
  return shortened(reasons.size === 1 ? text : `no alternative of $or fits: ${text}`, longestReason);
}

/** Why a webhook fits a pattern: each field of the first combination that does, with its values. */
export function whyMatch(event: object, pattern: EventPattern, isHidden: IsHidden): readonly string[] {
  const { fitting = [] } = new PatternMatch(event, pattern);
  return fitting.map((field) => fieldInWords(event, field, isHidden));
}

/** The first field that decides, in the order in which they are written. */
function whyNot(
  event: object,
  fields: readonly PatternField[],
  { match, isHidden }: { readonly match: PatternMatch; readonly isHidden: IsHidden },
): string {
  const needed = fields.filter(mustExist);
  const optional = fields.filter((field) => !mustExist(field));
  const neededFit = match.fitTogether(needed);
  const wrong = neededFit
    ? optional.find((field) => !match.fitTogether([...needed, field]))
    : needed.find((field) => !match.fitsAlone(field));
  if (wrong !== undefined) return fieldInWords(event, wrong, isHidden);
  return apartInWords(neededFit ? [...needed, ...optional] : needed, match);
}

/** Fields that fit by themselves and not together: the members of a list fit some of them only. */
function apartInWords(fields: readonly PatternField[], match: PatternMatch): string {
  const last = fields.findIndex((_, index) => !match.fitTogether(fields.slice(0, index + 1)));
  const tried = fields.slice(0, last);
  const final = fields.slice(last, last + 1);
  const other = tried.find((field) => !match.fitTogether([field, ...final]));
  const needs = [...(other === undefined ? tried : [other]), ...final].map(
    ({ path, clauses }) => `${pathInWords(path)} (${clausesInWords(clauses)})`,
  );
  return `no single member of a list fits ${needs.join(" and ")}`;
}

function fieldInWords(event: object, { path, clauses }: PatternField, isHidden: IsHidden): string {
  return `${pathInWords(path)} ${foundInWords(event, path, isHidden)}, needs ${clausesInWords(clauses)}`;
}

function foundInWords(event: object, path: readonly string[], isHidden: IsHidden): string {
  const values: string[] = [];
  for (const { place, value } of placedValuesAt(event, path)) {
    if (values.length === mostValues) {
      values.push("others");
      break;
    }
    values.push(isHidden(place) ? redactedMark : `${valueInWords(value)}${isTooLarge(value) ? beyond : ""}`);
  }
  if (values.length > 0) return `was ${values.join(", ")}`;
  const container = path.reduce<unknown>((value, key) => valueUnder(value, key), event);
  if (container === undefined) return "is missing";
  return Array.isArray(container) ? "was a list without values" : "was an object";
}

const beyond = ` (numbers are compared from -${largestComparable} to ${largestComparable})`;

function isTooLarge(value: unknown): boolean {
  const isNumber = typeof value === "number" || isNumberText(value);
  return isNumber && comparable(Number(JSON.stringify(value))) === undefined;
}

function pathInWords(path: readonly string[]): string {
  return shortened(path.join("."), longestPath);
}
