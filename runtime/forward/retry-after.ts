/**
 * Seconds to wait by a `Retry-After` header, which has seconds or an HTTP date (RFC 9110, 10.2.3); undefined for a header
 * that says nothing of use.
 *
 * @param now epoch milliseconds
 */
export function parseRetryAfter(value: string | undefined, now: number): number | undefined {
  if (value === undefined) return undefined;
  const text = value.trim();
  if (/^\d+$/.test(text)) return Number(text);
  // Date.parse would read much more than a date: a lone "-5" is the year 2001 to it.
  if (!/^[A-Z][a-z]+,? /.test(text)) return undefined;
  const time = Date.parse(text);
  return Number.isNaN(time) ? undefined : Math.max(0, Math.ceil((time - now) / 1000));
}
