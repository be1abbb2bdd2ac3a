import {
  GetEventSourceMappingCommand,
  GetFunctionCommand,
  GetFunctionConfigurationCommand,
  type LambdaClient,
  ListEventSourceMappingsCommand,
  ListFunctionsCommand,
  ListTagsCommand,
  TagResourceCommand,
  UntagResourceCommand,
  UpdateEventSourceMappingCommand,
  type UpdateEventSourceMappingCommandInput,
} from "@aws-sdk/client-lambda";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { eventually } from "../../testing/eventually.js";
import { testClients } from "../support/cloud.js";
import { startTestFunctions, type TestFunctions } from "../support/functions.js";
import { arnOf, consumerStatements, lambdaFunction, mapping, queue, role, urlOf } from "../support/graphs.js";

/** Answers "slow" late, so that a pause finds it under way. */
const source = `export const handler = async ({ Records }) => {
  for (const { body } of Records) {
    console.log("got " + body);
    if (body === "slow") await new Promise((resolve) => setTimeout(resolve, 300));
    console.log("done " + body);
  }
  return { batchItemFailures: [] };
};`;

let test: TestFunctions;
let lambda: LambdaClient;
let work: ReturnType<typeof queue>;
const worker = lambdaFunction("worker", "arn:aws:iam::000000000000:role/worker", source, {
  tagsAll: { stack: "dev" },
  environment: { variables: { LANE: "orders" } },
});
let fed: ReturnType<typeof mapping>;

beforeAll(async () => {
  test = await startTestFunctions((origin) => {
    work = queue("work", { visibilityTimeoutSeconds: 30 }, origin);
    fed = mapping(work, worker, { batchSize: 1 });
    return [work, worker, fed, ...role("worker", "lambda.amazonaws.com", ...consumerStatements(work))];
  });
  lambda = testClients(test.endpoint).lambda;
});
afterAll(async () => {
  lambda.destroy();
  await test.stop();
});

const state = async () => (await lambda.send(new GetEventSourceMappingCommand({ UUID: fed.id }))).State;
const update = (input: Omit<UpdateEventSourceMappingCommandInput, "UUID">) =>
  lambda.send(new UpdateEventSourceMappingCommand({ UUID: fed.id, ...input }));
const done = () => test.logs.flatMap(({ line }) => /^done (.*)/.exec(line)?.[1] ?? []);

describe("functions", () => {
  it("are listed, and found by name, ARN and the end of an ARN", async () => {
    const { Functions } = await lambda.send(new ListFunctionsCommand({}));
    expect(Functions).toMatchObject([
      { FunctionName: "worker", FunctionArn: arnOf(worker), Timeout: 5, MemorySize: 128, State: "Active" },
    ]);
    for (const FunctionName of ["worker", arnOf(worker), "function:worker", "000000000000:function:worker"]) {
      const found = await lambda.send(new GetFunctionConfigurationCommand({ FunctionName }));
      expect(found).toMatchObject({
        FunctionName: "worker",
        Environment: { Variables: { LANE: "orders" } },
        LoggingConfig: { LogFormat: "Text", LogGroup: "/aws/lambda/worker" },
      });
    }
    const { Tags } = await lambda.send(new GetFunctionCommand({ FunctionName: "worker" }));
    expect(Tags).toEqual({ stack: "dev" });
  });

  it("that are not there are named", async () => {
    await expect(lambda.send(new GetFunctionCommand({ FunctionName: "nobody" }))).rejects.toMatchObject({
      name: "ResourceNotFoundException",
      message: "Function not found: arn:aws:lambda:us-east-1:000000000000:function:nobody",
      $metadata: { httpStatusCode: 404 },
    });
  });
});

describe("event source mappings", () => {
  it("are listed, and found by queue and by function", async () => {
    const list = async (input: object) =>
      (await lambda.send(new ListEventSourceMappingsCommand(input))).EventSourceMappings;
    const all = await list({});
    expect(all).toMatchObject([
      {
        UUID: fed.id,
        EventSourceMappingArn: `arn:aws:lambda:us-east-1:000000000000:event-source-mapping:${fed.id}`,
        EventSourceArn: arnOf(work),
        FunctionArn: arnOf(worker),
        BatchSize: 1,
        State: "Enabled",
        FunctionResponseTypes: ["ReportBatchItemFailures"],
        LastModified: expect.any(Date),
      },
    ]);
    expect(await list({ EventSourceArn: arnOf(work), FunctionName: "worker" })).toEqual(all);
    expect(await list({ EventSourceArn: `${arnOf(work)}-2` })).toEqual([]);
  });

  it("that are switched off finish what they work on, receive nothing more, and go on when they are switched on", async () => {
    await test.send(urlOf(work), "slow");
    await eventually("a batch", () => test.logs.some(({ line }) => line === "got slow"));
    const change = (Enabled: boolean) =>
      test.cloud.call(
        { kind: "operator" },
        { service: "lambda", operation: "UpdateEventSourceMapping", input: { UUID: fed.id, Enabled } },
      );
    // In one turn, so that the second finds the first under way.
    const [paused, tooSoon] = await Promise.allSettled([change(false), change(true)]);
    expect(paused).toMatchObject({ value: { State: "Disabling" } });
    expect(tooSoon).toMatchObject({ reason: { code: "ResourceInUseException" } });
    await eventually("the pause", async () => (await state()) === "Disabled");
    expect(done()).toEqual(["slow"]);
    expect(test.cloud.sqs.queueByUrl(urlOf(work))?.peek()).toEqual([]);

    await test.send(urlOf(work), "waiting");
    // Were a poller left, its long poll would have taken the message at once.
    await test.send(urlOf(work), "waiting too");
    expect(test.cloud.sqs.queueByUrl(urlOf(work))?.counts()).toMatchObject({ visible: 2, notVisible: 0 });
    expect((await update({ Enabled: true })).State).toBe("Enabling");
    await eventually("what waited", () => done().length === 3);
    expect(await state()).toBe("Enabled");
  });

  it("take another batch size and window", async () => {
    expect(await update({ BatchSize: 5, MaximumBatchingWindowInSeconds: 1 })).toMatchObject({
      State: "Updating",
      BatchSize: 5,
      MaximumBatchingWindowInSeconds: 1,
    });
    await eventually("the change", async () => (await state()) === "Enabled");
  });

  it.each<[string, Omit<UpdateEventSourceMappingCommandInput, "UUID">, RegExp]>([
    [
      "more than ten messages without a window",
      { BatchSize: 11, MaximumBatchingWindowInSeconds: 0 },
      /window/,
    ],
    ["what a queue does not have", { BisectBatchOnFunctionError: true }, /BisectBatchOnFunctionError/],
    ["what this machine does not know", { FunctionName: "other" }, /FunctionName/],
    ["a batch of none", { BatchSize: 0 }, /BatchSize/],
  ])("refuse %s, and stay as they were", async (_, input, message) => {
    const before = await lambda.send(new GetEventSourceMappingCommand({ UUID: fed.id }));
    await expect(update(input)).rejects.toMatchObject({
      name: "InvalidParameterValueException",
      message: expect.stringMatching(message),
    });
    const after = await lambda.send(new GetEventSourceMappingCommand({ UUID: fed.id }));
    expect({ ...after, $metadata: {} }).toEqual({ ...before, $metadata: {} });
  });

  it("that are not there are told of", async () => {
    const UUID = "00000000-0000-4000-8000-000000000000";
    await expect(lambda.send(new GetEventSourceMappingCommand({ UUID }))).rejects.toMatchObject({
      name: "ResourceNotFoundException",
    });
  });
});

describe("tags", () => {
  it("are put on a mapping, replaced, and taken off", async () => {
    const Resource = `arn:aws:lambda:us-east-1:000000000000:event-source-mapping:${fed.id}`;
    const tags = async () => (await lambda.send(new ListTagsCommand({ Resource }))).Tags;
    await lambda.send(new TagResourceCommand({ Resource, Tags: { "paused-by": "ann", note: "a" } }));
    await lambda.send(new TagResourceCommand({ Resource, Tags: { note: "b" } }));
    expect(await tags()).toEqual({ "paused-by": "ann", note: "b" });
    await lambda.send(new UntagResourceCommand({ Resource, TagKeys: ["paused-by", "gone"] }));
    expect(await tags()).toEqual({ note: "b" });
    await expect(
      lambda.send(new TagResourceCommand({ Resource, Tags: { note: "a,b" } })),
    ).rejects.toMatchObject({ name: "InvalidParameterValueException" });
    expect(await tags()).toEqual({ note: "b" });
  });
});
