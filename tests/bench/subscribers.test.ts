import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { describe, expect, it } from "vitest";
import { startWriteMeter } from "../../bench/handler/emulator/write-meter.js";
import { envelopeMessage, githubCorpus } from "../../bench/handler/webhooks.js";
import type { BundledDefinition } from "../../runtime/handler.js";
import { createHistory } from "../../runtime/history/history.js";
import { startHistoryTable } from "../support/dynamodb.js";
import { root } from "../support/imports.js";
import { definition as stage, startProcessor } from "../support/processor.js";
import { sqsRecord } from "../support/sqs-events.js";

const batchSize = 10;

/** Every tenth of GitHub's example payloads: 33 webhooks. */
const webhooks = (await githubCorpus()).filter((_, index) => index % 10 === 0);

function randomLooking(seed: string): string {
  return createHash("sha256").update(seed).digest("hex").slice(0, 36);
}

/** What webhooks of a source cost with so many subscribers, each on average. */
async function costWith(subscribers: number) {
  const database = await startHistoryTable();
  const meter = await startWriteMeter(database.endpoint);
  const client = new DynamoDBClient({
    endpoint: meter.endpoint,
    region: "eu-west-1",
    credentials: { accessKeyId: "local", secretAccessKey: "local" },
  });
  const { timeoutSeconds, historyTtlDays: ttlDays } = stage;
  const history = createHistory({ client, table: database.table, timeoutSeconds, ttlDays, clock: Date.now });
  const names = Array.from({ length: subscribers }, (_, index) => `subscriber-${index}`);
  const github = stage.sources.filter(({ name }) => name === "github");
  const definition: Partial<BundledDefinition> =
    subscribers === 0
      ? { sources: github }
      : {
          sources: github.map((source) => ({ ...source, subscribers: names })),
          subscriberQueues: Object.fromEntries(
            names.map((name) => [`github.${name}`, `https://sqs/${name}`]),
          ),
        };
  const source = startProcessor(database, {}, { definition, dependencies: { history } });
  try {
    // The same ids and times in each run, because compressed sizes depend on them.
    const records = webhooks.map((webhook, index) => {
      const deliveryId = randomLooking(`delivery ${index}`);
      const requestId = randomLooking(`request ${index}`);
      return sqsRecord(envelopeMessage({ ...webhook, deliveryId, requestId, receivedAt: 1_767_225_600_000 }));
    });
    for (let start = 0; start < records.length; start += batchSize) {
      await source.run(records.slice(start, start + batchSize));
    }
    for (const name of names) {
      const subscriber = { name: `github.${name}`, source: "github", signature: { kind: "none" } } as const;
      const subscriberStage = { sources: [], subscribers: [{ ...subscriber, target: { handler: name } }] };
      const lane = startProcessor(
        database,
        { [name]: () => {} },
        { definition: subscriberStage, dependencies: { history } },
      );
      const messages = source.sent.filter(({ queueUrl }) => queueUrl.endsWith(`/${name}`));
      expect(messages).toHaveLength(webhooks.length);
      for (let start = 0; start < messages.length; start += batchSize) {
        await lane.run(messages.slice(start, start + batchSize).map(({ body }) => sqsRecord(body)));
      }
      expect(lane.metric("Processed")).toBe(webhooks.length);
    }
    const { writeUnits, requests } = meter.read();
    return {
      writeUnits: (writeUnits / webhooks.length).toFixed(2),
      requests: (requests / webhooks.length).toFixed(0),
      messages: (source.sent.length / webhooks.length).toFixed(0),
    };
  } finally {
    client.destroy();
    await meter.stop();
    await database.stop();
  }
}

describe("the costs in docs/subscribers.md", () => {
  const text = readFileSync(join(root, "docs/subscribers.md"), "utf8");

  it.each([
    ["none", 0],
    ["1", 1],
    ["3", 3],
    ["10", 10],
  ])("are what a source with %s subscribers costs", async (name, subscribers) => {
    const { writeUnits, requests, messages } = await costWith(subscribers);

    expect(text).toContain(`| ${name} | ${writeUnits} | ${requests} | ${messages} |`);
  });
});
