import { randomBytes } from "node:crypto";
import type { SQSRecord } from "aws-lambda";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { defineHandler } from "../../runtime/define-handler.js";
import { type BatchHandler, createHandler } from "../../runtime/handler.js";
import { rejectedEventId } from "../../runtime/history/event-id.js";
import { unpackPayload } from "../../runtime/payload/payload.js";
import { s3Overflow } from "../../runtime/payload/s3-overflow.js";
import { crmWebhook, definition, githubSecret, githubWebhook } from "../support/processor.js";
import { type Fault, type FaultyAws, type Operation, startFaultyAws } from "../support/proof/faulty-aws.js";
import { lambdaContext, sqsEvent, sqsRecord } from "../support/sqs-events.js";

/** As it is bundled for a stage that has an overflow bucket. */
const deployed = { ...definition, openOverflow: s3Overflow, secretNames: { github: "webhooks/github" } };

let aws: FaultyAws;
beforeAll(async () => {
  aws = await startFaultyAws(githubSecret);
});
afterAll(() => aws.stop());

let later = 0;
let serial = 0;
let id: string;
let handled: string[];
let processor: BatchHandler;
let written: string[];

beforeEach(() => {
  id = `fault-${++serial}`;
  handled = [];
  later = 0;
  const now = Date.now;
  vi.spyOn(Date, "now").mockImplementation(() => now() + later);
  // The SDK waits a random part of up to seconds between its tries; how long does not matter here.
  vi.spyOn(Math, "random").mockReturnValue(0.01);
  written = [];
  vi.spyOn(process.stdout, "write").mockImplementation((text) => written.push(String(text)) > 0);
  aws.heal();
  aws.calls.length = 0;
  aws.refusalsHaveItems = true;
  processor = startFunction();
});
afterEach(() => {
  vi.restoreAllMocks();
  vi.unstubAllEnvs();
});

/** A process of the function's; the one before it is over, with all it still had on the way. */
function startFunction(changes: Readonly<Record<string, string>> = {}): BatchHandler {
  for (const [name, value] of Object.entries({ ...aws.nextProcess(), ...changes })) vi.stubEnv(name, value);
  const work = defineHandler((webhook) => void handled.push(webhook.eventId));
  return createHandler(deployed, { github: work, crm: work });
}

/** Delivers a message as SQS would, to a function with that much time; true if it is done with the message. */
async function deliver(record: SQSRecord, milliseconds?: number): Promise<boolean> {
  const { batchItemFailures } = await processor(sqsEvent(record), lambdaContext(milliseconds));
  return batchItemFailures.length === 0;
}

/** The visibility timeout goes by, and with it every lease. */
function waitOut(): void {
  later += 180_000;
}

/** A webhook that needs a secret, and room in the overflow bucket. */
async function largeWebhook(): Promise<SQSRecord> {
  const noise = randomBytes(400 * 1024).toString("base64");
  return sqsRecord(await githubWebhook(id, { body: JSON.stringify({ noise }) }));
}

const callsOf = (operation: Operation) => aws.calls.filter((call) => call.operation === operation);
const statusOf = async () => (await aws.database.item(`github/${id}`))?.status;

const onTheWay = ["GetSecretValue", "PutItem", "PutObject", "UpdateItem"] as const;
const passing = ["throttled", "internal error", "connection reset", "answer lost"] as const;

describe("promise 4: a fault that passes", () => {
  const cases = onTheWay.flatMap((operation) => passing.map((fault) => [operation, fault] as const));

  it.each(cases)("%s %s: is made up for within the delivery", async (operation, fault) => {
    aws.plan(operation, fault, 1);

    expect(await deliver(await largeWebhook())).toBe(true);
    expect(handled).toEqual([id]);
    expect(await statusOf()).toBe("processed");
    expect(callsOf(operation).map(({ went }) => went)).toEqual([fault, "well"]);
  });

  it("no answer: is given up after seconds and asked for again, each call on the way", async () => {
    for (const operation of onTheWay) aws.plan(operation, "no answer", 1);

    expect(await deliver(await largeWebhook())).toBe(true);
    expect(handled).toEqual([id]);
    expect(await statusOf()).toBe("processed");
    for (const operation of onTheWay) expect(callsOf(operation)).toHaveLength(2);
  }, 60_000);
});

describe("promise 4: a fault that stays", () => {
  const staying: readonly Fault[] = ["throttled", "internal error", "connection reset", "access denied"];
  const before = ["GetSecretValue", "PutItem", "PutObject"] as const;
  const cases = before.flatMap((operation) => staying.map((fault) => [operation, fault] as const));

  it.each(cases)("%s %s: hands the webhook back before its handler has seen it", async (operation, fault) => {
    const record = await largeWebhook();
    aws.plan(operation, fault, Number.POSITIVE_INFINITY);
    expect(await deliver(record)).toBe(false);
    expect(handled).toEqual([]);
    expect(await statusOf()).toBe(operation === "PutObject" ? "failed" : undefined);
    expect(callsOf("ChangeMessageVisibility")).toHaveLength(1);

    aws.heal();
    later += 10_000;
    expect(await deliver(record)).toBe(true);
    expect(handled).toEqual([id]);
    expect(await statusOf()).toBe("processed");
  });

  it.each(staying)(
    "GetSecretValue %s: is warned of, and stops nothing for an hour after a first answer",
    async (fault) => {
      processor = startFunction({ WEBHOOK_LOG_LEVEL: "WARN" });
      await deliver(sqsRecord(await githubWebhook(id)));
      aws.plan("GetSecretValue", fault, Number.POSITIVE_INFINITY);
      later += 3_500_000;
      expect(await deliver(sqsRecord(await githubWebhook(`${id}-later`)))).toBe(true);
      expect(handled).toEqual([id, `${id}-later`]);
      expect(written.join("")).toContain(
        '"message":"an older copy is used, because it cannot be fetched again"',
      );

      later += 100_000;
      expect(await deliver(sqsRecord(await githubWebhook(`${id}-too-late`)))).toBe(false);
    },
  );

  it.each([...staying, "answer lost"] as const)(
    "PutObject %s: a forged webhook is kept in the table, and not handed back",
    async (fault) => {
      const body = randomBytes(100 * 1024).toString("base64");
      const forged = await githubWebhook(id, { secret: "guessed", body });
      aws.plan("PutObject", fault, Number.POSITIVE_INFINITY);
      expect(await deliver(sqsRecord(forged))).toBe(true);

      expect(callsOf("PutObject").map(({ went }) => went)).toContain(fault);
      const item = await aws.database.item(`github/${rejectedEventId(forged)}`);
      expect(item).toMatchObject({ status: "rejected" });
      expect((await unpackPayload(item?.payload ?? new Uint8Array())).body.toString()).toBe(body);
    },
  );

  it("PutItem answer lost: the claim stands, and is taken over when its lease has ended", async () => {
    const record = sqsRecord(await githubWebhook(id));
    aws.plan("PutItem", "answer lost", Number.POSITIVE_INFINITY);
    expect(await deliver(record)).toBe(false);
    aws.heal();
    expect(await deliver(record)).toBe(false);
    expect(handled).toEqual([]);

    waitOut();
    expect(await deliver(record)).toBe(true);
    expect(handled).toEqual([id]);
  });

  it.each([
    ["throttled", 5],
    ["internal error", 8],
    ["connection reset", 8],
  ] as const)("UpdateItem %s for seconds: is asked for until it is written", async (fault, times) => {
    aws.plan("UpdateItem", fault, times);

    expect(await deliver(sqsRecord(await githubWebhook(id)))).toBe(true);
    expect(handled).toEqual([id]);
    expect(await statusOf()).toBe("processed");
    expect(callsOf("UpdateItem")).toHaveLength(times + 1);
  });

  it.each([
    ["throttled", 7_000],
    ["access denied", 30_000],
  ] as const)("UpdateItem %s: a completed handler runs again, its end is not known", async (fault, time) => {
    const record = sqsRecord(await githubWebhook(id));
    aws.plan("UpdateItem", fault, Number.POSITIVE_INFINITY);
    expect(await deliver(record, time)).toBe(false);
    expect(handled).toEqual([id]);
    expect(await statusOf()).toBe("processing");

    aws.heal();
    processor = startFunction();
    expect(await deliver(record)).toBe(false);
    waitOut();
    expect(await deliver(record)).toBe(true);
    expect(handled).toEqual([id, id]);
    expect(await statusOf()).toBe("processed");
  });

  it("UpdateItem answer lost: the end is known, and the next delivery is a duplicate", async () => {
    const record = sqsRecord(await githubWebhook(id));
    aws.plan("UpdateItem", "answer lost", Number.POSITIVE_INFINITY);
    await deliver(record, 7_000);
    aws.heal();

    expect(await deliver(record)).toBe(true);
    expect(handled).toEqual([id]);
    expect(await statusOf()).toBe("processed");
  });

  it.each([...staying, "answer lost"] as const)(
    "ChangeMessageVisibility %s: leaves the webhook to the queue's own timeout, and says so",
    async (fault) => {
      aws.plan("ChangeMessageVisibility", fault, Number.POSITIVE_INFINITY);
      vi.stubEnv("WEBHOOK_LOG_LEVEL", "WARN");
      processor = createHandler(deployed, {
        crm: () => {
          throw new Error("told to fail");
        },
      });

      expect(await deliver(sqsRecord(crmWebhook(id)))).toBe(false);
      expect(written.join("")).toContain("the delay could not be set");
      expect(await aws.database.item(`crm/${id}`)).toMatchObject({ status: "failed" });
    },
  );
});

describe("promise 3: a refused write", () => {
  it.each([
    ["with the item that stood in its way", true, 0],
    ["without it, as from an emulator", false, 1],
  ])("%s, is a duplicate where the item is done", async (_, refusalsHaveItems, reads) => {
    aws.refusalsHaveItems = refusalsHaveItems;
    const record = sqsRecord(await githubWebhook(id));
    expect(await deliver(record)).toBe(true);
    expect(await deliver(record)).toBe(true);

    expect(handled).toEqual([id]);
    expect(callsOf("GetItem")).toHaveLength(reads);
  });

  it.each(["throttled", "internal error", "connection reset", "access denied", "answer lost"] as const)(
    "whose item cannot be read (%s) is neither a duplicate nor handled, but comes again",
    async (fault) => {
      aws.refusalsHaveItems = false;
      const record = sqsRecord(await githubWebhook(id));
      await deliver(record);
      aws.plan("GetItem", fault, Number.POSITIVE_INFINITY);
      expect(await deliver(record)).toBe(false);

      aws.heal();
      expect(await deliver(record)).toBe(true);
      expect(handled).toEqual([id]);
    },
  );
});

describe("promise 3: a replay whose signature cannot be checked any more", () => {
  afterEach(() => {
    aws.secret = githubSecret;
  });

  it.each(["throttled", "internal error", "connection reset", "access denied", "answer lost"] as const)(
    "while the history cannot be read (%s) is neither rejected nor handled, but comes again",
    async (fault) => {
      const webhook = await githubWebhook(id);
      await deliver(sqsRecord(webhook));
      aws.secret = "the next secret";
      processor = startFunction();
      const replay = sqsRecord({ ...webhook, replayId: "r-1" });
      aws.plan("GetItem", fault, Number.POSITIVE_INFINITY);
      expect(await deliver(replay)).toBe(false);
      expect(await statusOf()).toBe("processed");

      aws.heal();
      expect(await deliver(replay)).toBe(true);
      expect(handled).toEqual([id, id]);
    },
  );
});

describe("promise 5: a fault", () => {
  it("of one source's secret fails its webhooks, and no other's of the batch", async () => {
    aws.plan("GetSecretValue", "access denied", Number.POSITIVE_INFINITY);
    const batch = sqsEvent(
      sqsRecord(await githubWebhook(id), { messageId: "github" }),
      sqsRecord(crmWebhook(id), { messageId: "crm" }),
    );
    const { batchItemFailures } = await processor(batch, lambdaContext());

    expect(batchItemFailures).toEqual([{ itemIdentifier: "github" }]);
    expect(await aws.database.item(`crm/${id}`)).toMatchObject({ status: "processed" });
  });
});
