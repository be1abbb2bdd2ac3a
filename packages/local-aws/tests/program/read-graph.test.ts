import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it, onTestFinished } from "vitest";
import { type Graph, resourcesOfType } from "../../program/graph.js";
import { readGraph } from "../../program/read-graph.js";

const program = fileURLToPath(new URL("../fixtures/thumbnails", import.meta.url));

/** What tells the fixture's stages apart. */
function summary(graph: Graph) {
  const [worker] = resourcesOfType(graph, "aws:lambda/function:Function");
  const environment = worker?.inputs.environment as { variables: Record<string, string> } | undefined;
  return {
    stack: graph.stack,
    region: graph.region,
    widthPixels: environment?.variables.WIDTH_PIXELS,
    resources: graph.resources.length,
    stacksInUrns: [...new Set(graph.resources.map(({ urn }) => urn.split(":")[2]))],
    // As long as Pulumi makes the names.
    queueUrl: String(graph.outputs.queueUrl).replace(/-[0-9a-f]{7}$/, "-0123456"),
  };
}

const dev = {
  stack: "dev",
  region: "eu-central-1",
  widthPixels: "320",
  resources: 7,
  stacksInUrns: ["dev"],
  queueUrl: "https://sqs.eu-central-1.amazonaws.com/000000000000/jobs-0123456",
};
const wide = {
  ...dev,
  stack: "wide",
  region: "us-west-2",
  widthPixels: "1280",
  stacksInUrns: ["wide"],
  queueUrl: "https://sqs.us-west-2.amazonaws.com/000000000000/jobs-0123456",
};

/** A program whose entry is this text. */
async function programOf(entry: string, settings = "name: broken\nruntime: nodejs\n"): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "local-aws-test-"));
  onTestFinished(() => rm(folder, { recursive: true }));
  await writeFile(join(folder, "Pulumi.yaml"), settings);
  await writeFile(join(folder, "Pulumi.dev.yaml"), "config: {}\n");
  await writeFile(join(folder, "index.ts"), entry);
  return folder;
}

describe("the graph of a program", () => {
  it("is read for each stage with the stage's settings", async () => {
    expect(summary(await readGraph({ program, stack: "dev" }))).toEqual(dev);
    expect(summary(await readGraph({ program, stack: "wide" }))).toEqual(wide);
  });

  it("is right for each when several are read at once", async () => {
    const graphs = await Promise.all(["dev", "wide", "dev"].map((stack) => readGraph({ program, stack })));

    expect(graphs.map(summary)).toEqual([dev, wide, dev]);
  });

  it("is read all the same when another that is read at once fails", async () => {
    const broken = await programOf('throw new Error("not like this");');
    const [failed, read] = await Promise.allSettled([
      readGraph({ program: broken, stack: "dev" }),
      readGraph({ program, stack: "dev" }),
    ]);

    expect(failed).toMatchObject({ status: "rejected", reason: { message: "not like this" } });
    expect(read.status === "fulfilled" && summary(read.value)).toEqual(dev);
  });
});

describe("a program that cannot be read", () => {
  it("names the stages that are there", async () => {
    await expect(readGraph({ program, stack: "prod" })).rejects.toThrow(
      /^there is no stage "prod": .* does not exist \(stages: dev, wide\)$/,
    );
  });

  it("names the entry that is not there, and how to say where it is", async () => {
    const folder = await programOf("", "name: moved\nruntime: nodejs\nmain: source\n");

    await expect(readGraph({ program: folder, stack: "dev" })).rejects.toThrow(
      `${join(folder, "source", "index.ts")} is not there: name the program's entry as "main"`,
    );
  });
});
