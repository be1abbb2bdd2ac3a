/** Resolves in the next turn of the event loop, when requests that were made in this one have left. */
export function turnOfTheEventLoop(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
