import { eventually } from "local-aws";
import { describe, it, type TestContext } from "vitest";
import { type LocalPipeline, startPipeline } from "../../local/pipeline.js";

/** The function as it is deployed, on this machine, with deliveries that follow each other quickly. */
async function startDeadly(
  { onTestFinished }: TestContext,
  { queue = {}, source = {} }: { readonly queue?: object; readonly source?: object } = {},
): Promise<LocalPipeline> {
  const signature = { scheme: "token", header: "x-token" };
  const pipeline = await startPipeline({
    stack: "dev",
    overrides: {
      "webhook-pipeline:sources": [{ name: "orders", signature, eventId: ["header:x-id"], ...source }],
      "webhook-pipeline:queue": { maxReceiveCount: 4, ...queue },
      "webhook-pipeline:processor": {
        timeoutSeconds: 3,
        memoryMegabytes: 128,
        maxConcurrency: 2,
        handlersFolder: "tests/fixtures/handlers/deadly",
      },
    },
  });
  onTestFinished(() => pipeline.stop());
  return pipeline;
}

/** Posts orders that say what their handler does, in one go, and waits until nothing is left but dead letters. */
async function workOff(pipeline: LocalPipeline, orders: readonly string[]) {
  const { endpoints, graph, secrets, queues } = pipeline;
  for (const [index, what] of orders.entries()) {
    const response = await fetch(endpoints.orders ?? "", {
      method: "POST",
      headers: {
        "x-id": `${index} ${what}`,
        "x-token": secrets.values.orders ?? "",
        "content-type": "application/json",
      },
      body: JSON.stringify({ do: what }),
    });
    await response.arrayBuffer();
  }
  const deadLetterQueues = Object.values(graph.outputs.deadLetterQueueUrls as Record<string, string>);
  const isDeadLetterQueue = (name: string) => deadLetterQueues.some((url) => url.endsWith(`/${name}`));
  const left = () =>
    Object.entries(queues.counts())
      .filter(([name]) => !isDeadLetterQueue(name))
      .reduce((sum, [, { visible, notVisible, delayed }]) => sum + visible + notVisible + delayed, 0);
  await eventually("an empty queue", () => left() === 0, 200_000);
  const items = await pipeline.history();
  const endedAs = (done: boolean) =>
    items
      .filter(({ status }) => (status === "processed") === done)
      .map(({ eventId }) => eventId.replace(/^\d+ /, ""));
  return { processed: endedAs(true), left: endedAs(false), deadLetters: queues.deadLetters().length };
}

describe.concurrent("promise 5, with the code that is deployed: a webhook that ends the function", () => {
  it("goes to the dead-letter queue by itself, in whatever way the function dies", async (context) => {
    const { expect } = context;
    const deadly = ["exit", "forget to await", "loop", "use all memory", "use all memory in small pieces"];
    const healthy = ["end", "end", "forget to await for long", "end"];
    const orders = deadly.flatMap((what) => ["end", what, ...healthy]);

    const { processed, left, deadLetters } = await workOff(await startDeadly(context), orders);
    expect(left.sort()).toEqual(deadly.sort());
    expect(processed).toHaveLength(orders.length - deadly.length);
    expect(deadLetters).toBe(deadly.length);
  }, 240_000);

  it("lets pass what waits behind it in its group of a FIFO queue", async (context) => {
    const { expect } = context;
    const pipeline = await startDeadly(context, {
      queue: { type: "fifo" },
      source: { orderBy: "constant:all" },
    });
    const orders = ["end", "end", "forget to await", "end", "end", "end"];

    const { processed, left, deadLetters } = await workOff(pipeline, orders);
    expect(left).toEqual(["forget to await"]);
    expect(processed).toHaveLength(orders.length - 1);
    expect(deadLetters).toBe(1);
  }, 240_000);
});
