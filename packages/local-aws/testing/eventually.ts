import { setTimeout as delay } from "node:timers/promises";

/** Waits until a probe is truthy, as what a program does takes a moment; fails with what was waited for. */
export async function eventually<T>(
  what: string,
  probe: () => T | Promise<T>,
  timeoutMilliseconds = 10_000,
): Promise<NonNullable<T>> {
  const deadline = Date.now() + timeoutMilliseconds;
  for (;;) {
    const value = await probe();
    if (value) return value;
    if (Date.now() > deadline) throw new Error(`waited ${timeoutMilliseconds} ms in vain for ${what}`);
    await delay(20);
  }
}
