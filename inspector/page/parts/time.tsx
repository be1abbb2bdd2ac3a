import { now } from "../state/clock.js";
import { clockText, preciseClockText, utcText } from "../text/times.js";

/** A moment on the reader's clock, with UTC on pointing at it. */
export function Time({ at, isPrecise = false }: { readonly at: number; readonly isPrecise?: boolean }) {
  return (
    <time dateTime={utcText(at)} title={utcText(at)}>
      {isPrecise ? preciseClockText(at) : clockText(at, now.value)}
    </time>
  );
}
