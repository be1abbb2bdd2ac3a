import { setTimeout as delay } from "node:timers/promises";
import type { Console } from "./console.js";

/** Resolves at Ctrl-C, or when the process is asked to end. */
export async function interrupted(): Promise<void> {
  await new Promise<void>((resolve) => {
    const end = () => {
      process.off("SIGINT", end);
      process.off("SIGTERM", end);
      resolve();
    };
    process.on("SIGINT", end);
    process.on("SIGTERM", end);
  });
}

/**
 * Looks again and again, until Ctrl-C or until nobody reads the data any more. An interrupt ends the pause between two looks, but
 * no look, so what is written is whole.
 */
export async function untilInterrupted(
  console: Pick<Console, "isRead">,
  pauseMilliseconds: number,
  look: () => Promise<void>,
): Promise<void> {
  const stop = new AbortController();
  const interrupt = () => stop.abort();
  process.once("SIGINT", interrupt);
  process.once("SIGTERM", interrupt);
  try {
    while (!stop.signal.aborted && console.isRead) {
      await look();
      await delay(pauseMilliseconds, undefined, { signal: stop.signal }).catch(() => {});
    }
  } finally {
    process.off("SIGINT", interrupt);
    process.off("SIGTERM", interrupt);
  }
}
