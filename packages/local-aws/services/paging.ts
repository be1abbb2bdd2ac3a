/** A part of a list, and the token that asks for the next part. */
export interface Page<Item> {
  readonly items: readonly Item[];
  /** Absent on the last page. */
  readonly next?: string;
}

/**
 * The part of a list that a token asks for: the first one without a token.
 *
 * @param most items of a page
 * @param refuse makes the service's own error of a token that it did not hand out
 */
export function pageOf<Item>(
  items: readonly Item[],
  most: number,
  token: string | undefined,
  refuse: () => Error,
): Page<Item> {
  const start = token === undefined ? 0 : readToken(token);
  if (start === undefined || start > items.length) throw refuse();
  const end = start + most;
  const page = items.slice(start, end);
  return end < items.length ? { items: page, next: tokenOf(end) } : { items: page };
}

const tokenOf = (position: number) => Buffer.from(`local:${position}`).toString("base64url");

function readToken(token: string): number | undefined {
  const [, position] = /^local:(\d+)$/.exec(Buffer.from(token, "base64url").toString("utf8")) ?? [];
  return position === undefined ? undefined : Number(position);
}
