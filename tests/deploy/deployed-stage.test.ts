import { afterAll, describe, expect, it } from "vitest";
import { pauseAsText, pausesOf } from "../../deploy/drift/pauses.js";
import { sendCanary } from "../../deploy/smoke/canary.js";
import { smokeTest } from "../../deploy/smoke/smoke-test.js";
import { startPipeline } from "../../local/pipeline.js";
import { switchMapping } from "../../ops/lanes/mapping.js";
import { pauseNotes } from "../../ops/lanes/pause-notes.js";
import { readOutputs } from "../../ops/stage/outputs.js";
import { stageOf } from "../../ops/stage/stage.js";

/** What the deployer's command finds out of a stage that runs: here one with an HTTP API and a canary. */
const pipeline = await startPipeline({
  stack: "canary",
  stageFile: "tests/fixtures/Pulumi.canary.yaml",
  overrides: { "webhook-pipeline:api": { kind: "http" } },
});
afterAll(() => pipeline.stop());
const outputs = readOutputs({ ...pipeline.graph.outputs, endpoints: pipeline.endpoints }, "the test");
const { key, endpoint } = pipeline.aws;
const stage = stageOf("canary", outputs, { endpoint, credentials: key });

const inTime = () => Date.now() + 60_000;

describe("the canary of the smoke test", () => {
  it("is a signed webhook that goes the whole way, and is told with the time it took", async () => {
    const check = await sendCanary(stage, "canary", inTime());

    expect(check).toEqual({
      what: "canary canary",
      result: "passed",
      text: expect.stringMatching(/^processed after \d+\.\d s$/),
    });
    expect(await pipeline.history()).toContainEqual(
      expect.objectContaining({ source: "canary", status: "processed" }),
    );
  });

  it("is sent where the stage says that it has one", async () => {
    const checks = await smokeTest(stage, {});

    expect(checks.map(({ what, result }) => `${what}: ${result}`)).toContain("canary canary: passed");
  });

  it("fails if it does not get to its end in time", async () => {
    const [{ eventSourceMapping = "" } = {}] = Object.values(outputs.operations.lanes);
    const lambda = await stage.clients.lambda();
    await switchMapping(lambda, eventSourceMapping, "disabled");
    const check = await sendCanary(stage, "canary", Date.now());
    await switchMapping(lambda, eventSourceMapping, "enabled");

    expect(check.result).toBe("failed");
    expect(check.text).toMatch(/^was taken by the front door, and is not in the history/);
  });

  it("fails if the stage has it, and as something else than processed", async () => {
    const { secretNames } = outputs;
    const wronglySigned = {
      ...stage,
      outputs: { ...outputs, secretNames: { canary: secretNames.shop ?? "" } },
    };

    expect(await sendCanary(wronglySigned, "canary", Date.now() + 3_000)).toEqual({
      what: "canary canary",
      result: "failed",
      text: expect.stringMatching(/^is rejected: /),
    });
  });

  it("is not sent without its secret, which breaks nothing yet", async () => {
    const withoutSecret = { ...stage, outputs: { ...outputs, secretNames: { canary: "not-there" } } };

    expect(await sendCanary(withoutSecret, "canary", inTime())).toEqual({
      what: "canary canary",
      result: "note",
      text: 'not sent: the secret of source "canary" is not set yet',
    });
  });

  it("is not watched by who may not, which is no reason to call a deployment failed", async () => {
    const identity = { Effect: "Allow", Action: "sts:GetCallerIdentity", Resource: "*" };
    const nobody = pipeline.addUser("nobody", { Version: "2012-10-17", Statement: [identity] });
    const theirs = stageOf("canary", outputs, { endpoint, credentials: nobody });

    expect(await sendCanary(theirs, "canary", inTime())).toEqual({
      what: "canary canary",
      result: "note",
      text: expect.stringMatching(/^not watched: AWS refused it: .*secretsmanager:GetSecretValue/),
    });
  });
});

describe("a lane that is paused", () => {
  it("is found with who paused it, or as paused by nobody known, and not when it is resumed", async () => {
    const [{ eventSourceMapping = "" } = {}] = Object.values(outputs.operations.lanes);
    const lambda = await stage.clients.lambda();
    const notes = pauseNotes(await stage.clients.dynamoDb(), outputs.historyTable);
    const found = async () => (await pausesOf(stage)).map(pauseAsText);

    await switchMapping(lambda, eventSourceMapping, "disabled");
    expect(await found()).toEqual([
      "lane webhooks (shop, canary) is paused, it is not known by whom: its event source mapping is disabled",
    ]);
    await notes.write(eventSourceMapping, { by: "ann@laptop", since: Date.parse("2026-11-25T03:00:00Z") });
    expect(await found()).toEqual([
      "lane webhooks (shop, canary) is paused by ann@laptop since 2026-11-25T03:00:00Z",
    ]);

    await switchMapping(lambda, eventSourceMapping, "enabled");
    expect(await found()).toEqual([]);
  });
});
