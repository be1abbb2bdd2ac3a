/**
 * Runs work on each item, at most `limit` at a time, and starts in the items' order.
 *
 * The first few start a turn of the event loop before the others. Started all at once, items go side by side through the
 * steps before their first requests, and the first request leaves when the last one does; so the first answers are there
 * when the others' requests have been made. More such groups gain little and cost CPU (docs/benchmarks.md).
 */
export async function inParallel<Item>(
  items: readonly Item[],
  limit: number,
  work: (item: Item) => Promise<void>,
): Promise<void> {
  const rest = items.values();
  // One iterator for all workers: each takes the next item when it is done with its last.
  const worker = async () => {
    for (const item of rest) await work(item);
  };
  const workers = Math.min(limit, items.length);
  const first = Math.ceil(workers / 5);
  const start = (count: number) => Promise.all(Array.from({ length: count }, worker));
  await Promise.all([start(first), turnOfTheEventLoop().then(() => start(workers - first))]);
}

/** Resolves in the next turn of the event loop, when requests that were made in this one have left. */
function turnOfTheEventLoop(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
