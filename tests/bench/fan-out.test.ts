import { describe, expect, it } from "vitest";
import { Ledger } from "../../bench/fan-out/ledger.js";
import { judge } from "../../bench/fan-out/promises.js";
import { type LoadResult, runLoad, type SubscriberResult } from "../../bench/fan-out/run-load.js";

const broken = (result: LoadResult) =>
  judge(result)
    .filter(({ kept }) => !kept)
    .map(({ promise, found }) => `${promise}: ${found}`);

describe("25 subscribers of all kinds on this machine, one down, one slow, one crashing, functions killed at random", () => {
  it("keep every promise", async () => {
    const result = await runLoad({
      webhooks: 30,
      timeoutSeconds: 10,
      killEverySeconds: 1,
      mostKills: 5,
      mostSeconds: 280,
      onProgress: () => {},
    });
    expect(broken(result)).toEqual([]);
  }, 300_000);
});

describe("what reached a subscriber", () => {
  it("is known with the shortest time after which it came again", () => {
    const ledger = new Ledger();
    for (const at of [400_000, 1_000, 61_000]) ledger.reached("billing", "event-0", at);
    ledger.reached("billing", "event-1", 1_000);
    expect(ledger.timesReached("billing", "event-0")).toBe(3);
    expect(ledger.shortestGapSeconds("billing", "event-0")).toBe(60);
    expect(ledger.shortestGapSeconds("billing", "event-1")).toBe(Number.POSITIVE_INFINITY);
    expect(ledger.shortestGapSeconds("billing", "event-2")).toBe(Number.POSITIVE_INFINITY);
  });
});

describe("what is judged of a run under load", () => {
  const subscriber = (of: Partial<SubscriberResult>): SubscriberResult => ({
    name: "billing",
    behaviour: "healthy",
    reached: 2,
    missing: [],
    repeated: [],
    processed: 2,
    failed: 0,
    deadLetters: 0,
    ...of,
  });
  const down = subscriber({ name: "down", behaviour: "down", processed: 0, failed: 2, deadLetters: 2 });
  const good: LoadResult = {
    webhooks: 2,
    accepted: 2,
    distributed: 2,
    subscribers: [down, subscriber({})],
    left: 0,
    killed: 3,
    failedInvocations: 4,
    alarms: ["webhooks-load_to_down-dead-letters-1a2b3c4"],
    repeatedCalls: {},
    denied: 0,
    problems: [],
    seconds: 1,
  };

  it("is kept by a run in which everybody has everything", () => {
    expect(broken(good)).toEqual([]);
  });

  it.each<[string, Partial<LoadResult>, string]>([
    ["a webhook that was not taken", { accepted: 1 }, "webhooks accepted: 1 of 2"],
    ["one that is not handed over", { distributed: 1 }, "webhooks handed over to all subscribers: 1 of 2"],
    [
      "one that never came",
      { subscribers: [down, subscriber({ missing: ["event-1"] })] },
      "nobody lacks a webhook: billing: event-1",
    ],
    [
      "one that came twice without a reason",
      { subscribers: [down, subscriber({ repeated: ["event-0", "event-1"] })] },
      "nobody has a webhook again although no try of it failed, and no call was repeated: billing: event-0 and 1 more",
    ],
    [
      "one whose end is not recorded",
      { subscribers: [down, subscriber({ processed: 1 })] },
      "webhooks that the history has as processed: billing: 1 of 2",
    ],
    [
      "a dead letter of somebody else",
      { subscribers: [down, subscriber({ deadLetters: 1 })] },
      "webhooks in dead-letter queues of others: billing: 1 of 0",
    ],
    [
      "a failing one without its dead letters",
      { subscribers: [{ ...down, deadLetters: 1 }, subscriber({})] },
      "webhooks in the dead-letter queue of the one that is down: down: 1 of 2",
    ],
    [
      "a failing one whose failures are not recorded",
      { subscribers: [{ ...down, failed: 1 }, subscriber({})] },
      "its webhooks that the history has as failed: down: 1 of 2",
    ],
    [
      "one that a bus has twice for one call that was repeated to another service",
      {
        subscribers: [
          down,
          subscriber({ repeated: ["event-0"], arn: "arn:aws:events:eu-west-1:1:event-bus/one" }),
          subscriber({ repeated: ["event-1"], arn: "arn:aws:sns:eu-west-1:1:two" }),
        ],
        repeatedCalls: { sns: 1 },
      },
      "nobody has a webhook again although no try of it failed, and no call was repeated: billing: event-0",
    ],
    [
      "one that a target has twice which knows repetitions",
      {
        subscribers: [
          down,
          subscriber({
            repeated: ["event-0"],
            arn: "arn:aws:sqs:eu-west-1:1:a.fifo",
            knowsRepetitionsSeconds: 300,
          }),
        ],
        repeatedCalls: { sqs: 1 },
      },
      "nobody has a webhook again although no try of it failed, and no call was repeated: billing: event-0",
    ],
    [
      "an alarm that does not go off",
      { alarms: [] },
      "the alarm of its dead-letter queue is on, and nobody else's: none",
    ],
    [
      "an alarm of somebody else",
      { alarms: [...good.alarms, "webhooks_subscribers-dead-letters-1a2b3c4"] },
      "the alarm of its dead-letter queue is on, and nobody else's: webhooks-load_to_down-dead-letters-1a2b3c4, webhooks_subscribers-dead-letters-1a2b3c4",
    ],
    ["a message that is stuck", { left: 1 }, "messages left in queues: 1 of 0"],
    ["a call that is denied", { denied: 1 }, "calls that no policy allows: 1 of 0"],
    [
      "nobody who was killed",
      { killed: 0 },
      "functions were killed, and the crashing one ended by itself: 0 killed, 4 invocations failed",
    ],
  ])("is broken by %s", (_, changed, found) => {
    expect(broken({ ...good, ...changed })).toEqual([found]);
  });
});
