import { signal } from "@preact/signals";

/** The present time, to the second, for what is shown as an age. Epoch milliseconds. */
export const now = signal(Date.now());

/** Lets {@link now} go on. */
export function startClock(): void {
  setInterval(() => {
    now.value = Date.now();
  }, 1_000);
}
