/**
 * Ends parts in the reverse order of their start, one after another and to the last: one that cannot be ended must not keep
 * the others alive. Takes each out of the list, so that nothing is ended twice.
 *
 * @throws what the first part threw that could not be ended, once all others are
 */
export async function endAll(parts: (() => Promise<unknown>)[]): Promise<void> {
  const failures: unknown[] = [];
  for (const end of parts.splice(0).reverse()) {
    try {
      await end();
    } catch (error) {
      failures.push(error);
    }
  }
  if (failures.length > 0) throw failures[0];
}
