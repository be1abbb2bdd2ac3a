/** What is left of an invocation's time. */
export interface Deadline {
  /** False once what is left is too little to start on another webhook. */
  mayStart(): boolean;
  /** Milliseconds that handlers have. */
  remainingMilliseconds(): number;
  /** Fires when handlers have to stop. */
  readonly signal: AbortSignal;
  /** Resolves when even the stopped ones should be done: the answer to Lambda must go out now. */
  readonly lastCall: Promise<void>;
  /** Ends the timers. */
  stop(): void;
}

/**
 * Watches an invocation's time. A function that runs into its timeout fails its whole batch, also the webhooks that are
 * done; stopping in time costs only those that are not.
 *
 * @param remainingMilliseconds Lambda's own countdown
 * @param timeoutSeconds the function's timeout
 */
export function watchDeadline(remainingMilliseconds: () => number, timeoutSeconds: number): Deadline {
  const total = timeoutSeconds * 1000;
  // A twentieth is kept to write down how the work ended, at least what a few calls to DynamoDB take.
  const reserve = clamp(total / 20, 500, 2_000);
  // A fifth is what a webhook should find left when it is started.
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
