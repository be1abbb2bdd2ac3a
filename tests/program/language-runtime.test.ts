import { readStageConfig } from "local-aws";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Engine, startEngine } from "../../bench/start/engine.js";
import { runNode, underPulumi } from "../../bench/start/language-runtime.js";
import { place } from "../support/registered.js";

describe("the program under Pulumi's own language runtime, started as Pulumi.yaml says", () => {
  let engine: Engine;

  beforeAll(async () => {
    engine = await startEngine(place);
  });

  afterAll(() => engine.stop());

  it("runs to its end", async () => {
    await runNode(await underPulumi(engine, "dev", readStageConfig(".", "dev")));

    expect(engine.takeErrors()).toEqual([]);
    expect(engine.takeRegistered()).toContain("webhooks:index:WebhookPipeline::webhooks");
  });

  it("tells wrong settings in lines that name the stage's file, without a stack trace", async () => {
    const config = readStageConfig(".", "five-mistakes", "tests/fixtures/Pulumi.five-mistakes.yaml");
    await expect(runNode(await underPulumi(engine, "five-mistakes", config))).rejects.toThrow();

    const [error = "", ...others] = engine.takeErrors();
    expect(others).toEqual([]);
    expect(error).toMatch(/^Pulumi\.five-mistakes\.yaml: the settings have 5 problems:(\n {2}[^\n]+){5}$/);
    expect(engine.takeRegistered()).toEqual([]);
  });
});
