import type { ListPage, ListRow } from "../../contract.js";

/** The list as a person sees it, and what waits until it may change. */
export interface Rows {
  /** The newest first. */
  readonly shown: readonly ListRow[];
  /** New ones that would push the others away, the newest first. */
  readonly waiting: readonly ListRow[];
  /** Ids of shown ones that the filter no longer has; they go when the list may move. */
  readonly leaving: ReadonlySet<string>;
  /** For the next page of older ones. Absent: there is none. */
  readonly older?: string;
}

export const noRows: Rows = { shown: [], waiting: [], leaving: new Set() };

/** The rows of a first page. */
export function rowsOf({ rows, older }: ListPage): Rows {
  return {
    shown: rows.toSorted(newestFirst),
    waiting: [],
    leaving: new Set(),
    ...(older === undefined ? {} : { older }),
  };
}

/**
 * Adds a page of older ones. The stream has told of every change since the first page, so a row that is known already is
 * at least as new as the page's.
 */
export function withOlder(rows: Rows, page: ListPage): Rows {
  const known = new Set([...rows.shown, ...rows.waiting].map(({ id }) => id));
  const added = page.rows.filter(({ id }) => !known.has(id));
  const { older: _, ...rest } = rows;
  return {
    ...rest,
    shown: added.length === 0 ? rows.shown : [...rows.shown, ...added].toSorted(newestFirst),
    ...(page.older === undefined ? {} : { older: page.older }),
  };
}

/**
 * Applies what the stream told.
 *
 * @param isHeld nothing may move: known rows change in place, others wait
 */
export function withChanges(
  rows: Rows,
  changes: { readonly rows: readonly ListRow[]; readonly gone: readonly string[] },
  isHeld: boolean,
): Rows {
  const gone = new Set(changes.gone);
  const changed = new Map(changes.rows.map((row) => [row.id, row]));
  const leaving = new Set([...rows.leaving, ...gone].filter((id) => !changed.has(id)));
  const known = new Set<string>();
  const update = (row: ListRow) => {
    const newer = changed.get(row.id);
    if (newer !== undefined) known.add(row.id);
    return newer ?? row;
  };
  const shown = rows.shown.map(update);
  const waiting = rows.waiting.filter(({ id }) => !gone.has(id)).map(update);
  const oldest = rows.older === undefined ? undefined : rows.shown.at(-1);
  const added = [...changed.values()].filter(
    // What is older than all that was read comes with its page.
    (row) => !known.has(row.id) && (oldest === undefined || newestFirst(row, oldest) < 0),
  );
  const next: Rows = {
    ...rows,
    shown,
    waiting: added.length === 0 ? waiting : [...waiting, ...added].toSorted(newestFirst),
    leaving: new Set(shown.flatMap(({ id }) => (leaving.has(id) ? [id] : []))),
  };
  return isHeld ? next : settled(next);
}

/** Shows what waited, and removes what no longer belongs. */
export function settled(rows: Rows): Rows {
  const { shown, waiting, leaving } = rows;
  if (waiting.length === 0 && leaving.size === 0) return rows;
  const stay = shown.filter(({ id }) => !leaving.has(id));
  return {
    ...rows,
    shown: waiting.length === 0 ? stay : [...waiting, ...stay].toSorted(newestFirst),
    waiting: [],
    leaving: new Set(),
  };
}

/** By the time of receipt, then by id, so that the order is the same wherever a row comes from. */
export function newestFirst(one: ListRow, other: ListRow): number {
  return other.receivedAt - one.receivedAt || (one.id < other.id ? 1 : one.id > other.id ? -1 : 0);
}
