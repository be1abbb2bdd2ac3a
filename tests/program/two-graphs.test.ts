import { expect, it } from "vitest";
import { type Graph, readGraph, resourcesOfType } from "../../packages/local-aws/program/graph.js";

const read = (stack: string, overrides: Record<string, unknown> = {}) => readGraph({ stack, overrides });

const summary = ({ stack, resources, ...graph }: Graph) => ({
  stack,
  urns: resources.map(({ urn }) => urn),
  queues: resourcesOfType({ stack, resources, ...graph }, "aws:sqs/queue:Queue").map(({ inputs }) => inputs),
});

it("keeps graphs apart that are read at the same time, and goes on after one that cannot be read", async () => {
  const encrypted = { "webhook-pipeline:encryption": "customer-key" };
  const alone = [await read("dev", encrypted), await read("prod"), await read("dev")];
  const [first, second, broken, third] = await Promise.allSettled([
    read("dev", encrypted),
    read("prod"),
    read("dev", { "webhook-pipeline:encryption": "nonsense" }),
    read("dev"),
  ]);
  expect(broken?.status).toBe("rejected");
  const together = [first, second, third].flatMap((read) =>
    read?.status === "fulfilled" ? summary(read.value) : [],
  );
  expect(together).toEqual(alone.map(summary));
});
