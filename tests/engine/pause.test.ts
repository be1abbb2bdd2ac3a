import {
  GetEventSourceMappingCommand,
  LambdaClient,
  UpdateEventSourceMappingCommand,
} from "@aws-sdk/client-lambda";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { copyOfRepository, EngineStack, noEngine, type Settings } from "../support/engine/stack.js";

const region = "eu-west-1";
const settings: Settings = {
  sources: [{ name: "github", signature: { scheme: "github" } }],
  protect: false,
};
const mapping = "EventSourceMapping webhooks-processor-source";

describe.skipIf(noEngine !== undefined)("a lane that an operator has paused", () => {
  let stack: EngineStack;
  let lambda: LambdaClient;
  let UUID: string;

  beforeAll(async () => {
    stack = new EngineStack(copyOfRepository(), "paused", region);
    await stack.init();
    const { problems } = await stack.up(settings);
    if (problems.length > 0) throw new Error(problems.join("\n"));
    const found = (await stack.resources()).find(({ urn }) => urn.endsWith("::webhooks-processor-source"));
    UUID = String(found?.outputs?.uuid);
    lambda = new LambdaClient({ region, credentials: { accessKeyId: "test", secretAccessKey: "test" } });
    await lambda.send(new UpdateEventSourceMappingCommand({ UUID, Enabled: false }));
  });
  afterAll(async () => {
    await stack?.destroy(settings);
    stack?.remove();
  });

  const state = async () => (await lambda.send(new GetEventSourceMappingCommand({ UUID }))).State;
  const faster = { ...settings, processor: { batchSize: 5 } };

  it("is no drift that a deployment would mend", async () => {
    expect(await state()).toBe("Disabled");
    expect(await stack.drift(settings)).toEqual([]);
  });

  it("is no change to a preview, with a refresh or without", async () => {
    expect((await stack.preview(settings)).steps).toEqual([]);
    expect((await stack.preview(settings, { refresh: true })).steps).toEqual([]);
  });

  it("stays paused when a deployment changes its mapping", async () => {
    const { steps, problems } = await stack.up(faster);
    expect(problems).toEqual([]);
    expect(steps.map(({ op, resource }) => `${op} ${resource}`)).toContain(`update ${mapping}`);
    const { BatchSize, State } = await lambda.send(new GetEventSourceMappingCommand({ UUID }));
    expect({ BatchSize, State }).toEqual({ BatchSize: 5, State: "Disabled" });
  });

  it("stays paused through a deployment that refreshes, and is no drift afterwards", async () => {
    expect((await stack.up(faster, { refresh: true })).problems).toEqual([]);
    expect(await state()).toBe("Disabled");
    expect(await stack.drift(faster)).toEqual([]);
  });

  it("stays paused when its mapping changes after that", async () => {
    const { problems } = await stack.up({ ...settings, processor: { batchSize: 7 } }, { refresh: true });
    expect(problems).toEqual([]);
    const { BatchSize, State } = await lambda.send(new GetEventSourceMappingCommand({ UUID }));
    expect({ BatchSize, State }).toEqual({ BatchSize: 7, State: "Disabled" });
  });

  it("goes on when an operator resumes it, and no deployment stops it again", async () => {
    await lambda.send(new UpdateEventSourceMappingCommand({ UUID, Enabled: true }));
    expect((await stack.up(settings)).problems).toEqual([]);
    expect(await state()).toBe("Enabled");
  });
});
