import { randomUUID } from "node:crypto";
import type { Action, ActionState } from "../contract.js";
import { errorOf, RefusedRequest } from "../refusal.js";

/** Actions whose end is remembered. */
const mostActions = 100;

/** Most lines that are kept of an action. The newest are. */
const mostLines = 200;

/** What an action tells while it goes on. */
export interface Progress {
  tell(line: string): void;
  done(count: number): void;
}

/** A planned action, ready to be done. */
export interface Doing {
  readonly kind: Action["kind"];
  /** How many webhooks it is about. */
  readonly total?: number;
  /** Whether {@link Doing.act} heeds its signal. */
  readonly canStop: boolean;
  /**
   * Does it.
   *
   * @returns one sentence, and whether all of it went well
   */
  act(
    progress: Progress,
    stop: AbortSignal,
  ): Promise<{ readonly summary: string; readonly isWhole: boolean }>;
}

interface Running {
  state: ActionState;
  /** Number of its last change. */
  change: number;
  readonly stop: AbortController;
}

/** The actions that were confirmed, with how far they are. */
export class Actions {
  readonly #actions = new Map<string, Running>();
  readonly #listeners = new Set<() => void>();
  #changes = 0;

  /** How many changes there were. */
  get changes(): number {
    return this.#changes;
  }

  /** Begins an action. It goes on when nobody listens. */
  begin({ kind, total, canStop, act }: Doing): ActionState {
    const actionId = randomUUID();
    const stop = new AbortController();
    const state: ActionState = {
      actionId,
      kind,
      state: "running",
      done: 0,
      lines: [],
      canStop,
      ...(total === undefined ? {} : { total }),
    };
    const running: Running = { state, change: 0, stop };
    this.#actions.set(actionId, running);
    this.#forget();
    const change = (part: Partial<ActionState>) => this.#change(running, part);
    change({});
    void act(
      {
        tell: (line) => change({ lines: [...running.state.lines, line].slice(-mostLines) }),
        done: (count) => change({ done: count }),
      },
      stop.signal,
    ).then(
      ({ summary, isWhole }) =>
        change({
          summary,
          canStop: false,
          state: stop.signal.aborted ? "stopped" : isWhole ? "done" : "failed",
        }),
      (error: unknown) => change({ problem: errorOf(error), canStop: false, state: "failed" }),
    );
    return running.state;
  }

  /** @throws RefusedRequest for an action that there is not */
  state(actionId: string): ActionState {
    return this.#running(actionId).state;
  }

  /** Asks an action to stop; it is stopped when its state says so. @throws RefusedRequest for one that cannot be */
  stop(actionId: string): ActionState {
    const { state, stop } = this.#running(actionId);
    if (!state.canStop) throw new RefusedRequest(409, "the action cannot be stopped (any more)");
    stop.abort();
    return state;
  }

  changedSince(change: number): ActionState[] {
    return [...this.#actions.values()].filter((each) => each.change > change).map(({ state }) => state);
  }

  listen(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  #running(actionId: string): Running {
    const found = this.#actions.get(actionId);
    if (found === undefined) throw new RefusedRequest(404, "there is no such action");
    return found;
  }

  #change(running: Running, part: Partial<ActionState>): void {
    running.state = { ...running.state, ...part };
    this.#changes += 1;
    running.change = this.#changes;
    for (const listener of this.#listeners) listener();
  }

  #forget(): void {
    for (const [actionId, { state }] of this.#actions) {
      if (this.#actions.size <= mostActions) return;
      if (state.state !== "running") this.#actions.delete(actionId);
    }
  }
}
