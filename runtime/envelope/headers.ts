/** A header or query parameter as the sender wrote it. */
export type NameValue = readonly [name: string, value: string];

/** All values of a header. Names arrive in the sender's case, so case is ignored (AWS fact 1.7). */
export function headerValues(headers: readonly NameValue[], name: string): string[] {
  const wanted = name.toLowerCase();
  return headers.filter(([candidate]) => candidate.toLowerCase() === wanted).map(([, value]) => value);
}
