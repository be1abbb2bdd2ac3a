import { Queue, type QueueSettings } from "local-aws";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { WebhookHandler } from "../../runtime/define-handler.js";
import { encodeEnvelope } from "../../runtime/envelope/envelope.js";
import { createHandler } from "../../runtime/handler.js";
import { historyOver } from "../../runtime/history/history.js";
import type { HistoryAttributes } from "../../runtime/history/item.js";
import { lanesOf } from "../../settings/lanes.js";
import { parseSettings } from "../../settings/settings.js";
import { noSigningKeys } from "../support/no-signing-keys.js";
import { crmWebhook } from "../support/processor.js";
import { createMemoryStore } from "../support/proof/memory-store.js";
import { lambdaContext, sqsEvent, sqsRecord } from "../support/sqs-events.js";

beforeEach(() => {
  vi.useFakeTimers({ now: 1_767_225_600_000 });
});
afterEach(() => {
  vi.useRealTimers();
});

const pollers = 5;
const sources = [{ name: "crm", signature: { scheme: "none" }, eventId: ["json:id"] }];

interface Outcome {
  /** Webhooks whose handler completed. */
  readonly completed: number;
  /** Webhooks in the dead-letter queue. */
  readonly dead: number;
  /** Those of them whose handler never began. */
  readonly deadUntried: number;
}

/**
 * Lets a stage work off a backlog in simulated time: the real settings, function and queue, and a handler that takes its time.
 *
 * @param settings apart from the sources
 * @param hanging how many webhooks have handlers that never end, of those that come first
 * @param batchSize what Lambda uses instead of the settings' own
 */
async function workOff(
  settings: object,
  {
    webhooks,
    handlerSeconds,
    hanging = 0,
    batchSize,
  }: { webhooks: number; handlerSeconds: number; hanging?: number; batchSize?: number },
): Promise<Outcome> {
  const stage = parseSettings({ sources, history: { keepPayload: "none" }, ...settings });
  const { queue, processor } = stage;
  const [lane] = lanesOf(stage, "webhooks");
  if (lane === undefined) throw new Error("the stage has no lane");
  const fifo = queue.type === "fifo";
  const clock = () => Date.now();
  const deadLetters = new Queue(queueSettings("dead", fifo), undefined, clock);
  const redrive = { deadLetterTargetArn: deadLetters.settings.arn, maxReceiveCount: queue.maxReceiveCount };
  const live = new Queue({ ...queueSettings("live", fifo), redrive }, undefined, clock);
  const idOf = new Map<string, string>();
  for (let webhook = 0; webhook < webhooks; webhook++) {
    const id = String(webhook);
    const body = encodeEnvelope(crmWebhook(id));
    idOf.set(body, id);
    live.send({ body, attributes: {}, ...(fifo ? { groupId: "a", deduplicationId: id } : {}) });
  }

  const begun = new Set<string>();
  let completed = 0;
  const crm: WebhookHandler = async (webhook, { signal }) => {
    begun.add(webhook.eventId);
    await new Promise<void>((resolve, reject) => {
      if (Number(webhook.eventId) >= hanging) setTimeout(resolve, handlerSeconds * 1000);
      signal.addEventListener("abort", () => reject(new Error("out of time")), { once: true });
    });
    completed += 1;
  };
  const { timeoutSeconds, historyTtlDays: ttlDays } = lane.definition;
  const items = new Map<string, HistoryAttributes>();
  const handler = createHandler(
    lane.definition,
    { crm },
    {
      history: historyOver(createMemoryStore(items, clock), { timeoutSeconds, ttlDays, clock }),
      secrets: { of: async () => [], newerThan: async () => undefined },
      signingKeys: noSigningKeys,
      changeVisibility: async (receiptHandle, seconds) => live.changeVisibility(receiptHandle, seconds),
      sendMessages: async () => new Map(),
      deleteMessages: async (handles) => {
        for (const handle of handles) live.delete(handle);
      },
      clock,
      random: Math.random,
      writeLine: () => {},
      logLevel: "ERROR",
    },
  );

  const most = batchSize ?? processor.batchSize;
  let over = false;
  const poll = async () => {
    while (!over) {
      const batch = live.receive(most, queue.visibilityTimeoutSeconds, deadLetters);
      if (batch.length === 0) {
        await new Promise((resolve) => setTimeout(resolve, 1_000));
        continue;
      }
      const records = batch.map(({ id, body, receiveCount, receiptHandle = "", groupId: group }) => {
        const options = { messageId: id, receiveCount, fifo, ...(group === undefined ? {} : { group }) };
        return { ...sqsRecord(body, options), receiptHandle };
      });
      const { batchItemFailures } = await handler(sqsEvent(...records), lambdaContext(timeoutSeconds * 1000));
      const back = new Set(batchItemFailures.map(({ itemIdentifier }) => itemIdentifier));
      for (const { messageId, receiptHandle } of records) {
        if (!back.has(messageId)) live.delete(receiptHandle);
      }
    }
  };
  const polling = Array.from({ length: pollers }, poll);
  while (completed + deadLetters.peek().length < webhooks) {
    await vi.advanceTimersByTimeAsync(10_000);
  }
  over = true;
  await vi.advanceTimersByTimeAsync(timeoutSeconds * 1000);
  await Promise.all(polling);

  const dead = deadLetters.peek();
  return {
    completed,
    dead: dead.length,
    deadUntried: dead.filter(({ body }) => !begun.has(idOf.get(body) ?? "")).length,
  };
}

function queueSettings(name: string, fifo: boolean): QueueSettings {
  return {
    name,
    arn: `arn:aws:sqs:eu-west-1:123456789012:${name}`,
    url: `http://localhost/${name}`,
    fifo,
    visibilityTimeoutSeconds: 180,
    delaySeconds: 0,
    maximumMessageBytes: 1_048_576,
    retentionSeconds: 1_209_600,
    receiveWaitSeconds: 0,
    contentBasedDeduplication: false,
    deduplicatesByGroup: false,
  };
}

const largeBatches = { processor: { batchSize: 100, concurrency: 100, batchWindowSeconds: 1 } };
const oneGroup = { queue: { type: "fifo", maxReceiveCount: 4 } };

describe("promise 5: a backlog for slow handlers", () => {
  it.each<[string, object, Parameters<typeof workOff>[1]]>([
    ["1,000 webhooks in large batches", largeBatches, { webhooks: 1_000, handlerSeconds: 1 }],
    [
      "in large batches whose handlers take nearly all the time",
      largeBatches,
      { webhooks: 1_000, handlerSeconds: 28 },
    ],
    ["in a standard queue with the defaults", {}, { webhooks: 200, handlerSeconds: 28 }],
    ["in one group of a FIFO queue", oneGroup, { webhooks: 40, handlerSeconds: 28 }],
  ])("%s is worked off without a dead letter", async (_, settings, work) => {
    expect(await workOff(settings, work)).toEqual({ completed: work.webhooks, dead: 0, deadUntried: 0 });
  });

  it("ends in the dead-letter queue only tried, if no handler ever ends in time", async () => {
    expect(await workOff(largeBatches, { webhooks: 300, handlerSeconds: 60 })).toEqual({
      completed: 0,
      dead: 300,
      deadUntried: 0,
    });
  });
});

describe("promise 5: a handler that never ends, at the head of its group", () => {
  it.each([1, 3])(
    "leaves time for what waits behind it in its last delivery (%d of them)",
    async (hanging) => {
      expect(await workOff(oneGroup, { webhooks: 12, handlerSeconds: 1, hanging })).toEqual({
        completed: 12 - hanging,
        dead: hanging,
        deadUntried: 0,
      });
    },
  );
});

describe("the simulation notices", () => {
  it.each<[string, object, Parameters<typeof workOff>[1]]>([
    [
      "a batch that is larger than what is handled at once",
      { queue: { maxReceiveCount: 5 } },
      { webhooks: 2_000, handlerSeconds: 10, batchSize: 100 },
    ],
    [
      "a batch of one group that is larger than its deliveries",
      oneGroup,
      { webhooks: 40, handlerSeconds: 28, batchSize: 10 },
    ],
  ])("%s", async (_, settings, work) => {
    expect((await workOff(settings, work)).deadUntried).toBeGreaterThan(0);
  });
});
