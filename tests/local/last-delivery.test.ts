import { eventually } from "local-aws";
import { describe, expect, it, type TestContext } from "vitest";
import { type LocalPipeline, startPipeline } from "../../local/pipeline.js";

/** A stage that tries a webhook once, and would wait up to a quarter of an hour for a second try. */
async function startImpatient({ onTestFinished }: TestContext, type: "standard" | "fifo") {
  const order = type === "fifo" ? { orderBy: "constant:all" } : {};
  const pipeline = await startPipeline({
    stack: "dev",
    overrides: {
      "webhook-pipeline:sources": [
        { name: "orders", signature: { scheme: "none" }, eventId: ["request-id"], ...order },
      ],
      "webhook-pipeline:queue": { type, maxReceiveCount: 1 },
      "webhook-pipeline:processor": {
        backoff: { baseSeconds: 900 },
        handlersFolder: "tests/fixtures/handlers/deadly",
      },
    },
  });
  onTestFinished(() => pipeline.stop());
  return pipeline;
}

async function post({ endpoints }: LocalPipeline, what: string): Promise<void> {
  const response = await fetch(endpoints.orders ?? "", {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ do: what }),
  });
  expect(response.status).toBe(200);
}

const isProcessed = async (pipeline: LocalPipeline) =>
  (await pipeline.history()).some(({ status }) => status === "processed");

describe.concurrent("a webhook that has failed its last delivery, with the code that is deployed", () => {
  it("is in the dead-letter queue at once", async (context) => {
    const pipeline = await startImpatient(context, "standard");

    await post(pipeline, "fail");
    await eventually("a dead letter", () => pipeline.queues.deadLetters().length === 1, 20_000);
  });

  it("lets what comes after it in its group of a FIFO queue pass at once", async (context) => {
    const pipeline = await startImpatient(context, "fifo");

    await post(pipeline, "fail");
    await eventually("a dead letter", () => pipeline.queues.deadLetters().length === 1, 20_000);
    await post(pipeline, "end");
    await eventually("the next of the group", () => isProcessed(pipeline), 20_000);
  });
});
