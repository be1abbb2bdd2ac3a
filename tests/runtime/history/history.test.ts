import { randomBytes } from "node:crypto";
import {
  ConditionalCheckFailedException,
  type ConsumedCapacity,
  type DynamoDBClient,
} from "@aws-sdk/client-dynamodb";
import { beforeEach, describe, expect, it } from "vitest";
import {
  ClaimLostError,
  type ClaimResult,
  createHistory,
  type Ending,
  type History,
  type WebhookRecord,
} from "../../../runtime/history/history.js";
import { attentionKeys, sourceDays } from "../../../runtime/history/item.js";
import { packPayload, unpackPayload } from "../../../runtime/payload/payload.js";
import { sharedHistoryTable } from "../../support/dynamodb.js";
import { envelopeOf } from "../../support/sqs-events.js";

const start = 1_767_225_600_000;
const timeoutSeconds = 30;
const leaseMilliseconds = 35_000;
const ttlDays = 60;

const database = await sharedHistoryTable();
let history: History;
let now: number;
let webhookId: string;
let serial = 0;

beforeEach(() => {
  now = start;
  webhookId = `github/event-${++serial}`;
  const { client, table } = database;
  history = createHistory({ client, table, timeoutSeconds, ttlDays, clock: () => now });
});

const webhook = () => ({
  webhookId,
  source: "github",
  eventId: webhookId.slice("github/".length),
  receivedAt: start - 2_000,
  requestId: "JKJaXFPLrQHFoBA=",
});

async function ending(outcome: Ending["outcome"], changes: Partial<Ending> = {}): Promise<Ending> {
  return { outcome, handlerMilliseconds: 12.4, payload: await packPayload(envelopeOf()), ...changes };
}

/** Takes over whatever it was that a function died over. */
const claimAfterCrash = (delivery: WebhookRecord = webhook()) => history.claim(delivery, () => true);

function claimOf(result: ClaimResult) {
  if (result.state !== "claimed") throw new Error(`expected a claim, got ${result.state}`);
  return result.claim;
}

describe("claim", () => {
  it("is won by the first", async () => {
    expect(claimOf(await history.claim(webhook()))).toMatchObject({ webhookId, attempt: 1 });
    expect(await database.item(webhookId)).toEqual({
      webhookId,
      source: "github",
      eventId: webhook().eventId,
      receivedAt: start - 2_000,
      requestId: "JKJaXFPLrQHFoBA=",
      status: "processing",
      attempts: 1,
      leaseUntil: start + leaseMilliseconds,
      expiresAt: start / 1000 + ttlDays * 86_400,
    });
  });

  it("writes less than 1 KB for the longest names and ids in ASCII", async () => {
    webhookId = `${"s".repeat(64)}/${"e".repeat(256)}`;
    await history.claim({ ...webhook(), source: "s".repeat(64), eventId: "e".repeat(256) });

    const stored = (await database.attributes(webhookId)) ?? {};
    const bytes = Object.entries(stored).flatMap(([name, value]) => [name, value.S ?? value.N ?? ""]);
    expect(bytes.join("").length).toBeLessThan(1024);
  });

  it("is won by one of many at the same time", async () => {
    const results = await Promise.all(Array.from({ length: 10 }, () => history.claim(webhook())));

    const states = results.map(({ state }) => state).sort();
    expect(states).toEqual([...Array(9).fill("busy"), "claimed"]);
  });

  it("finds a live lease busy until its end", async () => {
    await history.claim(webhook());
    now += leaseMilliseconds - 1;

    expect(await history.claim(webhook())).toEqual({ state: "busy", until: start + leaseMilliseconds });
  });

  it.each(["processed", "ignored", "invalid"] as const)(
    "finds what is %s a duplicate, however late",
    async (outcome) => {
      await history.finish(claimOf(await history.claim(webhook())), await ending(outcome));
      now += 59 * 86_400_000;

      expect(await history.claim(webhook())).toEqual({ state: "duplicate", status: outcome });
    },
  );

  it("takes over from a crashed worker when its lease has ended", async () => {
    const crashed = claimOf(await history.claim(webhook()));
    now += leaseMilliseconds;
    const second = claimOf(await claimAfterCrash());

    expect(second.attempt).toBe(2);
    expect(second.token).not.toBe(crashed.token);
    expect(await database.item(webhookId)).toMatchObject({
      attempts: 2,
      leaseUntil: now + leaseMilliseconds,
    });
  });

  it("lets one of many take over", async () => {
    await history.claim(webhook());
    now += leaseMilliseconds;
    const results = await Promise.all(Array.from({ length: 8 }, () => claimAfterCrash()));

    expect(results.filter(({ state }) => state === "claimed")).toHaveLength(1);
    expect(results.filter(({ state }) => state === "busy")).toHaveLength(7);
  });

  it("takes over what failed at once, and takes it off the list of what wants attention", async () => {
    const reason = "Error: shop is down";
    await history.finish(claimOf(await history.claim(webhook())), await ending("failed", { reason }));
    expect(await database.listed("by_attention", attentionKeys("failed"))).toContain(webhookId);

    expect(claimOf(await history.claim(webhook())).attempt).toBe(2);
    expect(await database.listed("by_attention", attentionKeys("failed"))).not.toContain(webhookId);
    const item = await database.item(webhookId);
    expect(item).toMatchObject({ status: "processing" });
    expect(item).not.toHaveProperty("reason");
    expect(item).toHaveProperty("payload");
  });

  it("lists what is tried once more until it is done, so that what crashes its function is found", async () => {
    const listed = () => database.listed("by_attention", attentionKeys("processing"));
    await history.claim(webhook());
    expect(await listed()).not.toContain(webhookId);

    now += leaseMilliseconds;
    const second = claimOf(await claimAfterCrash());
    expect(await listed()).toContain(webhookId);

    await history.finish(second, await ending("processed"));
    expect(await listed()).not.toContain(webhookId);
    expect(await database.attributes(webhookId)).not.toHaveProperty("attention");
  });

  it("treats an item past its time as absent, although DynamoDB still has it", async () => {
    await history.finish(claimOf(await history.claim(webhook())), await ending("processed"));
    now += ttlDays * 86_400_000;

    expect(claimOf(await history.claim(webhook())).attempt).toBe(1);
    expect(await database.item(webhookId)).not.toHaveProperty("payload");
  });
});

describe("a webhook over which the function died", () => {
  it("is a suspect, and is claimed only by whoever may try it", async () => {
    await history.claim(webhook());
    now += leaseMilliseconds;

    expect(await history.claim(webhook())).toEqual({ state: "suspect", crashes: 1 });
    expect(await history.claim(webhook(), (crashes) => crashes < 1)).toEqual({
      state: "suspect",
      crashes: 1,
    });
    expect(await database.item(webhookId)).toMatchObject({ status: "processing", attempts: 1 });
    expect(claimOf(await history.claim(webhook(), (crashes) => crashes < 2)).attempt).toBe(2);
  });

  it("is known with the number of times in a row, which its end makes forgotten", async () => {
    await history.claim(webhook());
    for (let crashes = 1; crashes <= 3; crashes++) {
      now += leaseMilliseconds;
      expect(await history.claim(webhook())).toEqual({ state: "suspect", crashes });
      await claimAfterCrash();
      expect(await database.item(webhookId)).toMatchObject({ crashes });
    }
    now += leaseMilliseconds;
    await history.finish(claimOf(await claimAfterCrash()), await ending("failed"));
    expect(await database.item(webhookId)).not.toHaveProperty("crashes");

    claimOf(await history.claim(webhook()));
    now += leaseMilliseconds;
    expect(await history.claim(webhook())).toEqual({ state: "suspect", crashes: 1 });
  });

  it("is none while its lease runs, and none after a failure that was written down", async () => {
    const claim = claimOf(await history.claim(webhook()));
    expect(await history.claim(webhook())).toMatchObject({ state: "busy" });

    await history.finish(claim, await ending("failed"));
    expect((await history.claim(webhook())).state).toBe("claimed");
  });
});

describe("finish", () => {
  it("stores the outcome and the payload bit for bit", async () => {
    const claim = claimOf(await history.claim(webhook()));
    now += 1_500;
    await history.finish(claim, await ending("ignored", { reason: "a ping" }));

    const item = await database.item(webhookId);
    expect(item).toMatchObject({
      status: "ignored",
      reason: "a ping",
      finishedAt: start + 1_500,
      handlerMilliseconds: 12,
    });
    expect(item).not.toHaveProperty("leaseUntil");
    expect(await unpackPayload(item?.payload ?? new Uint8Array())).toEqual(envelopeOf());
  });

  it("lists a webhook by its source and day, and keeps it there", async () => {
    const days = sourceDays("github", start - 2_000);
    const claim = claimOf(await history.claim(webhook()));
    expect(await database.listed("by_source", days)).toContain(webhookId);

    await history.finish(claim, await ending("processed"));
    expect(await database.listed("by_source", days)).toContain(webhookId);
  });

  it.each([
    ["processed", false],
    ["ignored", false],
    ["invalid", true],
    ["failed", true],
  ] as const)("lists what is %s for attention: %s", async (outcome, listed) => {
    await history.finish(claimOf(await history.claim(webhook())), await ending(outcome));

    expect((await database.listed("by_attention", attentionKeys(outcome))).includes(webhookId)).toBe(listed);
  });

  it("refuses a worker that lost its claim, and leaves the new one's alone", async () => {
    const late = claimOf(await history.claim(webhook()));
    now += leaseMilliseconds;
    const current = claimOf(await claimAfterCrash());

    await expect(history.finish(late, await ending("processed"))).rejects.toThrow(ClaimLostError);
    expect(await database.item(webhookId)).toMatchObject({ status: "processing" });
    await history.finish(current, await ending("processed"));
    expect(await database.item(webhookId)).toMatchObject({ status: "processed", attempts: 2 });
  });

  it("refuses to end twice in different ways", async () => {
    const claim = claimOf(await history.claim(webhook()));
    await history.finish(claim, await ending("failed"));

    await expect(history.finish(claim, await ending("processed"))).rejects.toThrow(ClaimLostError);
  });

  it("takes its own repeated write for done", async () => {
    const claim = claimOf(await history.claim(webhook()));
    await history.finish(claim, await ending("processed"));

    await expect(history.finish(claim, await ending("processed"))).resolves.toBeUndefined();
  });

  it("keeps hash, length and beginning of a payload that is too large, and the payload of a later one that is not", async () => {
    const omitted = {
      kind: "omitted",
      bodySha256: "ab".repeat(32),
      bodyBytes: 700_000,
      bodyStart: Buffer.from("the first KB"),
    } as const;
    await history.finish(
      claimOf(await history.claim(webhook())),
      await ending("failed", { payload: omitted }),
    );
    expect((await database.attributes(webhookId))?.payload_omitted).toEqual({ BOOL: true });
    expect(await database.item(webhookId)).toMatchObject({
      omittedBody: {
        sha256: "ab".repeat(32),
        bytes: 700_000,
        start: Uint8Array.from(Buffer.from("the first KB")),
      },
    });

    await history.finish(claimOf(await history.claim(webhook())), await ending("processed"));
    const item = await database.item(webhookId);
    expect(item).toHaveProperty("payload");
    expect(item).not.toHaveProperty("omittedBody");
    expect(await database.attributes(webhookId)).not.toHaveProperty("body_start");
  });

  it("cuts an endless reason", async () => {
    const claim = claimOf(await history.claim(webhook()));
    await history.finish(claim, await ending("failed", { reason: "😀".repeat(1_000) }));

    expect((await database.item(webhookId))?.reason).toHaveLength(1_000);
  });
});

describe("a webhook that goes well", () => {
  it("costs one write unit for the claim, and one for each KB of its item at the end", async () => {
    const units: number[] = [];
    const { client, table } = database;
    const metered = {
      send: async (command: { input: { ReturnConsumedCapacity?: string } }) => {
        command.input.ReturnConsumedCapacity = "TOTAL";
        const answer = (await client.send(command as never)) as { ConsumedCapacity?: ConsumedCapacity };
        units.push(answer.ConsumedCapacity?.CapacityUnits ?? 0);
        return answer;
      },
    } as unknown as DynamoDBClient;
    const meteredHistory = createHistory({
      client: metered,
      table,
      timeoutSeconds,
      ttlDays,
      clock: () => now,
    });
    const payload = await packPayload(envelopeOf({ body: randomBytes(5_000) }));

    await meteredHistory.finish(
      claimOf(await meteredHistory.claim(webhook())),
      await ending("processed", { payload }),
    );

    // 5,000 bytes that do not compress, and less than 1 KB of everything else.
    expect(units).toEqual([1, 6]);
  });

  it("writes what the indexes read once: dynalite does not meter them, but an index is written when its keys change", async () => {
    const keysOfIndexes = async () => {
      const { source_day, received_at, attention } = (await database.attributes(webhookId)) ?? {};
      return { source_day, received_at, attention };
    };
    const claim = claimOf(await history.claim(webhook()));
    const claimed = await keysOfIndexes();
    await history.finish(claim, await ending("processed"));

    expect(claimed).toEqual({
      source_day: { S: expect.any(String) },
      received_at: { N: expect.any(String) },
    });
    expect(await keysOfIndexes()).toEqual(claimed);
  });
});

describe("recordRejected", () => {
  it("stores the webhook with its reason, listed for attention", async () => {
    await history.recordRejected(webhook(), "the header x-a is missing", await packPayload(envelopeOf()));

    expect(await database.item(webhookId)).toMatchObject({
      status: "rejected",
      reason: "the header x-a is missing",
      attempts: 1,
    });
    expect(await database.listed("by_attention", attentionKeys("rejected"))).toContain(webhookId);
    expect(await database.listed("by_source", sourceDays("github", start - 2_000))).toContain(webhookId);
  });

  it("changes nothing the second time", async () => {
    await history.recordRejected(webhook(), "first", await packPayload(envelopeOf()));
    now += 1_000;
    await history.recordRejected(webhook(), "second", await packPayload(envelopeOf()));

    expect(await database.item(webhookId)).toMatchObject({ reason: "first", finishedAt: start });
  });
});

describe("a redelivery by the sender", () => {
  let seconds = 0;
  beforeEach(() => {
    seconds = 0;
  });
  /** The same event in a request of its own, each a second later than the one before. */
  const redelivery = (requestId: string) => ({
    ...webhook(),
    requestId,
    receivedAt: start + 1_000 * ++seconds,
  });
  /** Works on a delivery half a second after the gateway took it. */
  const end = async (delivery: WebhookRecord, outcome: Ending["outcome"]) => {
    now = delivery.receivedAt + 500;
    await history.finish(claimOf(await history.claim(delivery)), await ending(outcome));
  };

  it.each(["ignored", "invalid"] as const)("of what is %s is judged anew", async (outcome) => {
    await end(webhook(), outcome);

    const claim = claimOf(await history.claim(redelivery("second")));
    expect(claim.attempt).toBe(2);
    await history.finish(claim, await ending("processed"));
    expect(await database.item(webhookId)).toMatchObject({ status: "processed", requestId: "second" });
    expect(await database.listed("by_attention", attentionKeys(outcome))).not.toContain(webhookId);
  });

  it("of what is processed is a duplicate", async () => {
    await end(webhook(), "processed");

    expect(await history.claim(redelivery("second"))).toEqual({ state: "duplicate", status: "processed" });
  });

  it("is judged once, however often and in whatever order SQS delivers it and the ones before it", async () => {
    const [first, second, third] = [webhook(), redelivery("b"), redelivery("a")];
    for (const delivery of [first, second, third]) await end(delivery, "ignored");

    for (const delivery of [third, first, second, third]) {
      expect(await history.claim(delivery)).toEqual({ state: "duplicate", status: "ignored" });
    }
  });

  it("that had come before the handler began is covered by what that found", async () => {
    const burst = Array.from({ length: 12 }, (_, index) => redelivery(`burst-${index}`));
    now = start + 60_000;
    const claim = claimOf(await history.claim(webhook()));
    now += 5_000;
    await history.finish(claim, await ending("ignored", { handlerMilliseconds: 4_000 }));

    for (const delivery of burst) {
      expect(await history.claim(delivery)).toEqual({ state: "duplicate", status: "ignored" });
    }
    const during = { ...webhook(), requestId: "during", receivedAt: now - 3_999 };
    expect((await history.claim(during)).state).toBe("claimed");
  });

  it("is judged once for each request, even if the gateway's clock is ahead", async () => {
    const requests = [1, 2].map((hours) => ({ ...webhook(), receivedAt: start + hours * 3_600_000 }));
    for (const request of requests) {
      await history.finish(claimOf(await history.claim(request)), await ending("ignored"));
    }

    for (const request of requests) {
      expect(await history.claim(request)).toEqual({ state: "duplicate", status: "ignored" });
    }
  });

  it("that was overtaken while it failed is not judged once more", async () => {
    const [older, newer] = [webhook(), redelivery("newer")];
    await end(newer, "failed");
    await end(older, "invalid");

    expect(await history.claim(newer)).toEqual({ state: "duplicate", status: "invalid" });
  });

  it("is won by one of many deliveries at the same time", async () => {
    await end(webhook(), "ignored");
    const delivery = redelivery("second");
    const results = await Promise.all(Array.from({ length: 8 }, () => history.claim(delivery)));

    expect(results.map(({ state }) => state).sort()).toEqual([...Array(7).fill("busy"), "claimed"]);
  });

  it("does not make an operator's replay that was let in open it once more", async () => {
    const replay = { ...webhook(), replayId: "r-1" };
    await end(webhook(), "ignored");
    await end(replay, "ignored");
    await end(redelivery("second"), "ignored");

    expect(await history.claim(replay)).toEqual({ state: "duplicate", status: "ignored" });
  });
});

describe("a replay", () => {
  const replay = (replayId: string) => ({ ...webhook(), replayId });
  const processed = async () =>
    history.finish(claimOf(await history.claim(webhook())), await ending("processed"));

  it.each(["processed", "ignored", "invalid"] as const)(
    "opens what is %s, and counts its tries on",
    async (outcome) => {
      await history.finish(claimOf(await history.claim(webhook())), await ending(outcome));

      const claim = claimOf(await history.claim(replay("r-1")));
      expect(claim.attempt).toBe(2);
      expect(await database.item(webhookId)).toMatchObject({
        status: "processing",
        attempts: 2,
        receivedAt: start - 2_000,
        replayIds: ["r-1"],
      });
      await history.finish(claim, await ending("processed"));
      expect(await database.item(webhookId)).toMatchObject({ status: "processed", replayIds: ["r-1"] });
    },
  );

  it("opens it once, however often and in whatever order replays are delivered", async () => {
    await processed();
    for (const replayId of ["r-2", "r-1"]) {
      await history.finish(claimOf(await history.claim(replay(replayId))), await ending("processed"));
    }

    for (const replayId of ["r-1", "r-2"]) {
      expect(await history.claim(replay(replayId))).toEqual({ state: "duplicate", status: "processed" });
    }
    expect(await history.claim(webhook())).toEqual({ state: "duplicate", status: "processed" });
    expect(await database.item(webhookId)).toMatchObject({ attempts: 3, replayIds: ["r-2", "r-1"] });
  });

  it("opens it for one of many deliveries at the same time", async () => {
    await processed();
    const results = await Promise.all(Array.from({ length: 8 }, () => history.claim(replay("r-1"))));

    expect(results.map(({ state }) => state).sort()).toEqual([...Array(7).fill("busy"), "claimed"]);
  });

  it("waits while its webhook is being worked on", async () => {
    await history.claim(webhook());

    expect(await history.claim(replay("r-1"))).toEqual({ state: "busy", until: start + leaseMilliseconds });
    expect(await database.item(webhookId)).not.toHaveProperty("replayIds");
  });

  it("is tried again after a failure or a crash, like any delivery, and is used up by that", async () => {
    await processed();
    await history.finish(claimOf(await history.claim(replay("r-1"))), await ending("failed"));
    claimOf(await history.claim(replay("r-1")));
    now += leaseMilliseconds;
    await history.finish(claimOf(await claimAfterCrash(replay("r-1"))), await ending("processed"));

    expect(await history.claim(replay("r-1"))).toEqual({ state: "duplicate", status: "processed" });
    expect(await database.item(webhookId)).toMatchObject({ attempts: 4, replayIds: ["r-1"] });
  });

  it("takes over what failed, whose own delivery is then a duplicate", async () => {
    await history.finish(claimOf(await history.claim(webhook())), await ending("failed"));
    await history.finish(claimOf(await history.claim(replay("r-1"))), await ending("processed"));

    expect(await history.claim(webhook())).toEqual({ state: "duplicate", status: "processed" });
    expect(await history.claim(replay("r-1"))).toEqual({ state: "duplicate", status: "processed" });
  });

  it("is remembered with the 99 latest others, and does not open it again once it is forgotten", async () => {
    await processed();
    const sent = Array.from({ length: 102 }, (_, index) => replay(`r-${100 + index}`));
    for (const each of sent)
      await history.finish(claimOf(await history.claim(each)), await ending("processed"));

    expect((await database.item(webhookId))?.replayIds).toEqual(
      sent.slice(-100).map(({ replayId }) => replayId),
    );
    for (const each of sent.slice(0, 3)) {
      expect(await history.claim(each)).toEqual({ state: "duplicate", status: "processed" });
    }
  });

  it("of what DynamoDB has deleted makes it anew, once", async () => {
    await history.finish(claimOf(await history.claim(replay("r-1"))), await ending("processed"));

    expect(await history.claim(replay("r-1"))).toEqual({ state: "duplicate", status: "processed" });
    expect(await database.item(webhookId)).toMatchObject({ receivedAt: start - 2_000, replayIds: ["r-1"] });
  });
});

describe("settleRejected", () => {
  it("takes what was accepted after all off the list of what wants attention, and keeps it", async () => {
    await history.recordRejected(webhook(), "not signed", await packPayload(envelopeOf()));
    await history.settleRejected(webhookId, "github/the-event");

    expect(await database.listed("by_attention", attentionKeys("rejected"))).not.toContain(webhookId);
    expect(await database.item(webhookId)).toMatchObject({
      status: "rejected",
      reason: "not signed",
      acceptedAs: "github/the-event",
      payload: expect.any(Uint8Array),
    });
  });

  it("makes no item, and touches none that was claimed", async () => {
    await history.settleRejected(webhookId, "github/the-event");
    expect(await database.item(webhookId)).toBeUndefined();

    await history.claim(webhook());
    await history.settleRejected(webhookId, "github/the-event");
    expect(await database.item(webhookId)).not.toHaveProperty("acceptedAs");
  });
});

describe("with DynamoDB's own refusal, which carries the item", () => {
  /** Refuses every write with the given item, and counts the commands. */
  function refusing(item: object) {
    const commands: string[] = [];
    const client = {
      send: async (command: { constructor: { name: string } }) => {
        commands.push(command.constructor.name);
        throw new ConditionalCheckFailedException({
          message: "The conditional request failed",
          $metadata: {},
          Item: item as never,
        });
      },
    } as unknown as DynamoDBClient;
    return {
      commands,
      history: createHistory({ client, table: "history", timeoutSeconds, ttlDays, clock: () => now }),
    };
  }

  it("decides without another read", async () => {
    const { history, commands } = refusing({ status: { S: "processed" }, token: { S: "other" } });

    expect(await history.claim(webhook())).toEqual({ state: "duplicate", status: "processed" });
    expect(commands).toEqual(["PutItemCommand"]);
  });

  it("is busy if somebody else takes over first", async () => {
    const { history, commands } = refusing({
      status: { S: "failed" },
      token: { S: "other" },
      lease_until: { N: String(start + 9) },
    });

    expect(await history.claim(webhook())).toEqual({ state: "busy", until: start + 9 });
    expect(commands).toEqual(["PutItemCommand", "UpdateItemCommand"]);
  });

  it("knows its own claim again when the SDK repeats a call whose answer got lost", async () => {
    let sent: { token?: { S: string } } = {};
    const client = {
      send: async ({ input }: { input: { Item: typeof sent } }) => {
        sent = input.Item;
        throw new ConditionalCheckFailedException({ message: "", $metadata: {}, Item: sent as never });
      },
    } as unknown as DynamoDBClient;
    const history = createHistory({ client, table: "history", timeoutSeconds, ttlDays, clock: () => now });

    expect(claimOf(await history.claim(webhook()))).toMatchObject({ attempt: 1, token: sent.token?.S });
  });

  it("knows its own takeover again, too", async () => {
    const client = {
      send: async ({
        input,
      }: {
        input: { Item?: object; ExpressionAttributeValues: Record<string, { S?: string }> };
      }) => {
        const written = Object.values(input.ExpressionAttributeValues).map(({ S }) => S);
        const token = written.find((value) => /^[0-9a-f-]{36}$/.test(value ?? "")) ?? "crashed";
        const status = input.Item === undefined ? "processing" : "failed";
        const Item = { status: { S: status }, token: { S: token }, attempts: { N: "1" } };
        throw new ConditionalCheckFailedException({ message: "", $metadata: {}, Item });
      },
    } as unknown as DynamoDBClient;
    const history = createHistory({ client, table: "history", timeoutSeconds, ttlDays, clock: () => now });

    expect(claimOf(await history.claim(webhook()))).toMatchObject({ attempt: 2 });
  });

  it("lets other errors through", async () => {
    const client = { send: async () => Promise.reject(new Error("throttled")) } as unknown as DynamoDBClient;
    const history = createHistory({ client, table: "history", timeoutSeconds, ttlDays, clock: () => now });

    await expect(history.claim(webhook())).rejects.toThrow("throttled");
  });
});
