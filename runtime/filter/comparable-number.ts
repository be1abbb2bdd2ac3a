import { isNumberText } from "../envelope/json.js";
import type { NumericBound } from "../stage/event-pattern.js";

/**
 * EventBridge compares numbers from -5,000,000,000 to 5,000,000,000 and to six digits after the decimal point
 * (https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-create-pattern-operators.html#filtering-numeric-matching).
 */
export const largestComparable = 5e9;

/**
 * A number in the form that is compared: whole millionths above the smallest. It is computed as in EventBridge's ruler
 * (https://github.com/aws/event-ruler, `ComparableNumber`), so that the same numbers count as equal.
 *
 * @returns undefined for a number outside the range
 */
export function comparable(number: number): number | undefined {
  if (!(Math.abs(number) <= largestComparable)) return undefined;
  return Math.trunc(1e6 * (largestComparable + number));
}

/** Whether a value of a webhook is the number. Outside the range, numbers are equal if they are written alike. */
export function isNumber(value: unknown, wanted: number): boolean {
  const number = numberIn(value);
  if (number === undefined) return false;
  const [one, other] = [comparable(number), comparable(wanted)];
  if (one !== undefined || other !== undefined) return one === other;
  return Number.isInteger(wanted) && isNumberText(value)
    ? JSON.stringify(value) === String(wanted)
    : number === wanted;
}

/** Whether a value of a webhook is a number within the bounds. */
export function isWithin(value: unknown, bounds: readonly NumericBound[]): boolean {
  const number = comparable(numberIn(value) ?? Number.NaN);
  return number !== undefined && bounds.every((bound) => keeps(number, bound));
}

function keeps(number: number, [operator, bound]: NumericBound): boolean {
  const limit = comparable(bound) ?? Number.NaN;
  switch (operator) {
    case "=":
      return number === limit;
    case "<":
      return number < limit;
    case "<=":
      return number <= limit;
    case ">":
      return number > limit;
    case ">=":
      return number >= limit;
  }
}

/** The number in a value of a webhook, which is a number or what `parseExactly` makes of one. */
function numberIn(value: unknown): number | undefined {
  if (typeof value === "number") return value;
  return isNumberText(value) ? Number(JSON.stringify(value)) : undefined;
}
