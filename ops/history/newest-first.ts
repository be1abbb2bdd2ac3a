/** A webhook as an index has it. */
export interface IndexEntry {
  readonly webhookId: string;
  /** Epoch milliseconds. */
  readonly receivedAt: number;
}

/** Entries of several sequences, each the newest first, in one such sequence. */
export async function* newestFirst(
  sequences: readonly AsyncIterable<IndexEntry>[],
): AsyncGenerator<IndexEntry> {
  let heads = await Promise.all(
    sequences.map(async (sequence) => {
      const iterator = sequence[Symbol.asyncIterator]();
      return { iterator, head: await iterator.next() };
    }),
  );
  for (;;) {
    heads = heads.filter(({ head }) => head.done !== true);
    const [first, ...others] = heads;
    if (first === undefined) return;
    let newest = first;
    for (const other of others)
      if (other.head.value.receivedAt > newest.head.value.receivedAt) newest = other;
    yield newest.head.value;
    newest.head = await newest.iterator.next();
  }
}
