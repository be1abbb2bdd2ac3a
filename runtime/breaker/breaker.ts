import { randomUUID } from "node:crypto";
import type { BreakerDefinition } from "../stage/definition.js";
import { errorFields, type Log } from "../telemetry/log.js";
import {
  afterFailedProbe,
  afterFailures,
  type BreakerState,
  closed,
  type Failure,
  isForgotten,
  type OpenState,
  withProbe,
} from "./state.js";
import type { BreakerStore } from "./store.js";

/** Whether a webhook may go to its target. */
export type Passage =
  /** The target is not left alone. */
  | { readonly state: "free" }
  /** The target is left alone, and this is the one webhook that tries it. */
  | { readonly state: "probe"; readonly version: string }
  /** The target is left alone, and this is when to come back, in epoch milliseconds. */
  | { readonly state: "closed"; readonly until: number };

/** What a webhook that went through says about its target: nothing, if the target was not called. */
export type Experience =
  | { readonly kind: "success" | "nothing" }
  | { readonly kind: "failure"; readonly failure: Failure };

/** A webhook on its way through its target. */
export interface Visit {
  /** The target's: the name under which the history has its webhooks. */
  readonly name: string;
  readonly definition: BreakerDefinition;
  readonly passage: Exclude<Passage, { readonly state: "closed" }>;
  experience: Experience;
}

/**
 * Leaves targets alone that fail for everybody. The state is shared between all functions; each knows of it what it saw last.
 *
 * A function that has seen no failure reads and writes nothing. Each failure is counted in the table, and what is there tells
 * the function whether the target is left alone. As soon as it is, no function that knows of it calls the target, until one
 * of them wins the probe. All the others wait for that one.
 */
export interface Breaker {
  /** Never rejects: if the state cannot be read, the webhook comes back a little later. */
  enter(name: string): Promise<Passage>;
  /**
   * Never rejects. To be called once for each webhook that was let through.
   *
   * @returns true if the target is left alone from now on, or for longer, because of this webhook
   */
  leave(visit: Visit): Promise<boolean>;
}

/** A probe lasts longer than the function by this time, like a claim on a webhook. */
const leaseMarginMilliseconds = 5_000;

/** How long to wait for a probe that another webhook makes, or for the table, before looking again. */
const lookAgainMilliseconds = 5_000;

/** Over how long a time webhooks come back at most, so that they do not all call at once a target that has just recovered. */
const longestSpreadMilliseconds = 60_000;

/** Tries to count a failure: other functions count at the same time. */
const mostTries = 5;

/** What a function knows of one target. */
interface Knowledge {
  state?: BreakerState | undefined;
  /** While the target is left alone: nobody asks the table before this, in epoch milliseconds. */
  askAt: number;
  /** Failures that the table does not have yet. */
  uncounted: number;
  /** Until then, in epoch milliseconds, one webhook counts the failures of all: at the same time they would collide. */
  countingUntil: number;
}

export function createBreaker({
  store,
  timeoutSeconds,
  clock,
  random,
  log,
}: {
  readonly store: BreakerStore;
  /** The function's timeout. */
  readonly timeoutSeconds: number;
  readonly clock: () => number;
  readonly random: () => number;
  readonly log: Log;
}): Breaker {
  const targets = new Map<string, Knowledge>();
  const knowledgeOf = (name: string): Knowledge => {
    const known = targets.get(name) ?? { askAt: 0, uncounted: 0, countingUntil: 0 };
    targets.set(name, known);
    return known;
  };

  const learn = (known: Knowledge, state: BreakerState | undefined) => {
    known.state = state;
    if (state?.open === undefined) return;
    const { until, probeUntil = 0 } = state.open;
    const now = clock();
    known.askAt = probeUntil > now ? Math.min(probeUntil, now + lookAgainMilliseconds) : until;
  };

  /** Asks for the probe, if nobody has it. */
  const ask = async (
    name: string,
    known: Knowledge,
    state: BreakerState & { readonly open: OpenState },
  ): Promise<Passage | undefined> => {
    const now = clock();
    try {
      if ((state.open.probeUntil ?? 0) > now) {
        learn(known, await store.read(name));
        return undefined;
      }
      const version = randomUUID();
      const probing = withProbe(state, version, now + timeoutSeconds * 1000 + leaseMarginMilliseconds);
      const replaced = await store.replace(name, state.version, probing);
      learn(known, replaced.done ? probing : replaced.state);
      if (!replaced.done) return undefined;
      // This function will know how it ends, and need not look.
      known.askAt = probing.open?.probeUntil ?? now;
      return { state: "probe", version };
    } catch (error) {
      log.warn("a target's breaker could not be read: its webhooks wait", {
        target: name,
        ...errorFields(error),
      });
      known.askAt = now + lookAgainMilliseconds;
      return undefined;
    }
  };

  const comeBackAt = ({ askAt }: Knowledge, { delaySeconds, probeUntil = 0 }: OpenState): number => {
    const now = clock();
    const isTried = probeUntil > now;
    const earliest = isTried ? Math.min(askAt, now + lookAgainMilliseconds) : askAt;
    const spread = Math.min(
      longestSpreadMilliseconds,
      Math.max(lookAgainMilliseconds, (delaySeconds * 1000) / 4),
    );
    return earliest + Math.round(random() * spread);
  };

  /** The state before a failure that counts. */
  const counting = ({ state }: Knowledge) =>
    state === undefined || isForgotten(state, clock()) ? undefined : state;

  const countFailures = async (
    name: string,
    known: Knowledge,
    definition: BreakerDefinition,
    failure: Failure,
  ): Promise<boolean> => {
    for (let tries = 0; tries < mostTries && known.uncounted > 0; ) {
      // The calls were made before the target was left alone, or in spite of it.
      if (known.state?.open !== undefined) known.uncounted = 0;
      const count = known.uncounted;
      if (count === 0) return false;
      const before = counting(known);
      const changed = { now: clock(), version: randomUUID() };
      const next = afterFailures(before, count, failure, definition, changed);
      const replaced = await store.replace(name, before?.version, next);
      learn(known, replaced.done ? next : replaced.state);
      if (!replaced.done) tries += 1;
      else if (next.open !== undefined) return true;
      else known.uncounted = Math.max(0, known.uncounted - count);
    }
    return false;
  };

  const countFailure = async (
    name: string,
    definition: BreakerDefinition,
    failure: Failure,
  ): Promise<boolean> => {
    const known = knowledgeOf(name);
    if (known.state?.open !== undefined) return false;
    known.uncounted += 1;
    if (clock() < known.countingUntil && failure.forAll !== true) return false;
    known.countingUntil = clock() + lookAgainMilliseconds;
    try {
      return await countFailures(name, known, definition, failure);
    } finally {
      known.countingUntil = 0;
    }
  };

  const endProbe = async (
    name: string,
    definition: BreakerDefinition,
    version: string,
    experience: Experience,
  ): Promise<boolean> => {
    const known = knowledgeOf(name);
    const { state } = known;
    // Its time was up, and another has the probe.
    if (state?.version !== version || state.open === undefined) return false;
    const changed = { now: clock(), version: randomUUID() };
    const next =
      experience.kind === "failure"
        ? afterFailedProbe(state, experience.failure, definition, changed)
        : experience.kind === "success"
          ? closed(changed.version, changed.now)
          : withProbe({ ...state, open: state.open }, changed.version, undefined);
    const replaced = await store.replace(name, version, next);
    learn(known, replaced.done ? next : replaced.state);
    return replaced.done && experience.kind === "failure";
  };

  const change = async ({ name, definition, passage, experience }: Visit): Promise<boolean> => {
    if (passage.state === "probe") return endProbe(name, definition, passage.version, experience);
    if (experience.kind === "failure") return countFailure(name, definition, experience.failure);
    const known = targets.get(name);
    const state = known && counting(known);
    if (experience.kind !== "success" || known === undefined || state === undefined) return false;
    if (state.open !== undefined || state.failures === 0) return false;
    // All successes of a batch come at about the same time, and one write is enough.
    known.state = { ...state, failures: 0 };
    known.uncounted = 0;
    const next = closed(randomUUID(), clock());
    const replaced = await store.replace(name, state.version, next);
    learn(known, replaced.done ? next : replaced.state);
    return false;
  };

  return {
    async enter(name) {
      const known = targets.get(name);
      for (;;) {
        const state = known?.state;
        if (known === undefined || state?.open === undefined) return { state: "free" };
        if (clock() < known.askAt) return { state: "closed", until: comeBackAt(known, state.open) };
        // Nobody waits for the answer but this one: it may never come.
        known.askAt = clock() + lookAgainMilliseconds;
        const passage = await ask(name, known, { ...state, open: state.open });
        if (passage !== undefined) return passage;
      }
    },

    async leave(visit) {
      const { name, passage, experience } = visit;
      // The usual case, without a wait: nobody has seen a failure.
      if (passage.state === "free" && experience.kind !== "failure" && !targets.has(name)) return false;
      const known = knowledgeOf(name);
      let opened = false;
      try {
        opened = await change(visit);
      } catch (error) {
        log.warn("a target's breaker could not be changed", { target: name, ...errorFields(error) });
      }
      if (opened) {
        const { delaySeconds, since = 0 } = known.state?.open ?? {};
        log.warn("target left alone: it fails for everybody", {
          target: name,
          failures: known.state?.failures,
          for_seconds: delaySeconds,
          since: new Date(since).toISOString(),
        });
      }
      return opened;
    },
  };
}
