/**
 * Runs work on each item, at most `limit` at the same time, and starts it in the items' order.
 *
 * The first few start one turn of the event loop before the others. If all items started at once, they would go through
 * the steps before their first requests together, and all requests would leave at the same time. This way the first
 * answers arrive while the other requests are being made. More such groups gain little and cost CPU
 * (docs/benchmarks.md).
 */
export async function inParallel<Item>(
  items: readonly Item[],
  limit: number,
  work: (item: Item) => Promise<void>,
): Promise<void> {
  const rest = items.values();
  // One iterator for all workers: each takes the next item when it has finished one.
  const worker = async () => {
    for (const item of rest) await work(item);
  };
  const workers = Math.min(limit, items.length);
  const first = Math.ceil(workers / 5);
  const start = (count: number) => Promise.all(Array.from({ length: count }, worker));
  await Promise.all([start(first), turnOfTheEventLoop().then(() => start(workers - first))]);
}

/** Resolves in the next turn of the event loop, after requests that were made in this turn have been sent. */
function turnOfTheEventLoop(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
