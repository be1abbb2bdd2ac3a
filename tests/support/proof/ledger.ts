import {
  type HistoryAttributes,
  type HistoryStatus,
  historyAttributes as names,
  readReplayIds,
} from "../../../runtime/history/item.js";
import { historySchema as keys } from "../../../runtime/history/schema.js";
import type { HistoryStore } from "../../../runtime/history/store.js";
import type { Delivery } from "./scenario.js";

/** A handler that has started on a webhook. */
export interface HandlerRun {
  readonly webhookId: string;
  readonly attempt: number;
  /** Whoever runs it; it is at work for as long as that lives. */
  readonly by: object;
}

interface Story {
  status: HistoryStatus | undefined;
  token: string | undefined;
  attempt: number;
  replayIds: readonly string[];
  /** Requests of the sender's that were worked on. */
  readonly requests: Set<string>;
  /** When the latest end was written. */
  endedAt: number;
  /** Claims in a row of which no end was written. */
  openClaims: number;
  /** Claims that began a new life: of a webhook that was unknown, forgotten, or done. */
  openings: number;
  /** Ends that no retry follows. */
  ends: number;
  /** Ends before each replay was let in. */
  readonly endsBeforeReplay: Map<string, number>;
}

/** By how much functions' clocks may differ from the gateway's, in milliseconds. */
const clockMargin = 5_000;

/** Whether a newer request of the sender's has to be worked on although the webhook is done. */
function isJudgedAnew({ status }: Story): boolean {
  return status === "ignored" || status === "invalid";
}

/**
 * Watches what handlers do and what is written, and holds it against the promises. What does not fit is a violation; the
 * world reports the first ones with the story that led to them.
 */
export class Ledger {
  readonly violations: string[] = [];
  readonly #stories = new Map<string, Story>();
  readonly #running = new Set<HandlerRun>();
  /** Completed runs whose end is not written yet. */
  readonly #unwritten = new Set<HandlerRun>();
  /** Completed runs whose end was never written, with the reason. */
  readonly interrupted: { readonly run: HandlerRun; readonly why: string }[] = [];
  readonly #completions = new Map<string, number>();
  readonly #attempts = new Map<string, number>();

  /**
   * @param now the time by which requests are taken
   * @param note takes what happens, for the story
   * @param count takes what happens, for the statistics
   */
  constructor(
    private readonly now: () => number,
    private readonly note: (line: string) => void,
    private readonly count: (what: string) => void,
  ) {}

  /** A store whose writes are seen here. */
  watch(store: HistoryStore): HistoryStore {
    return {
      putIfAbsent: async (item) => {
        const refusal = await store.putIfAbsent(item);
        if (refusal === undefined) this.#written(item[keys.hashKey]?.S ?? "", undefined, item);
        return refusal;
      },
      updateIfUnchanged: async (webhookId, seen, changes) => {
        const refusal = await store.updateIfUnchanged(webhookId, seen, changes);
        if (refusal === undefined) this.#written(webhookId, seen.token, changes.set);
        return refusal;
      },
    };
  }

  #written(webhookId: string, seenToken: string | undefined, written: HistoryAttributes): void {
    const status = written[names.status]?.S as HistoryStatus | undefined;
    if (status === undefined) return;
    const story = this.#storyOf(webhookId);
    const replayIds = written[names.replayIds] === undefined ? story.replayIds : readReplayIds(written);
    if (status === "processing") {
      const opens = story.status !== "processing" && story.status !== "failed";
      if (opens) {
        story.openings += 1;
        if (isJudgedAnew(story) && replayIds.length === story.replayIds.length) this.count("judged anew");
      }
      story.requests.add(written[names.requestId]?.S ?? "");
      for (const replayId of replayIds) {
        if (!story.endsBeforeReplay.has(replayId)) story.endsBeforeReplay.set(replayId, story.ends);
      }
      story.openClaims = story.status === "processing" ? story.openClaims + 1 : 1;
      story.token = written[names.token]?.S;
      story.attempt = Number(written[names.attempts]?.N);
      this.note(`  claimed ${webhookId}, try ${story.attempt}, it was ${story.status ?? "unknown"}`);
    } else {
      this.note(`  written: ${webhookId} is ${status}`);
      if (status !== "rejected" && seenToken !== story.token) {
        this.violations.push(`${webhookId} was ended by a worker that had lost its claim`);
      }
      if (status !== "failed") {
        story.ends += 1;
        story.endedAt = this.now();
        if (status !== "rejected") this.#credit(webhookId, story.attempt);
      }
    }
    story.status = status;
    story.replayIds = replayIds;
    if (story.ends > story.openings && status !== "rejected") {
      this.violations.push(`${webhookId} has ended ${story.ends} times for ${story.openings} openings`);
    }
  }

  #credit(webhookId: string, attempt: number): void {
    const completed = [...this.#unwritten].filter(
      (run) => run.webhookId === webhookId && run.attempt === attempt,
    );
    if (completed.length !== 1) {
      this.violations.push(`the end of ${webhookId} was written for ${completed.length} completed handlers`);
    }
    for (const run of completed) this.#unwritten.delete(run);
  }

  started(run: HandlerRun): void {
    this.note(`  handler starts on ${run.webhookId}, try ${run.attempt}`);
    this.#attempts.set(run.webhookId, this.attemptsOf(run.webhookId) + 1);
    for (const other of this.#running) {
      if (other.webhookId === run.webhookId) {
        this.violations.push(`two handlers work on ${run.webhookId} at the same time`);
      }
    }
    this.#running.add(run);
  }

  /** The handler came to an end that needs no retry. */
  completed(run: HandlerRun): void {
    this.note(`  handler is done with ${run.webhookId}`);
    this.#running.delete(run);
    this.#unwritten.add(run);
    this.#completions.set(run.webhookId, this.completionsOf(run.webhookId) + 1);
  }

  threw(run: HandlerRun): void {
    this.note(`  handler fails on ${run.webhookId}`);
    this.#running.delete(run);
  }

  /** Whoever ran these handlers is gone, or at least out of the race. */
  gone(by: object, why: string): void {
    for (const run of this.#running) if (run.by === by) this.#running.delete(run);
    for (const run of this.#unwritten) if (run.by === by) this.#interrupt(run, why);
  }

  #interrupt(run: HandlerRun, why: string): void {
    if (!this.interrupted.some((known) => known.run === run)) this.interrupted.push({ run, why });
  }

  /** SQS is about to forget a delivery: its webhook's end must stand in the history. */
  deleted({ webhookId, replayId, requestId, receivedAt }: Delivery): void {
    const story = this.#storyOf(webhookId);
    const asksAnew = replayId === undefined && isJudgedAnew(story) && !story.requests.has(requestId);
    if (asksAnew && receivedAt > story.endedAt + clockMargin) {
      this.violations.push(`${requestId} of ${webhookId} came after it was judged, and is deleted unjudged`);
    }
    const endsBefore = replayId === undefined ? 0 : story.endsBeforeReplay.get(replayId);
    if (endsBefore === undefined) {
      this.violations.push(`the replay ${replayId} of ${webhookId} is deleted and was never let in`);
    } else if (story.ends <= endsBefore) {
      this.violations.push(`a delivery of ${webhookId} is deleted before its end is written`);
    }
  }

  /** When all has come to rest: each life ended once, and each completion counts, or was cut short by what is known. */
  checkAtRest(): void {
    for (const [webhookId, { status, ends, openings }] of this.#stories) {
      if (this.isDone(webhookId) && status !== "rejected" && ends !== openings) {
        this.violations.push(`${webhookId} was opened ${openings} times and ended ${ends} times`);
      }
    }
    for (const run of this.#unwritten) {
      if (!this.interrupted.some((known) => known.run === run)) {
        this.violations.push(`a handler completed ${run.webhookId} and nothing says why that does not count`);
      }
    }
  }

  isDone(webhookId: string): boolean {
    const status = this.#stories.get(webhookId)?.status;
    return status !== undefined && status !== "processing" && status !== "failed";
  }

  /** Whether the function has died over it so often that what waits behind it need not wait any longer. */
  isGivenUp(webhookId: string): boolean {
    const { status, openClaims } = this.#storyOf(webhookId);
    const atWork = [...this.#running].some((run) => run.webhookId === webhookId);
    return status === "processing" && openClaims >= 3 && !atWork;
  }

  statusOf(webhookId: string): HistoryStatus | undefined {
    return this.#stories.get(webhookId)?.status;
  }

  openingsOf(webhookId: string): number {
    return this.#stories.get(webhookId)?.openings ?? 0;
  }

  /** Handlers that came to an end that needs no retry. */
  completionsOf(webhookId: string): number {
    return this.#completions.get(webhookId) ?? 0;
  }

  /** Completed runs of a webhook whose end could not be written. */
  interruptionsOf(webhookId: string): number {
    return this.interrupted.filter(({ run }) => run.webhookId === webhookId && this.#unwritten.has(run))
      .length;
  }

  /** Handlers that were started. */
  attemptsOf(webhookId: string): number {
    return this.#attempts.get(webhookId) ?? 0;
  }

  #storyOf(webhookId: string): Story {
    const known = this.#stories.get(webhookId);
    if (known !== undefined) return known;
    const story: Story = {
      status: undefined,
      token: undefined,
      attempt: 0,
      replayIds: [],
      openClaims: 0,
      requests: new Set(),
      endedAt: 0,
      openings: 0,
      ends: 0,
      endsBeforeReplay: new Map(),
    };
    this.#stories.set(webhookId, story);
    return story;
  }
}
