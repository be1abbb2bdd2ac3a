/**
 * The results of what goes on at the same time, when all of it has ended.
 *
 * @throws what the first in the list that failed has thrown, whichever failed first: the list says which failure explains the others
 */
export async function allOf<const Results extends readonly unknown[]>(
  promises: { readonly [Each in keyof Results]: Promise<Results[Each]> },
): Promise<Results> {
  const ends = await Promise.allSettled(promises);
  const failed = ends.find((end) => end.status === "rejected");
  if (failed !== undefined) throw failed.reason;
  return Promise.all(promises);
}
