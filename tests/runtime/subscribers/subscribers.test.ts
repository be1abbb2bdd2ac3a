import { beforeEach, describe, expect, it } from "vitest";
import { defineHandler, InvalidWebhookError, type WebhookHandler } from "../../../runtime/define-handler.js";
import type { Envelope } from "../../../runtime/envelope/envelope.js";
import type { Webhook } from "../../../runtime/envelope/webhook.js";
import { loadPayload } from "../../../runtime/payload/overflow.js";
import type { SourceDefinition, SubscriberDefinition } from "../../../runtime/stage/definition.js";
import { sharedHistoryTable } from "../../support/dynamodb.js";
import {
  githubWebhook,
  type Processor,
  definition as stage,
  startProcessor,
} from "../../support/processor.js";
import { type RecordOptions, sqsRecord } from "../../support/sqs-events.js";

const database = await sharedHistoryTable();
let serial = 0;
let id: string;
beforeEach(() => {
  id = `event-${++serial}`;
});

const names = ["billing", "lake"];
const [plain] = stage.sources;
if (plain === undefined) throw new Error("the stage under test has no source");
const github: SourceDefinition = {
  ...plain,
  eventType: "header:x-github-event",
  redact: ["json:secret"],
  subscribers: names,
};
const subscriberQueues = { "github.billing": "https://sqs/billing", "github.lake": "https://sqs/lake" };

/** The source's function. */
function startSource(changes: Partial<SourceDefinition> = {}, dependencies = {}): Processor {
  const sources = [{ ...github, ...changes }];
  return startProcessor(database, {}, { definition: { sources, subscriberQueues }, dependencies });
}

/** The function of one subscriber. */
function startSubscriber(
  name: string,
  handler: WebhookHandler,
  changes: Partial<SubscriberDefinition> = {},
): Processor {
  const subscriber: SubscriberDefinition = {
    name: `github.${name}`,
    source: "github",
    signature: github.signature,
    target: { handler: name },
    ...changes,
  };
  return startProcessor(
    database,
    { [name]: handler },
    { definition: { sources: [], subscribers: [subscriber] } },
  );
}

/** The messages that a source's function sent to a subscriber, as its function gets them. */
function deliveriesTo(name: string, source: Processor, options: RecordOptions = {}) {
  return source.sent
    .filter(({ queueUrl }) => queueUrl.endsWith(`/${name}`))
    .map(({ body, groupId }) => sqsRecord(body, { group: groupId, ...options }));
}

function remembering(seen: Webhook[]): WebhookHandler {
  return defineHandler((webhook) => void seen.push(webhook));
}

const failures = async (run: ReturnType<Processor["run"]>) => (await run).batchItemFailures.length;

describe("the function of a source with subscribers", () => {
  it("hands a genuine webhook to each of them, and has distributed it", async () => {
    const source = startSource();
    expect(await failures(source.run([sqsRecord(await githubWebhook(id))]))).toBe(0);

    expect(source.sent.map(({ queueUrl, groupId }) => [queueUrl, groupId])).toEqual([
      ["https://sqs/billing", "github.billing"],
      ["https://sqs/lake", "github.lake"],
    ]);
    expect(await database.item(`github/${id}`)).toMatchObject({
      status: "distributed",
      distributedAt: expect.any(Number),
      payload: expect.any(Uint8Array),
    });
    expect(source.metric("Distributed")).toBe(1);
    expect(source.outcomes()).toMatchObject([{ message: "webhook distributed", source: "github" }]);
  });

  it("hands over nothing that is forged, filtered out or repeated", async () => {
    const source = startSource({ filter: { include: ["issues"] } });
    await source.run([
      sqsRecord(await githubWebhook(`${id}-forged`, { secret: "guessed" })),
      sqsRecord(await githubWebhook(`${id}-push`, { event: "push" })),
      sqsRecord(await githubWebhook(id)),
    ]);
    await source.run([sqsRecord(await githubWebhook(id))]);

    expect(source.sent).toHaveLength(2);
    expect(["Rejected", "Ignored", "Distributed", "Duplicate"].map(source.metric)).toEqual([1, 1, 1, 1]);
  });

  it("has failed while one subscriber has no message, and sends all of them again", async () => {
    let refuses = true;
    const sent: string[] = [];
    const sendMessages = async (queueUrl: string) => {
      sent.push(queueUrl);
      return refuses && queueUrl.endsWith("/lake") ? new Map([[0, "InternalError: later"]]) : new Map();
    };
    const source = startSource({}, { sendMessages });
    const record = sqsRecord(await githubWebhook(id));

    expect(await failures(source.run([record]))).toBe(1);
    expect(await database.item(`github/${id}`)).toMatchObject({
      status: "failed",
      reason: expect.stringContaining("1 of 2 subscribers did not get it: lake"),
    });
    refuses = false;
    expect(await failures(source.run([record]))).toBe(0);
    expect(sent).toHaveLength(4);
    expect(await database.item(`github/${id}`)).toMatchObject({ status: "distributed", attempts: 2 });
  });

  it("shares requests between the webhooks of a batch", async () => {
    const requests: number[] = [];
    const sendMessages = async (_: string, messages: readonly unknown[]) => {
      requests.push(messages.length);
      return new Map();
    };
    const source = startSource({}, { sendMessages });
    const webhooks = await Promise.all(
      Array.from({ length: 10 }, (_, index) => githubWebhook(`${id}-${index}`)),
    );
    await source.run(webhooks.map((webhook) => sqsRecord(webhook)));

    expect(requests.reduce((sum, count) => sum + count, 0)).toBe(20);
    expect(requests.length).toBeLessThan(20);
  });

  it("refuses a subscriber's message that somebody moved into its queue, and leaves it there", async () => {
    const source = startSource();
    await source.run([sqsRecord(await githubWebhook(id))]);

    expect(await failures(source.run(deliveriesTo("lake", source)))).toBe(1);
    expect(source.outcomes().at(-1)).toMatchObject({
      message: "webhook failed",
      error: expect.stringContaining("the message is for a subscriber"),
    });
  });

  it("leaves a replay for somebody who is not its subscriber in the queue", async () => {
    const source = startSource();
    const replay = { ...(await githubWebhook(id)), replayId: "r-1", replayFor: "slack" };

    expect(await failures(source.run([sqsRecord(replay)]))).toBe(1);
    expect(await database.item(`github/${id}`)).toBeUndefined();
    expect(source.outcomes()[0]?.error).toContain("github.slack, and the source has no such subscriber");
  });
});

describe("a subscriber", () => {
  async function distributed(webhook?: Envelope): Promise<Processor> {
    const source = startSource();
    await source.run([sqsRecord(webhook ?? (await githubWebhook(id)))]);
    return source;
  }

  it("gets the whole webhook, also what the history must not keep, and knows its source by name", async () => {
    const body = `{"secret":"s","id":"${id}"}`;
    const source = await distributed(await githubWebhook(id, { body }));
    const seen: Webhook[] = [];
    await startSubscriber("billing", remembering(seen)).run(deliveriesTo("billing", source));

    expect(
      seen.map(({ source, id: webhookId, eventId, attempt }) => [source, webhookId, eventId, attempt]),
    ).toEqual([["github", `github.billing/${id}`, id, 1]]);
    expect(seen[0]?.text()).toBe(body);
    expect(seen[0]?.headers.get("x-hub-signature-256")).toMatch(/^sha256=/);
  });

  it("has an end of its own in the history, whose payload is that of its source's webhook", async () => {
    const source = await distributed();
    const billing = startSubscriber("billing", () => ({ ignored: "not mine" }));
    await billing.run(deliveriesTo("billing", source));

    const item = await database.item(`github.billing/${id}`);
    expect(item).toMatchObject({
      status: "ignored",
      reason: "not mine",
      source: "github.billing",
      payloadOf: `github/${id}`,
    });
    expect(item?.payload).toBeUndefined();
    const kept = await loadPayload(item ?? {}, undefined, (webhookId) => database.item(webhookId));
    expect(kept?.headers).toContainEqual(["X-GitHub-Delivery", id]);
    expect(billing.outcomes()).toMatchObject([
      { source: "github.billing", webhook_id: `github.billing/${id}` },
    ]);
  });

  it("that fails is tried again with its own backoff, and holds up no other", async () => {
    const source = await distributed();
    const fails = () => {
      throw new Error("the lake is frozen");
    };
    const lake = startSubscriber("lake", fails, { backoff: { baseSeconds: 100, maxSeconds: 100 } });
    const [record] = deliveriesTo("lake", source, { messageId: "m" });
    if (record === undefined) throw new Error("nothing was sent");

    expect(await failures(lake.run([record]))).toBe(1);
    expect(lake.delays.get("m")).toBe(50);
    const billing = startSubscriber("billing", () => {});
    expect(await failures(billing.run(deliveriesTo("billing", source)))).toBe(0);
    expect(await database.item(`github.lake/${id}`)).toMatchObject({ status: "failed", attempts: 1 });
    expect(await database.item(`github.billing/${id}`)).toMatchObject({ status: "processed" });
  });

  describe("whose target fails for everybody", () => {
    const breaker = { failures: 2, longestSeconds: 300, holdingSeconds: 86_400 };

    /** A lake that is left alone, with a webhook for each subscriber that waits in its queue. */
    async function leftAlone() {
      const name = `lake-${id}`;
      const subscribers = [name, "billing"];
      const queues = { [`github.${name}`]: `https://sqs/${name}`, "github.billing": "https://sqs/billing" };
      const distribute = async (eventId: string) => {
        const changes = { sources: [{ ...github, subscribers }], subscriberQueues: queues };
        const source = startProcessor(database, {}, { definition: changes });
        await source.run([sqsRecord(await githubWebhook(eventId))]);
        return source;
      };
      let isDown = true;
      const calls: string[] = [];
      const seen: Webhook[] = [];
      const handlers = {
        [name]: defineHandler((webhook) => {
          calls.push(webhook.eventId);
          if (isDown) throw new Error("the lake is frozen");
        }),
        billing: remembering(seen),
      };
      // They share a function, which knows of both.
      const both = subscribers.map((subscriber): SubscriberDefinition => {
        const { signature } = github;
        const target = { handler: subscriber };
        return { name: `github.${subscriber}`, source: "github", signature, target, breaker };
      });
      const lake = startProcessor(database, handlers, { definition: { sources: [], subscribers: both } });
      for (const failing of ["first", "second"]) {
        await lake.run(deliveriesTo(name, await distribute(`${id}-${failing}`)));
      }
      const source = await distribute(id);
      calls.length = 0;
      const mend = () => {
        isDown = false;
      };
      return { name, source, lake, calls, seen, mend };
    }

    it("waits without a call, a claim or a try, and gets its webhook when the target is there again", async () => {
      const { name, source, lake, calls, mend } = await leftAlone();
      const [record] = deliveriesTo(name, source);
      if (record === undefined) throw new Error("nothing was sent");
      expect(await failures(lake.run([record]))).toBe(0);

      expect(calls).toEqual([]);
      expect(await database.item(`github.${name}/${id}`)).toBeUndefined();
      expect(lake.sentAgain).toMatchObject([{ body: record.body, groupId: `github.${name}` }]);
      expect([lake.metric("Held"), lake.metric("BreakerOpened")]).toEqual([1, 1]);

      mend();
      lake.advance(20_000);
      const [again] = lake.sentAgain;
      if (again === undefined) throw new Error("nothing was sent again");
      await lake.run([{ ...sqsRecord(again.body), messageAttributes: again.attributes }]);
      expect(calls).toEqual([id]);
      expect(await database.item(`github.${name}/${id}`)).toMatchObject({ status: "processed", attempts: 1 });
    });

    it("keeps no other subscriber waiting, also of the same function", async () => {
      const { source, lake, seen } = await leftAlone();
      await lake.run(deliveriesTo("billing", source));

      expect(seen.map(({ eventId }) => eventId)).toEqual([id]);
      expect(lake.sentAgain).toEqual([]);
    });

    it("is in the dead-letter queue's line once its tries are used up, however often it waited", async () => {
      const { name, source, lake, calls } = await leftAlone();
      const [record] = deliveriesTo(name, source);
      if (record === undefined) throw new Error("nothing was sent");
      const sent = Number(record.attributes.SentTimestamp);
      const held = `${sent} ${stage.maxReceiveCount} ${sent}`;
      const spent = {
        ...record,
        messageAttributes: {
          held: { dataType: "String", stringValue: held, stringListValues: [], binaryListValues: [] },
        },
      };

      expect(await failures(lake.run([spent]))).toBe(1);
      expect(calls).toEqual([]);
      expect(lake.sentAgain).toEqual([]);
    });
  });

  it("handles a webhook once that is handed over twice", async () => {
    const source = await distributed();
    const seen: Webhook[] = [];
    const billing = startSubscriber("billing", remembering(seen));
    await billing.run(deliveriesTo("billing", source));
    await billing.run(deliveriesTo("billing", source));

    expect(seen).toHaveLength(1);
    expect(billing.metric("Duplicate")).toBe(1);
  });

  it("has a filter of its own", async () => {
    const source = await distributed();
    const billing = startSubscriber("billing", () => {}, {
      eventType: "header:x-github-event",
      filter: { exclude: ["issues"] },
    });
    await billing.run(deliveriesTo("billing", source));

    expect(await database.item(`github.billing/${id}`)).toMatchObject({ status: "ignored" });
  });

  it("refuses what no source's function sent, and what is another's", async () => {
    const source = await distributed();
    const billing = startSubscriber("billing", () => {});
    const records = [
      sqsRecord(await githubWebhook(id)),
      sqsRecord("garbage"),
      ...deliveriesTo("lake", source),
    ];

    expect(await failures(billing.run(records))).toBe(3);
    expect(billing.outcomes().map(({ error }) => error)).toEqual([
      expect.stringContaining("send it to its source's queue"),
      expect.stringContaining("send it to its source's queue"),
      expect.stringContaining("github.lake is not one of this function's subscribers"),
    ]);
    expect(await database.item(`github.billing/${id}`)).toBeUndefined();
  });

  it("keeps an invalid webhook in the queue if the history has no room for its bytes", async () => {
    const text = Buffer.from(Array.from({ length: 600_000 }, () => 32 + Math.floor(Math.random() * 95)));
    const source = startSource({ redact: [] });
    await source.run([sqsRecord(await githubWebhook(id, { body: text.toString("latin1") }))]);
    const lake = startSubscriber("lake", () => {
      throw new InvalidWebhookError("what is this?");
    });

    expect(await failures(lake.run(deliveriesTo("lake", source)))).toBe(1);
    expect(await database.item(`github.lake/${id}`)).toMatchObject({
      status: "failed",
      reason: expect.stringContaining("what is this? (kept in the queue"),
    });
  });
});

describe("a replay", () => {
  it("for all opens each subscriber once more, and one that is aimed opens that one alone", async () => {
    const source = startSource();
    const webhook = await githubWebhook(id);
    const counts = async () => {
      const seen: Webhook[][] = [[], []];
      for (const [index, name] of names.entries()) {
        await startSubscriber(name, remembering(seen[index] ?? [])).run(deliveriesTo(name, source));
      }
      return seen.map(({ length }) => length);
    };
    await source.run([sqsRecord(webhook)]);
    expect(await counts()).toEqual([1, 1]);

    await source.run([sqsRecord({ ...webhook, replayId: "r-1" })]);
    expect(await counts()).toEqual([1, 1]);

    await source.run([sqsRecord({ ...webhook, replayId: "r-2", replayFor: "lake" })]);
    expect(await counts()).toEqual([0, 1]);
    expect(source.sent).toHaveLength(5);
    expect(await database.item(`github/${id}`)).toMatchObject({ status: "distributed" });
    expect(await database.attributes(`github/${id}`)).not.toHaveProperty("due_replays");
  });

  it("reaches all that it is for, although another delivery takes over what failed half-way", async () => {
    let refuses = false;
    const replays: [string, string | undefined][] = [];
    const sendMessages = async (queueUrl: string, messages: readonly { readonly body: string }[]) => {
      if (refuses && queueUrl.endsWith("/lake")) return new Map([[0, "InternalError: later"]]);
      for (const { body } of messages) {
        const { r } = JSON.parse(body.split("\n")[0] ?? "") as { r?: string };
        replays.push([queueUrl, r && Buffer.from(r, "base64").toString()]);
      }
      return new Map();
    };
    const source = startSource({}, { sendMessages });
    const webhook = await githubWebhook(id);
    await source.run([sqsRecord(webhook)]);
    refuses = true;
    await source.run([sqsRecord({ ...webhook, replayId: "r-1" })]);
    refuses = false;
    replays.length = 0;

    // A replay for one, or a mere repetition, must not use up what the others are still to get.
    await source.run([sqsRecord({ ...webhook, replayId: "r-2", replayFor: "billing" })]);
    expect(replays).toEqual([
      ["https://sqs/billing", "r-2"],
      ["https://sqs/lake", "r-1"],
    ]);
  });
});
