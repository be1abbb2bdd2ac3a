import { describe, expect, it } from "vitest";
import { handOver, recipients } from "../../../runtime/subscribers/hand-over.js";
import type { OutgoingMessage } from "../../../runtime/subscribers/sender.js";
import { envelopeOf } from "../../support/sqs-events.js";

const all = ["billing", "lake", "slack"];
const done = 1_767_225_600_000;

describe("the recipients of a webhook", () => {
  it("are all subscribers the first time, and after each failure", () => {
    expect(recipients(all, {})).toEqual([
      { subscriber: "billing" },
      { subscriber: "lake" },
      { subscriber: "slack" },
    ]);
  });

  it("get a replay for all of them, whether they have had the webhook or not", () => {
    const replayed = all.map((subscriber) => ({ subscriber, replayId: "r-1" }));
    expect(recipients(all, { dueReplays: [{ replayId: "r-1" }] })).toEqual(replayed);
    expect(recipients(all, { dueReplays: [{ replayId: "r-1" }], distributedAt: done })).toEqual(replayed);
  });

  it("are the one alone that a replay is for, once all have had the webhook", () => {
    const dueReplays = [{ replayId: "r-1", replayFor: "lake" }];
    expect(recipients(all, { dueReplays, distributedAt: done })).toEqual([
      { subscriber: "lake", replayId: "r-1" },
    ]);
  });

  it("are all of them if a replay for one comes before all have had the webhook, and only that one gets it as a replay", () => {
    const dueReplays = [{ replayId: "r-1", replayFor: "lake" }];
    expect(recipients(all, { dueReplays })).toEqual([
      { subscriber: "billing" },
      { subscriber: "lake", replayId: "r-1" },
      { subscriber: "slack" },
    ]);
  });

  it("get each the latest of several replays that are due", () => {
    const dueReplays = [{ replayId: "r-1" }, { replayId: "r-2", replayFor: "lake" }];
    expect(recipients(all, { dueReplays, distributedAt: done })).toEqual([
      { subscriber: "billing", replayId: "r-1" },
      { subscriber: "lake", replayId: "r-2" },
      { subscriber: "slack", replayId: "r-1" },
    ]);
  });
});

describe("handOver", () => {
  const distribution = {
    source: "stripe",
    subscribers: all,
    eventId: "evt_1",
    claim: { webhookId: "stripe/evt_1", token: "token-1", attempt: 1 },
    request: envelopeOf({ source: "stripe" }),
    payload: { kind: "packed", bytes: Buffer.from("x") },
    isComplete: true,
    groupId: "stripe:Y3VzXzE=",
  } as const;

  function queuesOf(ending: string, of: readonly string[] = all) {
    const sent = new Map<string, OutgoingMessage>();
    return {
      sent,
      queues: Object.fromEntries(of.map((name) => [`stripe.${name}`, `https://sqs/${name}${ending}`])),
      send: async (queueUrl: string, message: OutgoingMessage) => {
        if (queueUrl.includes("lake") && ending === ".refused") throw new Error("SQS refused it: full");
        sent.set(queueUrl, message);
      },
    };
  }

  it("keeps the order of groups on FIFO queues, and the subscribers' groups apart", async () => {
    const { sent, ...to } = queuesOf(".fifo");
    await handOver(distribution, to);

    expect([...sent].map(([, { groupId, deduplicationId }]) => [groupId, deduplicationId])).toEqual([
      ["billing/stripe:Y3VzXzE=", "token-1.billing"],
      ["lake/stripe:Y3VzXzE=", "token-1.lake"],
      ["slack/stripe:Y3VzXzE=", "token-1.slack"],
    ]);
  });

  it("makes groups that SQS takes of the longest names", async () => {
    const { sent, ...to } = queuesOf(".fifo");
    await handOver({ ...distribution, groupId: "g".repeat(128) }, to);
    const standard = queuesOf("");
    const source = "s".repeat(64);
    const subscriber = "t".repeat(64);
    const queues = { [`${source}.${subscriber}`]: "https://sqs/t" };
    await handOver({ ...distribution, source, subscribers: [subscriber] }, { ...standard, queues });

    for (const { groupId } of [...sent.values(), ...standard.sent.values()])
      expect(groupId.length).toBeLessThanOrEqual(128);
    expect(new Set([...sent.values()].map(({ groupId }) => groupId)).size).toBe(3);
  });

  it("lets SQS be fair between subscribers on a standard queue", async () => {
    const { sent, ...to } = queuesOf("");
    await handOver(distribution, to);

    expect([...sent.values()].map(({ groupId, deduplicationId }) => [groupId, deduplicationId])).toEqual(
      all.map((name) => [`stripe.${name}`, undefined]),
    );
  });

  it("fails if one subscriber did not get it, after all others did", async () => {
    const { sent, ...to } = queuesOf(".refused");

    await expect(handOver(distribution, to)).rejects.toThrow(
      "1 of 3 subscribers did not get it: lake: SQS refused it: full",
    );
    expect(sent.size).toBe(2);
  });

  it("fails for a subscriber whose queue is not known, and says what to do", async () => {
    const { sent, ...to } = queuesOf("", ["billing", "slack"]);

    await expect(handOver(distribution, to)).rejects.toThrow(
      "lake: its queue is not known: deploy all functions",
    );
    expect(sent.size).toBe(2);
  });
});
