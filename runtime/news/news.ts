import type { WorkedRecord } from "../batch/batch.js";
import type { RecordResult } from "../batch/record.js";
import type { EventsDefinition } from "../stage/events.js";
import { errorFields, type Log } from "../telemetry/log.js";
import type { BusEntry, PutEvents, SourceEvent, WebhookEvent } from "./events.js";
import { type BatchFacts, notice } from "./notice.js";
import { type AddToCount, windowCount } from "./window-count.js";

/** Tells a team's own tools what happens to the pipeline. */
export interface News {
  /** Tells of a finished batch. Never rejects: the outcomes do not depend on it. */
  tell(
    worked: readonly WorkedRecord<RecordResult>[],
    batch: BatchFacts & { readonly log: Log },
  ): Promise<void>;
}

/** Time for all of a batch's news. What is not told by then is lost. */
const longestMilliseconds = 3_000;

/**
 * Events of one kind and source that one function sends in a minute. Each webhook of an outage would otherwise be an event,
 * and of a source without a signature anybody could make them.
 */
const mostPerMinute = 20;

const minute = 60_000;

export function createNews(
  { pipeline, stage, rejectedWebhooks }: Omit<EventsDefinition, "bus">,
  {
    addToCount,
    putEvents,
    clock,
  }: {
    readonly addToCount: AddToCount;
    readonly putEvents: PutEvents;
    /** The current time in epoch milliseconds. */
    readonly clock: () => number;
  },
): News {
  const counts = {
    "Webhooks Rejected": windowCount({
      name: "rejected",
      seconds: 300,
      threshold: rejectedWebhooks,
      clock,
      addToCount,
    }),
    "Source Without Secret": windowCount({
      name: "without-secret",
      seconds: 3_600,
      threshold: 1,
      clock,
      addToCount,
    }),
    "Target Left Alone": windowCount({
      name: "left-alone",
      seconds: 3_600,
      threshold: 1,
      clock,
      addToCount,
    }),
  };
  const sent = new Map<string, { minute: number; count: number; leftOut: number }>();
  let quietUntil = 0;

  /** The events about single webhooks that may be sent, each with how many before it were not. */
  const withinLimit = ({ type, detail }: WebhookEvent) => {
    const key = `${type}/${detail.source}`;
    const now = Math.floor(clock() / minute);
    const last = sent.get(key) ?? { minute: now, count: 0, leftOut: 0 };
    const own = last.minute === now ? last : { minute: now, count: 0, leftOut: last.leftOut };
    sent.set(key, own);
    if (own.count >= mostPerMinute) {
      own.leftOut += 1;
      return [];
    }
    own.count += 1;
    const { leftOut } = own;
    own.leftOut = 0;
    return [{ type, detail: leftOut === 0 ? detail : { ...detail, leftOut } }];
  };

  const oncePerWindow = async ({ type, detail }: SourceEvent, signal: AbortSignal) => {
    const { source, reason, count } = detail;
    const reached = await counts[type](source, count, signal);
    return reached === undefined ? [] : [{ type, detail: { source, reason, count: reached } }];
  };

  const send = async (events: readonly Omit<BusEntry, "time">[], signal: AbortSignal) => {
    if (events.length === 0) return;
    const time = new Date(clock());
    const entries = events.map(({ type, detail }) => ({
      type,
      time,
      detail: { pipeline, stage, ...detail },
    }));
    await putEvents(entries, signal);
  };

  const complain = (log: Log, error: unknown) => {
    if (clock() < quietUntil) return;
    quietUntil = clock() + minute;
    log.warn("an event about the pipeline was not sent (events.bus)", errorFields(error));
  };

  return {
    async tell(worked, { log, ...facts }) {
      try {
        const { webhooks, sources } = notice(worked, facts);
        if (webhooks.length + sources.length === 0) return;
        const signal = AbortSignal.timeout(longestMilliseconds);
        const results = await Promise.allSettled([
          send(webhooks.flatMap(withinLimit), signal),
          ...sources.map(async (event) => send(await oncePerWindow(event, signal), signal)),
        ]);
        for (const result of results) if (result.status === "rejected") complain(log, result.reason);
      } catch (error) {
        complain(log, error);
      }
    },
  };
}
