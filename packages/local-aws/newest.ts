/**
 * Appends to a list that others look at, and drops its oldest entries beyond a number: a process that runs for days must
 * not grow. Up to a tenth more is kept, because dropping moves all that is left.
 */
export function pushNewest<T>(list: T[], entry: T, mostKept: number): void {
  list.push(entry);
  if (list.length > mostKept * 1.1) list.splice(0, list.length - mostKept);
}
