/**
 * One sequence after the other, where the next ones are begun while one is read: first none, then one, and twice as many each time
 * that a sequence has ended. So a reader that has enough with the first asks for nothing more, and one that reads all hardly waits.
 *
 * @param most sequences that are begun in advance
 */
export async function* inAdvance<Item, Value>(
  items: readonly Item[],
  most: number,
  sequenceOf: (item: Item) => AsyncIterable<Value>,
): AsyncGenerator<Value> {
  const begun: { readonly iterator: AsyncIterator<Value>; readonly first: Promise<IteratorResult<Value>> }[] =
    [];
  let next = 0;
  const begin = (count: number) => {
    while (begun.length < count && next < items.length) {
      const iterator = sequenceOf(items[next++] as Item)[Symbol.asyncIterator]();
      const first = iterator.next();
      // Whoever reads that far is told; nobody may get that far.
      first.catch(() => {});
      begun.push({ iterator, first });
    }
  };
  try {
    for (let ahead = 0; ; ahead = Math.min(most, Math.max(1, 2 * ahead))) {
      begin(1 + ahead);
      const [current] = begun;
      if (current === undefined) return;
      for (let result = await current.first; result.done !== true; result = await current.iterator.next()) {
        yield result.value;
      }
      begun.shift();
    }
  } finally {
    // What waits for its first answer ends after it, and nobody has to wait for that.
    for (const { iterator } of begun) void Promise.resolve(iterator.return?.()).catch(() => {});
  }
}
