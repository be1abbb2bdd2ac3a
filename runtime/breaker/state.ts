import type { BreakerDefinition } from "../stage/definition.js";

/** What all functions know of a target: how often in a row it failed, and whether it is left alone. */
export interface BreakerState {
  /** Another one after each change. It also tells who has the probe. */
  readonly version: string;
  /** Failures in a row, all functions together. */
  readonly failures: number;
  /** Present while the target is left alone. */
  readonly open?: OpenState;
  /** Epoch seconds after which the state counts for nothing. */
  readonly expiresAt: number;
}

/** A target that is left alone. */
export interface OpenState {
  /** When the next call may be tried, in epoch milliseconds. */
  readonly until: number;
  /** How long it is left alone this time. It doubles with each probe that fails. */
  readonly delaySeconds: number;
  /** Since when it is left alone, in epoch milliseconds. */
  readonly since: number;
  /** Present while one webhook is tried: when that counts as lost, in epoch milliseconds. */
  readonly probeUntil?: number;
}

/** A call that failed. */
export interface Failure {
  /** How long to wait, as the target said. */
  readonly retryAfterSeconds?: number | undefined;
  /** The target said that this holds for all calls, as with the status 429. */
  readonly forAll?: boolean | undefined;
}

/** How long a target is left alone at first. */
const baseSeconds = 10;

/** Failures that lie further apart than this are not in a row. An item in the table is worth nothing after this time. */
const forgottenAfterSeconds = 3_600;

/** Whether a state counts for nothing by now. */
export function isForgotten({ expiresAt }: BreakerState, now: number): boolean {
  return expiresAt * 1000 <= now;
}

/**
 * The state after so many failures of calls that were made while the target was not left alone.
 *
 * @param failure the last of them
 */
export function afterFailures(
  before: BreakerState | undefined,
  count: number,
  failure: Failure,
  { failures: limit, longestSeconds }: BreakerDefinition,
  { now, version }: { readonly now: number; readonly version: string },
): BreakerState {
  const failures = (before?.failures ?? 0) + count;
  const told = failure.forAll === true && (failure.retryAfterSeconds ?? 0) > 0;
  if (!told && failures < limit) return { version, failures, expiresAt: expiry(now) };
  const delaySeconds = bounded(Math.max(baseSeconds, failure.retryAfterSeconds ?? 0), longestSeconds);
  return opened({ version, failures }, { delaySeconds, since: now }, now);
}

/** The state after a probe that failed: the target is left alone for longer. */
export function afterFailedProbe(
  before: BreakerState,
  { retryAfterSeconds = 0 }: Failure,
  { longestSeconds }: BreakerDefinition,
  { now, version }: { readonly now: number; readonly version: string },
): BreakerState {
  const { delaySeconds = baseSeconds, since = now } = before.open ?? {};
  const longer = bounded(Math.max(2 * delaySeconds, retryAfterSeconds), longestSeconds);
  const failures = before.failures + 1;
  return opened({ version, failures }, { delaySeconds: longer, since }, now);
}

/** The state in which one webhook is tried, or with `probeUntil` absent none any more. */
export function withProbe(
  { failures, open }: BreakerState & { readonly open: OpenState },
  version: string,
  probeUntil: number | undefined,
): BreakerState {
  const { until, delaySeconds, since } = open;
  const wait = { until, delaySeconds, since };
  return {
    version,
    failures,
    open: probeUntil === undefined ? wait : { ...wait, probeUntil },
    expiresAt: expiry(probeUntil ?? until),
  };
}

/** The state after a success. */
export function closed(version: string, now: number): BreakerState {
  return { version, failures: 0, expiresAt: expiry(now) };
}

function opened(
  counted: Pick<BreakerState, "version" | "failures">,
  { delaySeconds, since }: Pick<OpenState, "delaySeconds" | "since">,
  now: number,
): BreakerState {
  const until = now + delaySeconds * 1000;
  return { ...counted, open: { until, delaySeconds, since }, expiresAt: expiry(until) };
}

function bounded(seconds: number, longestSeconds: number): number {
  return Math.min(Math.ceil(seconds), longestSeconds);
}

function expiry(milliseconds: number): number {
  return Math.ceil(milliseconds / 1000) + forgottenAfterSeconds;
}
