import { beforeEach, describe, expect, it } from "vitest";
import { defineHandler, InvalidWebhookError } from "../../../runtime/define-handler.js";
import type { Dependencies } from "../../../runtime/dependencies.js";
import { historyOver } from "../../../runtime/history/history.js";
import type { BusEntry, PutEvents } from "../../../runtime/news/events.js";
import { createNews, type News } from "../../../runtime/news/news.js";
import { countIn } from "../../../runtime/news/window-count.js";
import { sharedHistoryTable } from "../../support/dynamodb.js";
import { crmWebhook, definition, githubWebhook, startProcessor } from "../../support/processor.js";
import { createMemoryStore } from "../../support/proof/memory-store.js";
import { lambdaContext, sqsRecord } from "../../support/sqs-events.js";

const database = await sharedHistoryTable();
const day = 86_400_000;
let now = 1_767_225_600_000;
let events: BusEntry[];
beforeEach(() => {
  // Each test has windows of its own.
  now += day;
  events = [];
});

const threshold = 10;
const record: PutEvents = async (entries) => void events.push(...entries);
const counted = countIn(database.client, database.table);

function newsOf(putEvents: PutEvents = record, addToCount = counted): News {
  const told = { pipeline: "hooks", stage: "prod", rejectedWebhooks: threshold };
  return createNews(told, { addToCount, putEvents, clock: () => now });
}

const obedient = defineHandler(async (webhook) => {
  const { do: what } = webhook.json() as { do?: string };
  if (what === "invalid") throw new InvalidWebhookError("an order without an id");
  if (what === "fail") throw new Error("the shop is down");
  if (what === "hang") await new Promise(() => {});
});

/** A function of the stage, with a cache of its own. */
function environment(news = newsOf(), changes: Partial<Dependencies> = {}, timeoutSeconds = 30) {
  const handlers = { crm: obedient, github: obedient };
  const dependencies = { news, ...changes };
  return startProcessor(database, handlers, { definition: { timeoutSeconds }, dependencies });
}

/** A function whose time is short. */
const briefEnvironment = (news = newsOf()) => environment(news, {}, 5);

/** A function that remembers webhooks without a table. */
function fastEnvironment(news = newsOf()) {
  const { timeoutSeconds, historyTtlDays: ttlDays } = definition;
  const store = createMemoryStore(new Map(), () => now);
  return environment(news, { history: historyOver(store, { timeoutSeconds, ttlDays, clock: () => now }) });
}

let serial = 0;
const unique = () => `news-${++serial}`;
const last = { receiveCount: definition.maxReceiveCount };
const forged = (id = unique()) => githubWebhook(id, { secret: "a guess" });
const forgedBatch = (count: number) =>
  Promise.all(Array.from({ length: count }, async () => sqsRecord(await forged())));
const ofType = (type: string) => events.filter((event) => event.type === type).map(({ detail }) => detail);

describe("a webhook that fails in its last delivery", () => {
  it("is told of once, with what finds it in the history and in the dead-letter queue", async () => {
    const id = unique();
    const processor = environment();
    const envelope = crmWebhook(id, { do: "fail", card: "4111" });

    await processor.run([sqsRecord(envelope, { messageId: "m-1", receiveCount: 9 })]);
    expect(events).toEqual([]);
    await processor.run([sqsRecord(envelope, { messageId: "m-1", ...last })]);

    expect(events).toEqual([
      {
        type: "Webhook Dead-Lettered",
        time: new Date(now),
        detail: {
          pipeline: "hooks",
          stage: "prod",
          source: "crm",
          webhookId: `crm/${id}`,
          requestId: envelope.requestId,
          reason: "Error: the shop is down",
          attempts: 2,
          deliveries: 10,
          receivedAt: "2026-01-01T00:00:00.000Z",
          messageId: "m-1",
          queueArn: "arn:aws:sqs:eu-west-1:123456789012:webhooks",
        },
      },
    ]);
    expect(await database.item(`crm/${id}`)).toMatchObject({ status: "failed" });
    expect(JSON.stringify(events)).not.toContain("4111");
  });

  it("is told of although its handler has used up the function's time", async () => {
    const id = unique();
    const hangs = sqsRecord(crmWebhook(id, { do: "hang" }), last);
    await briefEnvironment().run([hangs], lambdaContext(1_500));

    expect(ofType("Webhook Dead-Lettered")).toEqual([
      expect.objectContaining({ webhookId: `crm/${id}`, reason: expect.stringContaining("out of time") }),
    ]);
  });

  it("is told of although it was not even tried", async () => {
    await briefEnvironment().run([sqsRecord(crmWebhook(unique()), last)], lambdaContext(900));

    expect(ofType("Webhook Dead-Lettered")).toEqual([
      expect.objectContaining({ source: "crm", reason: expect.stringContaining("not tried") }),
    ]);
  });

  it("is not told of when it succeeds in it", async () => {
    await environment().run([sqsRecord(crmWebhook(unique()), last)]);
    expect(events).toEqual([]);
  });
});

describe("an invalid webhook", () => {
  it("is told of by the delivery that records it, and not by its repetitions", async () => {
    const envelope = crmWebhook(unique(), { do: "invalid" });
    const processor = environment();
    await processor.run([sqsRecord(envelope)]);
    await processor.run([sqsRecord(envelope)]);

    expect(ofType("Webhook Invalid")).toEqual([
      expect.objectContaining({ source: "crm", reason: "an order without an id", attempts: 1 }),
    ]);
  });

  it("is told of twenty times a minute at most, and the next event says how many were left out", async () => {
    const processor = fastEnvironment();
    const flood = async () => {
      const records = Array.from({ length: 50 }, () => sqsRecord(crmWebhook(unique(), { do: "invalid" })));
      for (let start = 0; start < 50; start += 10) await processor.run(records.slice(start, start + 10));
    };
    await flood();
    expect(events).toHaveLength(20);
    now += 60_000;
    await flood();

    expect(events).toHaveLength(40);
    const leftOut = ofType("Webhook Invalid").map((detail) => (detail as { leftOut?: number }).leftOut);
    expect(leftOut.map((count) => count ?? 0)).toEqual([...Array(20).fill(0), 30, ...Array(19).fill(0)]);
  });
});

describe("rejected webhooks", () => {
  it("are told of when they are as many as the alarm waits for, counted over all functions", async () => {
    const [one, other] = [environment(), environment()];
    await one.run(await forgedBatch(6));
    await other.run(await forgedBatch(3));
    expect(events).toEqual([]);
    await one.run(await forgedBatch(4));

    const rejected = { source: "github", count: 13, reason: expect.stringContaining("signature") };
    expect(ofType("Webhooks Rejected")).toEqual([{ pipeline: "hooks", stage: "prod", ...rejected }]);
  });

  it("are too few when they are spread over hours", async () => {
    const processor = environment();
    for (let hour = 0; hour < 4; hour += 1) {
      await processor.run(await forgedBatch(9));
      now += 3_600_000;
    }
    expect(events).toEqual([]);
  });

  it("are one event in five minutes, and a bounded number of writes, when there are 10,000", async () => {
    let writes = 0;
    const counting: typeof counted = (...args) => {
      writes += 1;
      return counted(...args);
    };
    const environments = Array.from({ length: 20 }, () => fastEnvironment(newsOf(record, counting)));
    const forgery = sqsRecord(await forged());
    const flood = () =>
      Promise.all(
        environments.map(async (one) => {
          for (let batch = 0; batch < 50; batch += 1) await one.run(Array(10).fill(forgery));
        }),
      );
    await flood();
    expect(events).toHaveLength(1);
    expect(writes).toBeLessThanOrEqual(threshold + environments.length);

    now += 300_000;
    await environments[0]?.run(Array(10).fill(forgery));
    expect(events).toHaveLength(2);
  });

  it("that could not be counted are counted with the next", async () => {
    let fails = true;
    const processor = environment(
      newsOf(record, async (...args) => {
        if (fails) throw new Error("the table is throttled");
        return counted(...args);
      }),
    );
    await processor.run(await forgedBatch(6));
    fails = false;
    await processor.run(await forgedBatch(4));

    expect(ofType("Webhooks Rejected")).toEqual([expect.objectContaining({ count: 10 })]);
  });

  it("leave counts behind that expire, and that the history's indexes do not have", async () => {
    await environment().run(await forgedBatch(2));
    const start = Math.floor(now / 300_000) * 300;

    expect(await database.attributes(`_news/rejected/github/${start}`)).toEqual({
      webhook_id: { S: `_news/rejected/github/${start}` },
      count: { N: "2" },
      expires_at: { N: String(start + 300 + 86_400) },
    });
  });
});

describe("a source without a secret", () => {
  it("is told of once an hour by all functions together, with the command that sets it", async () => {
    const environments = [environment(), environment()];
    for (const one of environments) one.secrets.clear();
    const records = await Promise.all([1, 2, 3].map(async () => sqsRecord(await githubWebhook(unique()))));
    for (const one of environments) {
      await one.run(records);
      await one.run(records);
    }
    const reason = expect.stringContaining("aws secretsmanager put-secret-value --secret-id webhooks/github");
    expect(events.map(({ type }) => type)).toEqual(["Source Without Secret"]);
    expect(events[0]?.detail).toMatchObject({ source: "github", reason });

    now += 3_600_000;
    await environments[0]?.run(records);
    expect(events).toHaveLength(2);
  });

  it("is one whose secret has a form that no key has", async () => {
    const processor = environment();
    processor.secrets.set("webhooks/github", '{"secret":"abc"}');
    await processor.run([sqsRecord(await githubWebhook(unique()))]);

    expect(events.map(({ type }) => type)).toEqual(["Source Without Secret"]);
  });
});

describe("a target that is left alone", () => {
  it("is told of once an hour by all functions together, with what its last webhook met", async () => {
    const name = unique();
    const breaker = { failures: 2, longestSeconds: 300, holdingSeconds: 86_400 };
    const source = { name, signature: { kind: "none" }, eventId: ["json:id"], breaker } as const;
    const functions = [1, 2].map(() =>
      startProcessor(
        database,
        { [name]: obedient },
        { definition: { sources: [source] }, dependencies: { news: newsOf() } },
      ),
    );
    const [one, other] = functions;
    const failing = () => sqsRecord({ ...crmWebhook(unique(), { do: "fail" }), source: name });
    await one?.run([failing()]);
    expect(events).toEqual([]);
    await other?.run([failing()]);
    // The probe fails, too.
    other?.advance(15_000);
    await other?.run([failing()]);

    expect(other?.metric("BreakerOpened")).toBe(2);
    const told = { source: name, reason: "Error: the shop is down", count: 1 };
    expect(ofType("Target Left Alone")).toEqual([{ pipeline: "hooks", stage: "prod", ...told }]);
  });
});

describe("a webhook that waits for its target", () => {
  it("is a dead letter once, however often the queue delivers it after its tries", async () => {
    const processor = environment();
    const record = sqsRecord(crmWebhook(unique(), { do: "fail" }), { messageId: "m-1" });
    const sent = Number(record.attributes.SentTimestamp);
    const deliver = async (deliveries: number) => {
      const stringValue = `${sent} ${deliveries - 1} ${sent}`;
      const held = { dataType: "String", stringValue, stringListValues: [], binaryListValues: [] };
      await processor.run([{ ...record, messageAttributes: { ...record.messageAttributes, held } }]);
    };
    const most = definition.maxReceiveCount;
    for (const deliveries of [most, most + 1, most + 2]) await deliver(deliveries);

    expect(ofType("Webhook Dead-Lettered")).toEqual([
      expect.objectContaining({ deliveries: most, reason: "Error: the shop is down" }),
    ]);
  });
});

describe("a bus that takes no events", () => {
  const refuses: PutEvents = async () => {
    throw new Error("ResourceNotFoundException: there is no such bus");
  };
  const batch = async () => [
    sqsRecord(crmWebhook(unique(), { do: "fail" }), { messageId: "fails", ...last }),
    sqsRecord(crmWebhook(unique(), { do: "invalid" })),
    sqsRecord(crmWebhook(unique())),
    ...(await forgedBatch(threshold)),
  ];

  it("changes no outcome, and is logged once a minute", async () => {
    const silent = startProcessor(database, { crm: obedient, github: obedient });
    const loud = environment(newsOf(refuses));
    for (const processor of [silent, loud]) {
      expect(await processor.run(await batch())).toEqual({
        batchItemFailures: [{ itemIdentifier: "fails" }],
      });
      expect(processor.delays.get("fails")).toBe(0);
    }
    await loud.run(await batch());
    const complaints = () => loud.lines.filter((line) => line.includes("events.bus"));
    expect(complaints()).toEqual([expect.stringContaining("there is no such bus")]);

    now += 60_000;
    await loud.run(await batch());
    expect(complaints()).toHaveLength(2);
  });

  it("keeps nobody waiting when it does not answer: three seconds, and not past the function's time", async () => {
    const hangs: PutEvents = (_, signal) =>
      new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason)));
    const timed = async (milliseconds: number) => {
      const startedAt = Date.now();
      const answer = await briefEnvironment(newsOf(hangs)).run(await batch(), lambdaContext(milliseconds));
      expect(answer).toEqual({ batchItemFailures: [{ itemIdentifier: "fails" }] });
      return Date.now() - startedAt;
    };
    expect(await timed(3_000)).toBeLessThan(3_000);
    expect(await timed(30_000)).toBeLessThan(15_000);
  });
});
