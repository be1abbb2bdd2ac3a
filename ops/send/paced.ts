import { setTimeout as delay } from "node:timers/promises";

/** Requests at the same time. A slow front door gets no more. */
const mostAtATime = 50;

/**
 * Does the work so many times, no faster than the rate. The first error ends it.
 *
 * @param stop begins no more. Default: never
 */
export async function paced(
  count: number,
  perSecond: number,
  work: () => Promise<void>,
  stop?: AbortSignal,
): Promise<void> {
  const startedAt = Date.now();
  const running = new Set<Promise<void>>();
  for (let index = 0; index < count && stop?.aborted !== true; index += 1) {
    const early = startedAt + (index * 1000) / perSecond - Date.now();
    if (early > 0) await Promise.race([delay(early), rejections(running)]);
    if (running.size >= mostAtATime) await Promise.race(running);
    const one: Promise<void> = work().finally(() => running.delete(one));
    running.add(one);
    // Whoever waits for it, above or below, is told.
    one.catch(() => {});
  }
  await Promise.all(running);
}

/** Never resolves; rejects with the first that does. */
function rejections(running: Iterable<Promise<void>>): Promise<never> {
  return new Promise((_, reject) => {
    for (const one of running) one.catch(reject);
  });
}
