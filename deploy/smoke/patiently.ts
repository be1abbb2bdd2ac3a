import { setTimeout as wait } from "node:timers/promises";
import type { Check } from "./check.js";

/** How long between two looks at what does not work yet. */
const pauseMilliseconds = 2_000;

/**
 * Looks again while a check fails: what has just been made may not work in the first seconds.
 *
 * @param until epoch milliseconds
 */
export async function patiently(until: number, check: () => Promise<Check>): Promise<Check> {
  for (;;) {
    const found = await check();
    const left = until - Date.now();
    if (found.result !== "failed" || left <= 0) return found;
    await wait(Math.min(pauseMilliseconds, left));
  }
}
