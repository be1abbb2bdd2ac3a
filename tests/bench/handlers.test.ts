import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ScanCommand } from "@aws-sdk/client-dynamodb";
import type { SQSEvent } from "aws-lambda";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { bundleContenders, type Contender, handlerNames } from "../../bench/handler/contenders/contenders.js";
import { type AwsServices, startAwsServices } from "../../bench/handler/emulator/aws-services.js";
import { type Emulator, startEmulator } from "../../bench/handler/emulator/emulator.js";
import { startFunction } from "../../bench/handler/measuring/lambda-function.js";
import {
  batchEvent,
  type Delivery,
  deliver,
  githubSecret,
  signedWebhook,
} from "../../bench/handler/webhooks.js";

let folder: string;
let emulator: Emulator;
let services: AwsServices;
let contenders: Contender[];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "webhook-bench-test-"));
  emulator = await startEmulator(0);
  services = await startAwsServices(githubSecret);
  contenders = await bundleContenders(folder);
});

afterAll(async () => {
  await services.stop();
  await emulator.stop();
  await rm(folder, { recursive: true, force: true });
});

/** Webhooks of every kind that a handler has to tell apart, by what should become of them. */
async function deliveries(): Promise<Record<string, Delivery>> {
  const push = deliver(await signedWebhook("push", Buffer.from('{"repository":{"full_name":"a/b"}}')));
  const ping = deliver(await signedWebhook("ping", Buffer.from('{"zen":"Design for failure."}')));
  const text = deliver(await signedWebhook("push", Buffer.from("no JSON")));
  const forged = { ...push, requestId: "forged", signature: `sha256=${"0".repeat(64)}` };
  return { processed: push, ignored: ping, invalid: text, rejected: forged };
}

/** Runs the batches, and says which messages went back and what the history holds, by request. */
async function outcomesOf(contender: Contender, batches: readonly SQSEvent[]) {
  const endpoints = { dynamodb: emulator.endpoint, others: services.endpoint };
  const lambda = await startFunction(contender.entry, contender.variables(endpoints));
  try {
    const failures: string[][] = [];
    for (const batch of batches) failures.push([...(await lambda.invoke(batch)).failures]);
    const { Items = [] } = await emulator.client.send(new ScanCommand({ TableName: contender.historyTable }));
    const statuses = Items.map(({ request_id, status }) => [request_id?.S ?? "", status?.S ?? ""]);
    return { failures, statuses: Object.fromEntries(statuses) as Record<string, string> };
  } finally {
    await lambda.stop();
  }
}

describe("the handlers that are compared", () => {
  it("make the same of the same webhooks", async () => {
    const kinds = await deliveries();
    const expected = Object.entries(kinds).map(([status, { requestId }]) => [requestId, status]);

    const results = await Promise.all(
      contenders.map(async (contender) => {
        await contender.createTables(emulator);
        const messages = Object.values(kinds).map(contender.message);
        const batch = batchEvent([...messages, '{"v":2}\n']);
        const last = batch.Records.at(-1);
        const { failures, statuses } = await outcomesOf(contender, [batch, batch]);
        return {
          name: contender.name,
          statuses,
          onlyTheLast: failures.map((ids) => ids.join() === last?.messageId),
        };
      }),
    );

    expect(results).toEqual(
      handlerNames.map((name) => ({
        name,
        statuses: Object.fromEntries(expected),
        onlyTheLast: [true, true],
      })),
    );
  });
});
