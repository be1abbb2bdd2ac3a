import { existsSync } from "node:fs";
import * as pulumi from "@pulumi/pulumi";
import { afterEach, describe, expect, it } from "vitest";
import { type FailedInvocation, LambdaFunction } from "../../lambda/function.js";
import { eventually } from "../../testing/eventually.js";
import { MetricStore } from "../../watching/metrics.js";
import { graphOf, lambdaFunction } from "../support/graphs.js";

let lambda: LambdaFunction;
let lines: string[];
let metrics: MetricStore;
let failed: FailedInvocation[];
afterEach(() => lambda?.stop());

async function load(source: string, inputs: Record<string, unknown> = {}): Promise<void> {
  const resource = lambdaFunction("worker", "arn:aws:iam::000000000000:role/worker", source, inputs);
  lines = [];
  metrics = new MetricStore(60);
  failed = [];
  lambda = await LambdaFunction.load({
    graph: graphOf([resource]),
    resource,
    key: { accessKeyId: "id", secretAccessKey: "secret" },
    endpoint: "http://127.0.0.1:1",
    metrics,
    onLine: (line) => lines.push(line),
    onFailedInvocation: (each) => failed.push(each),
  });
}

const returned = async (event: unknown = {}) => {
  const result = await lambda.invoke(event);
  return result.kind === "returned" ? JSON.parse(result.payload ?? "null") : result;
};
const sum = (name: string) =>
  metrics
    .values({ namespace: "AWS/Lambda", name, dimensions: { FunctionName: "worker" } }, 0, Date.now() + 1)
    .reduce((total, value) => total + value, 0);

describe("a function on this machine", () => {
  it("gets the event and Lambda's context", async () => {
    await load(`export const handler = async (event, context) => ({ event, name: context.functionName,
      id: context.awsRequestId, memory: context.memoryLimitInMB, left: context.getRemainingTimeInMillis() });`);
    const { event, name, id, memory, left } = await returned({ a: 1 });
    expect({ event, name, memory }).toEqual({ event: { a: 1 }, name: "worker", memory: "128" });
    expect(id).toMatch(/^[0-9a-f-]{36}$/);
    expect(left).toBeGreaterThan(4_000);
    expect(left).toBeLessThanOrEqual(5_000);
  });

  it("sees the variables that the program gives it and Lambda's own, and none of this machine's", async () => {
    process.env.LOCAL_ONLY = "must not be seen";
    await load("export const handler = async () => process.env;", {
      environment: { variables: { ORDERS_QUEUE_URL: "url" } },
    });
    const variables = await returned();
    delete process.env.LOCAL_ONLY;
    expect(variables).toMatchObject({
      ORDERS_QUEUE_URL: "url",
      AWS_REGION: "us-east-1",
      AWS_ACCESS_KEY_ID: "id",
      AWS_ENDPOINT_URL: "http://127.0.0.1:1",
      AWS_LAMBDA_FUNCTION_NAME: "worker",
    });
    expect(Object.keys(variables)).not.toEqual(expect.arrayContaining(["LOCAL_ONLY"]));
    expect(Object.keys(variables)).not.toEqual(expect.arrayContaining(["HOME"]));
    expect(Object.keys(variables)).not.toEqual(expect.arrayContaining(["PATH"]));
  });

  it.each([
    [128, 6, 116],
    [1024, 51, 922],
  ])("has the heap that Lambda's runtime gives %d MB", async (memorySize, semiSpace, oldSpace) => {
    await load("export const handler = () => process.execArgv;", { memorySize });
    expect(await returned()).toEqual([
      `--max-semi-space-size=${semiSpace}`,
      `--max-old-space-size=${oldSpace}`,
    ]);
  });

  it("keeps its module's state from one invocation to the next", async () => {
    await load("let calls = 0; export const handler = async () => ++calls;");
    expect([await returned(), await returned()]).toEqual([1, 2]);
  });

  it("runs one invocation at a time in an environment, and as many environments as are needed", async () => {
    await load(`let busy = 0; export const handler = async () => { const overlap = ++busy;
      await new Promise((resolve) => setTimeout(resolve, 100)); busy--; return overlap; };`);
    expect(await Promise.all([returned(), returned(), returned()])).toEqual([1, 1, 1]);
  });

  it("fails when it throws, with the error in the log and in the metrics", async () => {
    await load(`export const handler = async () => { throw new TypeError("no"); };`);
    expect(await lambda.invoke({})).toMatchObject({
      kind: "failed",
      error: { errorType: "TypeError", errorMessage: "no" },
    });
    expect(lines).toEqual([expect.stringContaining("TypeError: no")]);
    expect([sum("Invocations"), sum("Errors")]).toEqual([1, 1]);
  });

  it("dies in the middle of its work if somebody kills it, and the next invocation gets a fresh environment", async () => {
    await load("export const handler = ({ hang }) => hang ? new Promise(() => {}) : 'done';");
    expect(lambda.killOne()).toBe(false);
    const hanging = lambda.invoke({ hang: true });
    await eventually("an invocation to kill", () => lambda.killOne());
    expect(await hanging).toMatchObject({ kind: "failed", error: { errorType: "Runtime.ExitError" } });
    expect(failed).toEqual([
      { functionName: "worker", event: { hang: true }, errorType: "Runtime.ExitError" },
    ]);
    expect(await returned()).toBe("done");
    expect(failed).toHaveLength(1);
  });

  it("is ended at its timeout, and the next invocation gets a fresh environment", async () => {
    await load(
      "let calls = 0; export const handler = async ({ hang }) => { calls++; if (hang) for (;;); return calls; };",
      { timeout: 1 },
    );
    expect(await returned()).toBe(1);
    expect(await lambda.invoke({ hang: true })).toMatchObject({
      kind: "failed",
      error: { errorType: "Sandbox.Timedout", errorMessage: "Task timed out after 1.00 seconds" },
    });
    expect(await returned()).toBe(1);
  });

  it.each([
    ["exits", "process.exit(1)", "Runtime.ExitError"],
    ["kills its process", "process.kill(process.pid, 'SIGKILL'); for (;;);", "Runtime.ExitError"],
    ["aborts", "process.abort()", "Runtime.ExitError"],
    [
      "throws outside the handler",
      "setTimeout(() => { throw new RangeError('late'); }); await new Promise(() => {})",
      "RangeError",
    ],
    [
      "runs out of memory",
      "const all = []; for (;;) all.push(new Array(1e5).fill({}))",
      "Runtime.OutOfMemory",
    ],
    [
      "runs out of memory with many small objects",
      "const all = new Map(); for (let i = 0; ; i++) all.set(i, {});",
      "Runtime.OutOfMemory",
    ],
    [
      "runs out of memory with one large text",
      "JSON.parse('[' + '[1,2],'.repeat(2e7) + '1]')",
      "Runtime.OutOfMemory",
    ],
    [
      "rejects where nobody awaits it",
      "Promise.reject(new RangeError('late')); await new Promise(() => {})",
      "RangeError",
    ],
  ])("is replaced when it %s", async (_, code, errorType) => {
    await load(`export const handler = async ({ crash }) => { if (crash) { ${code} } return "alive"; };`, {
      timeout: 20,
    });
    expect(await lambda.invoke({ crash: true })).toMatchObject({ kind: "failed", error: { errorType } });
    expect(await returned()).toBe("alive");
  });

  it.each([
    [
      "whose module is missing",
      "export const handler = 1;",
      "missing.handler",
      "Cannot find module 'missing'",
    ],
    [
      "whose export is missing",
      "export const other = 1;",
      "index.handler",
      "index.handler is undefined or not exported",
    ],
    ["whose module throws", "throw new Error('at import');", "index.handler", "at import"],
  ])("%s fails at every invocation", async (_, source, handler, message) => {
    await load(source, { handler });
    for (let attempt = 0; attempt < 2; attempt++) {
      expect(await lambda.invoke({})).toMatchObject({
        kind: "failed",
        error: { errorMessage: expect.stringContaining(message) },
      });
    }
    expect(sum("Errors")).toBe(2);
  });

  it("has each line of its output captured", async () => {
    await load(`export const handler = async () => { console.log("one\\ntwo"); console.error("three"); };`);
    await returned();
    await eventually("the lines", () => lines.length === 3);
    expect([...lines].sort()).toEqual(["one", "three", "two"]);
  });

  it("writes console lines as records under the JSON log format, and stdout as it is", async () => {
    await load(
      `export const handler = async () => { console.debug("low"); console.log("one %d", 1);
        console.warn({ _aws: {} }); process.stdout.write("plain\\n"); };`,
      { loggingConfig: { logFormat: "JSON" } },
    );
    await returned();
    await eventually("the lines", () => lines.length === 3);
    expect(lines.at(-1)).toBe("plain");
    expect(lines.slice(0, 2).map((line) => JSON.parse(line))).toEqual([
      expect.objectContaining({
        level: "INFO",
        message: "one 1",
        requestId: expect.stringMatching(/^[0-9a-f-]{36}$/),
      }),
      expect.objectContaining({ level: "WARN", message: { _aws: {} } }),
    ]);
  });

  it("passes on lines of stdout from its own level upwards, and counts lines without a level as INFO", async () => {
    const lowAndNone = `export const handler = async () => {
      for (const level of ["trace", "DEBUG", undefined, "WARN"]) process.stdout.write(JSON.stringify({ level }) + "\\n"); };`;
    const handedOn = async (applicationLogLevel: string) => {
      lines.length = 0;
      await load(lowAndNone, { loggingConfig: { logFormat: "JSON", applicationLogLevel } });
      await returned();
      await eventually("the last line", () => lines.includes('{"level":"WARN"}'));
      await lambda.stop();
      return lines.slice(0, -1);
    };

    expect(await handedOn("DEBUG")).toEqual(['{"level":"DEBUG"}', "{}"]);
    expect(await handedOn("INFO")).toEqual(["{}"]);
    expect(await handedOn("WARN")).toEqual([]);
  });

  it("leaves no files and answers no more once it is stopped", async () => {
    await load("export const handler = async () => process.env.LAMBDA_TASK_ROOT;");
    const folder = await returned();
    expect(existsSync(folder)).toBe(true);
    const hanging = lambda.invoke({});
    await lambda.stop();
    await hanging;
    expect(existsSync(folder)).toBe(false);
  });

  it.each([
    ["a container image", { packageType: "Image" }, "only code in an AssetArchive"],
    ["another language", { runtime: "python3.13" }, "only functions with a nodejs runtime"],
    [
      "code that leaves its folder",
      { code: new pulumi.asset.AssetArchive({ "../index.mjs": new pulumi.asset.StringAsset("") }) },
      'the file name "../index.mjs" leaves the archive',
    ],
  ])("cannot be %s", async (_, inputs, message) => {
    await expect(load("", inputs)).rejects.toThrow(message);
  });
});
