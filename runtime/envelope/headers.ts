/** A header or query parameter as the sender wrote it. */
export type NameValue = readonly [name: string, value: string];

/** All values of a header. Names keep the sender's case on their way here, so case does not count (AWS fact 1.7). */
export function headerValues(headers: readonly NameValue[], name: string): string[] {
  const wanted = name.toLowerCase();
  return headers.filter(([candidate]) => candidate.toLowerCase() === wanted).map(([, value]) => value);
}
