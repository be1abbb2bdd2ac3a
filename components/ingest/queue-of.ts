/**
 * The queue that a source's webhooks go to.
 *
 * @throws Error for a source without one, which the caller has forgotten
 */
export function queueOf<Queue>(
  source: string,
  index: number,
  queues: { readonly [source: string]: Queue },
): Queue {
  // A source may be called like what every object has.
  const queue = Object.hasOwn(queues, source) ? queues[source] : undefined;
  if (queue !== undefined) return queue;
  throw new Error(`sources[${index}] has no queue: name one for "${source}" in queues`);
}
