import type { RequestValues } from "../envelope/values.js";
import { locatorsOf, type TimestampDefinition } from "./definition.js";
import { readValue } from "./request-values.js";
import { isUnverified, type SignedRequest, type Unverified, unverified } from "./scheme.js";

/**
 * The signed time exactly as the sender wrote it, because that text was signed. It may be too old.
 *
 * @param besideSignature items of the value that carries the signature
 */
export function readTimestamp(
  definition: TimestampDefinition,
  values: RequestValues,
  besideSignature: readonly string[],
): string | Unverified {
  const items = readItems(definition, values, besideSignature);
  if (isUnverified(items)) return items;

  const { prefix = "", unit } = definition;
  const texts = [...new Set(items.filter((item) => item.startsWith(prefix)))].map((item) =>
    item.slice(prefix.length),
  );
  // Items may have no prefix, or prefixes that begin alike. Then the time is the one that reads as a time.
  const times = texts.length > 1 ? texts.filter((text) => parsers[unit](text) !== undefined) : texts;
  const [time, ...others] = times;
  const after = prefix === "" ? "" : ` after ${prefix}`;
  if (time === undefined) return unverified(`the signed time is missing: nothing${after} is ${names[unit]}`);
  return others.length > 0 ? unverified(`there are ${times.length} different signed times${after}`) : time;
}

/**
 * The problem with a signed time. It is compared with the receive time, not with the current time, because a webhook
 * may have waited in the queues for days. Both directions count; otherwise a sender whose clock is ahead would be
 * accepted for longer than the window.
 */
export function timeProblem(
  text: string,
  unit: TimestampDefinition["unit"],
  toleranceSeconds: number,
  { receivedAt }: Pick<SignedRequest, "receivedAt">,
): Unverified | undefined {
  const time = parsers[unit](text);
  if (time === undefined) return unverified(`the signed time is not ${names[unit]}${unitHint(text, unit)}`);

  // Compared in whole units, like in the providers' own libraries.
  const resolution = unit === "seconds" ? 1000 : 1;
  const distance = Math.floor(receivedAt / resolution) * resolution - time;
  const distanceSeconds = Math.abs(distance) / 1000;
  if (distanceSeconds <= toleranceSeconds) return undefined;
  const side = distance > 0 ? "before" : "after";
  return unverified(
    `the signed time is ${Math.ceil(distanceSeconds)} s ${side} the receive time; ${toleranceSeconds} s are allowed` +
      unitHint(text, unit),
  );
}

/** Names the other unit for a time whose length only that one explains: the years 2001 to 2286. */
function unitHint(text: string, unit: TimestampDefinition["unit"]): string {
  if (unit !== "milliseconds" && /^\d{13}$/.test(text)) return ": it looks like milliseconds";
  return unit !== "seconds" && /^\d{10}$/.test(text) ? ": it looks like seconds" : "";
}

const names = {
  seconds: "a whole number of seconds",
  milliseconds: "a whole number of milliseconds",
  rfc3339: "a time such as 2026-01-01T00:00:00Z",
} as const;

/** Epoch milliseconds, or undefined for a text that is not in the unit. */
const parsers = {
  seconds: (text) => (/^\d{1,12}$/.test(text) ? Number(text) * 1000 : undefined),
  milliseconds: (text) => (/^\d{1,15}$/.test(text) ? Number(text) : undefined),
  rfc3339: (text) => {
    // Date.parse alone would also accept a local time and many other forms.
    if (!/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/i.test(text)) return undefined;
    const time = Date.parse(text.toUpperCase());
    return Number.isNaN(time) ? undefined : time;
  },
} as const satisfies Record<TimestampDefinition["unit"], (text: string) => number | undefined>;

function readItems(
  definition: TimestampDefinition,
  values: RequestValues,
  besideSignature: readonly string[],
): readonly string[] | Unverified {
  const [locator] = locatorsOf(definition);
  if (locator === undefined) return besideSignature;
  const value = readValue(locator, values);
  return isUnverified(value) ? value : [value.trim()];
}
