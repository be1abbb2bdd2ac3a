/** A rate and a burst, as API Gateway's throttling has them. */
export interface ThrottleLimit {
  /** Requests a second that are let through in the long run. */
  readonly ratePerSecond: number;
  /** Requests that may come at once. */
  readonly burst: number;
}

/** An account's own limit in a region, unless AWS raised it: 10,000 requests a second, 5,000 at once (AWS fact 1.26). */
export const accountLimit: ThrottleLimit = { ratePerSecond: 10_000, burst: 5_000 };

/** A token bucket: full at first, refilled at the rate, never above the burst. */
export class TokenBucket {
  private tokens: number;
  private filledAt: number;

  /** @param clock milliseconds; may stand still, must not run backwards */
  constructor(
    private readonly limit: ThrottleLimit,
    private readonly clock: () => number,
  ) {
    this.tokens = limit.burst;
    this.filledAt = clock();
  }

  /** Takes a token; false when there is none. */
  take(): boolean {
    const now = this.clock();
    const earned = ((now - this.filledAt) / 1000) * this.limit.ratePerSecond;
    this.tokens = Math.min(this.limit.burst, this.tokens + earned);
    this.filledAt = now;
    if (this.tokens < 1) return false;
    this.tokens -= 1;
    return true;
  }
}

/**
 * A token bucket for each key, also where one limit is for several of them. The account's bucket is behind them all.
 *
 * @param limitOf a key's own limit; undefined where only the account's holds
 * @returns takes a token; false when the caller has to wait
 */
export function throttleByKey(
  limitOf: (key: string) => ThrottleLimit | undefined,
  account: TokenBucket,
  clock: () => number,
): (key: string) => boolean {
  const buckets = new Map<string, TokenBucket>();
  return (key) => {
    const limit = limitOf(key);
    const bucket = buckets.get(key) ?? (limit && new TokenBucket(limit, clock));
    if (bucket === undefined) return account.take();
    buckets.set(key, bucket);
    return bucket.take() && account.take();
  };
}
