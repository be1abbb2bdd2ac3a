import { createServer } from "node:http";
import { eventually } from "local-aws";
import { describe, expect, it, onTestFinished } from "vitest";
import { startPipeline } from "../../local/pipeline.js";

/** An HTTP target that is down until it is mended. */
async function startTarget() {
  let isDown = true;
  const calls: string[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      calls.push((JSON.parse(Buffer.concat(chunks).toString()) as { id: string }).id);
      response.writeHead(isDown ? 503 : 204).end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => new Promise<void>((resolve) => server.close(() => resolve())));
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("no port");
  return {
    url: `http://127.0.0.1:${address.port}/in`,
    calls,
    mend: () => {
      isDown = false;
    },
  };
}

describe("a target that is down for a while, with the code that is deployed", () => {
  it("gets each webhook once it is back, and meanwhile a try is used up only by probes and by functions that do not know yet", async () => {
    const functions = 2;
    const target = await startTarget();
    const pipeline = await startPipeline({
      stack: "dev",
      overrides: {
        "webhook-pipeline:sources": [
          {
            name: "orders",
            signature: { scheme: "none" },
            eventId: ["json:id"],
            forward: { url: target.url, allowPrivateNetwork: true },
          },
        ],
        "webhook-pipeline:queue": { maxReceiveCount: 5 },
        // To send a message again the function then needs the key as well.
        "webhook-pipeline:encryption": "customer-key",
        "webhook-pipeline:processor": {
          backoff: { baseSeconds: 1, maxSeconds: 2 },
          breaker: { failures: 3, longestSeconds: 10 },
          maxConcurrency: functions,
          // What a function tries before it knows.
          batchSize: 1,
        },
      },
    });
    onTestFinished(() => pipeline.stop());
    const post = async (id: string) => {
      const body = JSON.stringify({ id });
      const headers = { "content-type": "application/json" };
      const response = await fetch(pipeline.endpoints.orders ?? "", { method: "POST", headers, body });
      expect(response.status).toBe(200);
    };
    const isOpen = () =>
      pipeline.alarms
        .states()
        .some(({ name, state }) => name.includes("target-left-alone") && state === "ALARM");

    for (const id of ["first-1", "first-2", "first-3"]) await post(id);
    await eventually("an alarm", isOpen, 60_000);
    const openSince = Date.now();
    const waiting = Array.from({ length: 10 }, (_, index) => `waits-${index}`);
    for (const id of waiting) await post(id);
    target.mend();
    const openSeconds = (Date.now() - openSince) / 1000;

    const done = async () => {
      const history = await pipeline.history();
      return history.filter(({ status }) => status === "processed");
    };
    await eventually("all webhooks", async () => (await done()).length === 13, 90_000);
    const attempts = (await done())
      .filter(({ eventId }) => eventId.startsWith("waits"))
      .map((item) => item.attempts);
    const tries = attempts.reduce((sum, count) => sum + count, 0);
    const probes = 1 + Math.floor(openSeconds / 10);
    expect(tries - waiting.length).toBeLessThanOrEqual(probes + functions);
    expect(target.calls.filter((id) => id.startsWith("waits"))).toHaveLength(tries);
    expect(pipeline.queues.deadLetters()).toEqual([]);
    const unknown = pipeline.alarms.unknownMetrics().map(({ alarm }) => alarm);
    expect(unknown.filter((alarm) => alarm.includes("target-left-alone"))).toEqual([]);
    expect(pipeline.calls.filter(({ allowed }) => !allowed)).toEqual([]);
    expect(pipeline.calls.map(({ action }) => action)).toContain("sqs:SendMessage");
  }, 180_000);
});
