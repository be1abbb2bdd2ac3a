/** A webhook as an index has it. */
export interface IndexEntry {
  readonly webhookId: string;
  /** Epoch milliseconds. */
  readonly receivedAt: number;
}

/**
 * Entries of several sequences, each the newest first, in one such sequence. A webhook that has moved from one index to another while
 * they were read stands in both, and is given once.
 */
export async function* newestFirst(
  sequences: readonly AsyncIterable<IndexEntry>[],
): AsyncGenerator<IndexEntry> {
  let heads = await Promise.all(
    sequences.map(async (sequence) => {
      const iterator = sequence[Symbol.asyncIterator]();
      return { iterator, head: await iterator.next() };
    }),
  );
  // Those with the time of the last one: a webhook's time is the same in each index.
  let given = { receivedAt: Number.NaN, ids: new Set<string>() };
  for (;;) {
    heads = heads.filter(({ head }) => head.done !== true);
    const [first, ...others] = heads;
    if (first === undefined) return;
    let newest = first;
    for (const other of others)
      if (other.head.value.receivedAt > newest.head.value.receivedAt) newest = other;
    const entry = newest.head.value;
    if (entry.receivedAt !== given.receivedAt) given = { receivedAt: entry.receivedAt, ids: new Set() };
    if (!given.ids.has(entry.webhookId)) {
      given.ids.add(entry.webhookId);
      yield entry;
    }
    newest.head = await newest.iterator.next();
  }
}
