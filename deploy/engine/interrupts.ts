import { closeSync, openSync } from "node:fs";

/** What tells the engine to end. */
export interface Interrupts {
  readonly signal: AbortSignal;
  /** Whether somebody wants the run to end. */
  readonly wanted: boolean;
  /** Stops listening. */
  stop(): void;
}

/** Signals within this time are one wish: npm passes Ctrl-C on to a process that has got it from the terminal already. */
const oneWishMilliseconds = 500;

/**
 * Passes the wish to end on to the engine, instead of ending.
 *
 * The first SIGINT or SIGTERM lets what is in flight end; a second one ends the engine at once. SIGTERM is not passed on as it
 * is, because it would kill the engine, and leave a lock and half-made resources.
 *
 * @param told is told of each wish: the first, and the others
 * @param hasTerminal whether the engine gets Ctrl-C by itself, as every process of a terminal's group does. Passed on besides, it
 *   would count as the second
 */
export function listenForInterrupts(
  told: (wish: "first" | "again") => void,
  hasTerminal = isAtTerminal(),
): Interrupts {
  const controller = new AbortController();
  const { signal } = controller;
  let lastAt = Number.NEGATIVE_INFINITY;
  const passOn = () => {
    // The engine is sent a signal at each event. AbortController makes one only.
    if (signal.aborted) signal.dispatchEvent(new Event("abort"));
    else controller.abort();
  };
  let wanted = false;
  const onSignal = (name: NodeJS.Signals) => {
    const now = performance.now();
    if (now - lastAt < oneWishMilliseconds) return;
    lastAt = now;
    told(wanted ? "again" : "first");
    wanted = true;
    if (name !== "SIGINT" || !hasTerminal) passOn();
  };
  process.on("SIGINT", onSignal);
  process.on("SIGTERM", onSignal);
  return {
    signal,
    get wanted() {
      return wanted;
    },
    stop() {
      process.off("SIGINT", onSignal);
      process.off("SIGTERM", onSignal);
    },
  };
}

/** Whether this process belongs to a terminal, whatever its streams are. */
function isAtTerminal(): boolean {
  if (process.platform === "win32") return process.stdin.isTTY === true;
  try {
    closeSync(openSync("/dev/tty", "r"));
    return true;
  } catch {
    return false;
  }
}
