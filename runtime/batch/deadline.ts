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

/** How an invocation's time is divided, in milliseconds before its end. */
export interface InvocationTimes {
  /** From then on no webhook is started. */
  readonly lastStart: number;
  /** Handlers are stopped. The rest is for recording how the work ended. */
  readonly stop: number;
  /** The answer to Lambda is sent. */
  readonly lastCall: number;
}

/** @param timeoutSeconds the function's timeout */
export function invocationTimes(timeoutSeconds: number): InvocationTimes {
  const total = timeoutSeconds * 1000;
  // A twentieth of the time, but at least the time of a few calls to DynamoDB.
  const stop = clamp(total / 20, 500, 2_000);
  return { lastStart: clamp(total / 5, 1_000, 10_000), stop, lastCall: stop / 2 };
}

/**
 * Watches an invocation's time. If a function times out, its whole batch fails, including the webhooks that are done.
 * If it stops in time, only the unfinished ones fail.
 *
 * @param remainingMilliseconds Lambda's own countdown
 * @param timeoutSeconds the function's timeout
 */
export function watchDeadline(remainingMilliseconds: () => number, timeoutSeconds: number): Deadline {
  const times = invocationTimes(timeoutSeconds);
  const controller = new AbortController();
  const { promise: lastCall, resolve } = Promise.withResolvers<void>();
  const timers = [
    setTimeout(() => controller.abort(), remainingMilliseconds() - times.stop),
    setTimeout(resolve, remainingMilliseconds() - times.lastCall),
  ];
  return {
    mayStart: () => remainingMilliseconds() > times.lastStart,
    remainingMilliseconds: () => Math.max(0, remainingMilliseconds() - times.stop),
    signal: controller.signal,
    lastCall,
    stop: () => timers.forEach(clearTimeout),
  };
}

/** A handler's part of an invocation's time. */
export interface Share extends Pick<Deadline, "signal" | "remainingMilliseconds"> {
  /** Stops the timer. */
  stop(): void;
}

/**
 * Divides what is left of an invocation's time: this is the first of several equal parts.
 *
 * @param parts 1 for all of it
 * @param reason what the signal fires with when the part is over
 */
export function shareOf(deadline: Deadline, parts: number, reason: Error): Share {
  if (parts <= 1) return { ...deadline, stop: () => {} };
  const rest = Math.ceil((deadline.remainingMilliseconds() * (parts - 1)) / parts);
  const remainingMilliseconds = () => Math.max(0, deadline.remainingMilliseconds() - rest);
  const controller = new AbortController();
  const timer = setTimeout(() => controller.abort(reason), remainingMilliseconds());
  return {
    signal: AbortSignal.any([deadline.signal, controller.signal]),
    remainingMilliseconds,
    stop: () => clearTimeout(timer),
  };
}

function clamp(value: number, least: number, most: number): number {
  return Math.min(Math.max(value, least), most);
}
