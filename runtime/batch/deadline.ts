/** The remaining time of an invocation. */
export interface Deadline {
  /** Returns false when too little time is left to start another webhook. */
  mayStart(): boolean;
  /** Milliseconds left for handlers. */
  remainingMilliseconds(): number;
  /** Fires when handlers must stop. */
  readonly signal: AbortSignal;
  /** Resolves when the answer to Lambda must be sent, even if stopped handlers are not done. */
  readonly lastCall: Promise<void>;
  /** Stops the timers. */
  stop(): void;
}

/**
 * Watches an invocation's time. If a function times out, its whole batch fails, including the webhooks that are done.
 * If it stops in time, only the unfinished ones fail.
 *
 * @param remainingMilliseconds Lambda's own countdown
 * @param timeoutSeconds the function's timeout
 */
export function watchDeadline(remainingMilliseconds: () => number, timeoutSeconds: number): Deadline {
  const total = timeoutSeconds * 1000;
  // A twentieth of the time is reserved for recording how the work ended, but at least the time of a few calls to
  // DynamoDB.
  const reserve = clamp(total / 20, 500, 2_000);
  // A webhook is started only if a fifth of the time is left.
  const startReserve = clamp(total / 5, 1_000, 10_000);
  const lastReserve = reserve / 2;

  const controller = new AbortController();
  const { promise: lastCall, resolve } = Promise.withResolvers<void>();
  const timers = [
    setTimeout(() => controller.abort(), remainingMilliseconds() - reserve),
    setTimeout(resolve, remainingMilliseconds() - lastReserve),
  ];
  return {
    mayStart: () => remainingMilliseconds() > startReserve,
    remainingMilliseconds: () => Math.max(0, remainingMilliseconds() - reserve),
    signal: controller.signal,
    lastCall,
    stop: () => timers.forEach(clearTimeout),
  };
}

function clamp(value: number, least: number, most: number): number {
  return Math.min(Math.max(value, least), most);
}
