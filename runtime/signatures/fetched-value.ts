/** A value that is fetched, kept, and fetched again when it is old. */
export interface FetchedValue<Value> {
  /** The value at any age, without fetching it. Undefined if it was never fetched, or was withdrawn. */
  known(): { readonly value: Value; readonly ageMilliseconds: number } | undefined;
  /**
   * The value while it is fresh, else a fetched one. While it cannot be fetched, the older one up to its longest age. The
   * origin is then asked once a minute.
   *
   * @throws what `fetch` threw, if there is no value that may be used
   */
  current(fetch: () => Promise<Value>): Promise<Value>;
  /**
   * A newer value than `used`, which did not fit: the kept one if it is newer, else a fetched one. The origin is asked at
   * most once a minute, whether it answers or not. Undefined if there is nothing newer to try.
   *
   * @throws what `fetch` threw, now or within the last minute: nobody knows whether there is a newer value
   */
  newerThan(used: Value, fetch: () => Promise<Value>): Promise<Value | undefined>;
}

/** How long a value is used, and who is told. */
export interface FetchedValueOptions {
  /** The current time in epoch milliseconds. */
  readonly clock: () => number;
  /** Up to this age the value is used without a question. */
  readonly freshMilliseconds: number;
  /** Up to this age the value is used while it cannot be fetched. */
  readonly staleMilliseconds: number;
  /**
   * Whether what `fetch` threw is an answer: the value was withdrawn, and an older one must not be used any more.
   *
   * @default no error is an answer
   */
  readonly isWithdrawn?: (error: unknown) => boolean;
  /** What the value is, as fields of a line in the log. */
  readonly about: LoggedFields;
  readonly warn: Warn;
}

type LoggedFields = Readonly<Record<string, string | number>>;

/** Writes a warning to the function's log. It is called at most once a minute for each value that is no longer fresh. */
export type Warn = (message: string, fields: LoggedFields) => void;

const minuteMilliseconds = 60_000;

/** Without a value webhooks have to wait, so the origin is asked more often, but not for each webhook. */
const retryWithoutValueMilliseconds = 10_000;

/** Keeps one value. Whoever asks at the same time shares one fetch. */
export function keepFetched<Value>({
  clock,
  freshMilliseconds,
  staleMilliseconds,
  isWithdrawn = () => false,
  about,
  warn,
}: FetchedValueOptions): FetchedValue<Value> {
  let kept: { readonly value: Value; readonly fetchedAt: number } | undefined;
  let failed: { readonly error: unknown; readonly at: number } | undefined;
  let underway: Promise<Value> | undefined;
  let newerSoughtAt = Number.NEGATIVE_INFINITY;
  let toldAt = Number.NEGATIVE_INFINITY;

  const keptUpTo = (milliseconds: number) =>
    kept !== undefined && clock() - kept.fetchedAt < milliseconds ? kept : undefined;

  const load = async (fetch: () => Promise<Value>): Promise<Value> => {
    const fetchedAt = clock();
    try {
      const value = await fetch();
      kept = { value, fetchedAt };
      failed = undefined;
      return value;
    } catch (error) {
      if (isWithdrawn(error)) kept = undefined;
      failed = { error, at: clock() };
      throw error;
    }
  };
  /** Asks, unless the origin failed a moment ago. */
  const ask = async (fetch: () => Promise<Value>): Promise<Value> => {
    if (underway !== undefined) return underway;
    const pause =
      keptUpTo(staleMilliseconds) === undefined ? retryWithoutValueMilliseconds : minuteMilliseconds;
    if (failed !== undefined && clock() - failed.at < pause) throw failed.error;
    underway = load(fetch).finally(() => {
      underway = undefined;
    });
    return underway;
  };

  return {
    known: () => kept && { value: kept.value, ageMilliseconds: clock() - kept.fetchedAt },

    async current(fetch) {
      const fresh = keptUpTo(freshMilliseconds);
      if (fresh !== undefined) return fresh.value;
      try {
        return await ask(fetch);
      } catch (error) {
        const stale = keptUpTo(staleMilliseconds);
        if (stale === undefined) throw error;
        if (clock() - toldAt >= minuteMilliseconds) {
          toldAt = clock();
          warn("an older copy is used, because it cannot be fetched again", {
            ...about,
            age_seconds: Math.round((clock() - stale.fetchedAt) / 1000),
            error: String(error),
          });
        }
        return stale.value;
      }
    },

    async newerThan(used, fetch) {
      if (underway !== undefined) return underway;
      if (kept !== undefined && kept.value !== used) return kept.value;
      // After a failure nobody knows whether there is a newer one.
      if (failed === undefined && clock() - newerSoughtAt < minuteMilliseconds) return undefined;
      newerSoughtAt = clock();
      return ask(fetch);
    },
  };
}
