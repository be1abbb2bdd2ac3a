/**
 * The queue for a source's webhooks.
 *
 * @throws Error for a source that the caller has given no queue
 */
export function queueOf<Queue>(
  source: string,
  index: number,
  queues: { readonly [source: string]: Queue },
): Queue {
  // A source may have the name of a property that every object has.
  const queue = Object.hasOwn(queues, source) ? queues[source] : undefined;
  if (queue !== undefined) return queue;
  throw new Error(`sources[${index}] has no queue: name one for "${source}" in queues`);
}
