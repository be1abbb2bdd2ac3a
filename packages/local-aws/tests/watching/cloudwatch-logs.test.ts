import {
  type CloudWatchLogsClient,
  DescribeLogGroupsCommand,
  DescribeLogStreamsCommand,
  FilterLogEventsCommand,
  type FilterLogEventsCommandInput,
  GetLogEventsCommand,
  StartQueryCommand,
} from "@aws-sdk/client-cloudwatch-logs";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { lineFilter } from "../../watching/cloudwatch-logs/filter-pattern.js";
import { serveCloudWatchLogs } from "../../watching/cloudwatch-logs/service.js";
import { LogStore } from "../../watching/logs.js";
import { MetricStore } from "../../watching/metrics.js";
import { startTestCloud, type TestCloud } from "../support/cloud.js";
import { policyOf, resource } from "../support/graphs.js";

describe("a filter pattern", () => {
  const failed = JSON.stringify({
    level: "ERROR",
    webhook_id: "github/1",
    tries: 3,
    ok: false,
    none: null,
    error: { message: "no such order", codes: [404, 500] },
  });

  it.each<[string, boolean]>([
    ["", true],
    ["ERROR", true],
    ["error", true],
    ["Error", false],
    ["ERROR github/1", true],
    ["ERROR github/2", false],
    ['"no such order"', true],
    ['"no order"', false],
    ["?INFO ?ERROR", true],
    ["?INFO ?WARN", false],
    ["ERROR -order", false],
    ["ERROR -stripe", true],
    ["%github/[0-9]+%", true],
    ['{ $.webhook_id = "github/1" }', true],
    ['{ $.webhook_id = "github/2" }', false],
    ['{ $.webhook_id != "github/2" }', true],
    ['{ $.webhook_id = "github/*" }', true],
    ["{ $.level = ERROR }", true],
    ["{ $.webhook_id = %^git% }", true],
    ["{ $.tries = 3 }", true],
    ["{ $.tries >= 4 }", false],
    ["{ $.tries < 3.5 }", true],
    ["{ $.error.codes[1] = 500 }", true],
    ["{ $['error']['message'] = *order }", true],
    ["{ $.ok IS FALSE }", true],
    ["{ $.ok IS TRUE }", false],
    ["{ $.none IS NULL }", true],
    ["{ $.missing NOT EXISTS }", true],
    ["{ $.level NOT EXISTS }", false],
    ["{ $.missing != 1 }", false],
    ["{ $.level = INFO || $.tries = 3 }", true],
    ["{ $.tries = 3 || $.tries = 4 && $.level = INFO }", true],
    ["{ ($.tries = 3 || $.tries = 4) && $.level = INFO }", false],
  ])("%s: %s", (pattern, found) => {
    expect(lineFilter(pattern)(failed)).toBe(found);
  });

  it("finds nothing in a line that is no JSON, where it asks for members", () => {
    expect(lineFilter("{ $.level NOT EXISTS }")("START RequestId: 1")).toBe(false);
  });

  it.each([
    "[ip, user]",
    '"open',
    "?a b",
    "{ $.a = 1",
    "{ a = 1 }",
    "{ $.a ~ 1 }",
    "{ $.a < x }",
    "{ $.a IS GONE }",
    "{ $.a = 1 } x",
    "%(%",
  ])("is refused if it is %s", (pattern) => {
    expect(() => lineFilter(pattern)).toThrow(expect.objectContaining({ name: "InvalidPattern" }));
  });
});

const group = resource("aws:cloudwatch/logGroup:LogGroup", "/aws/lambda/processor", { retentionInDays: 30 });
const groupArn = "arn:aws:logs:us-east-1:000000000000:log-group:/aws/lambda/processor";

let test: TestCloud;
let store: LogStore;
let client: CloudWatchLogsClient;

beforeAll(async () => {
  test = await startTestCloud(() => [group]);
  store = new LogStore(test.cloud, new MetricStore(60), () => {}, undefined);
  serveCloudWatchLogs(test.cloud, store);
  client = test.clients().logs;
  const place = { group: "/aws/lambda/processor", stream: "local" };
  for (let number = 1; number <= 5; number++) store.write("processor", `line ${number}`, place);
  store.write("other", "elsewhere", { group: "/aws/lambda/other", stream: "local" });
  store.write("access-log", "no group takes this");
});
afterAll(() => test.close());

const logGroupName = "/aws/lambda/processor";
const filter = (input: FilterLogEventsCommandInput, from = client) =>
  from.send(new FilterLogEventsCommand({ logGroupName, ...input }));
const messages = ({ events = [] }: { events?: { message?: string | undefined }[] | undefined }) =>
  events.map(({ message }) => message);

describe("log groups and streams", () => {
  it("are the program's, and those that Lambda makes for a function that names none", async () => {
    const { logGroups } = await client.send(new DescribeLogGroupsCommand({}));
    expect(logGroups).toMatchObject([
      { logGroupName: "/aws/lambda/other" },
      { logGroupName, arn: `${groupArn}:*`, logGroupArn: groupArn, retentionInDays: 30, storedBytes: 30 },
    ]);
    const found = async (input: object) =>
      (await client.send(new DescribeLogGroupsCommand(input))).logGroups?.map((each) => each.logGroupName);
    expect(await found({ logGroupNamePrefix: "/aws/lambda/p" })).toEqual([logGroupName]);
    expect(await found({ logGroupNamePattern: "OTHER" })).toEqual(["/aws/lambda/other"]);
    const first = await client.send(new DescribeLogGroupsCommand({ limit: 1 }));
    expect(await found({ limit: 1, nextToken: first.nextToken })).toEqual([logGroupName]);
  });

  it("tell when a stream was written to last", async () => {
    const { logStreams } = await client.send(new DescribeLogStreamsCommand({ logGroupName }));
    expect(logStreams).toMatchObject([
      { logStreamName: "local", arn: `${groupArn}:log-stream:local`, lastEventTimestamp: expect.any(Number) },
    ]);
  });
});

describe("FilterLogEvents", () => {
  it("finds lines of one group, oldest first, page by page", async () => {
    expect(messages(await filter({ filterPattern: "line" }))).toEqual(
      [1, 2, 3, 4, 5].map((n) => `line ${n}`),
    );
    const first = await filter({ limit: 2, filterPattern: "line" });
    expect(messages(first)).toEqual(["line 1", "line 2"]);
    const second = await filter({ limit: 3, filterPattern: "line", nextToken: first.nextToken });
    expect(messages(second)).toEqual(["line 3", "line 4", "line 5"]);
    expect(second.nextToken).toBeUndefined();
  });

  it("keeps to the times that are asked for", async () => {
    const last = (await filter({})).events?.at(-1)?.timestamp ?? 0;
    expect(messages(await filter({ startTime: last + 1 }))).toEqual([]);
    expect(messages(await filter({ endTime: last }))).toHaveLength(5);
  });

  it.each<[string, FilterLogEventsCommandInput, string, RegExp]>([
    ["a pattern that is not closed", { filterPattern: '"x' }, "InvalidParameterException", /filter pattern/],
    ["a token of nobody's", { nextToken: "x" }, "InvalidParameterException", /nextToken/],
    ["a stream that is not there", { logStreamNames: ["x"] }, "ResourceNotFoundException", /log stream/],
    ["a group that is not there", { logGroupName: "/x" }, "ResourceNotFoundException", /log group/],
    ["the unmasking of data", { unmask: true }, "InvalidParameterException", /unmask/],
    ["no group", { logGroupName: undefined }, "InvalidParameterException", /Exactly one/],
  ])("refuses %s", async (_, input, name, message) => {
    await expect(filter(input)).rejects.toMatchObject({ name, message: expect.stringMatching(message) });
  });

  it("needs a permission on the group that ends in :*", async () => {
    const as = (name: string, Resource: string) => {
      const user = test.cloud.authoriser.addUser(
        name,
        policyOf({ Action: "logs:FilterLogEvents", Resource }),
      );
      return test.clients(test.keys.issue(user)).logs;
    };
    await expect(filter({}, as("right", `${groupArn}:*`))).resolves.toBeDefined();
    for (const [name, resource] of [
      ["without", groupArn],
      ["other", groupArn.replace("processor", "other:*")],
    ] as const) {
      await expect(filter({}, as(name, resource))).rejects.toMatchObject({ name: "AccessDeniedException" });
    }
  });
});

describe("GetLogEvents", () => {
  const get = (input: object) =>
    client.send(new GetLogEventsCommand({ logGroupName, logStreamName: "local", ...input }));

  it("begins at the end, or at the head, and goes both ways", async () => {
    const newest = await get({ limit: 2 });
    expect(messages(newest)).toEqual(["line 4", "line 5"]);
    expect(messages(await get({ limit: 2, nextToken: newest.nextBackwardToken }))).toEqual([
      "line 2",
      "line 3",
    ]);
    const head = await get({ limit: 2, startFromHead: true });
    expect(messages(head)).toEqual(["line 1", "line 2"]);
    expect(messages(await get({ limit: 2, nextToken: head.nextForwardToken }))).toEqual(["line 3", "line 4"]);
  });

  it("gives the same token back where nothing is left", async () => {
    const end = await get({});
    const after = await get({ nextToken: end.nextForwardToken });
    expect(after).toMatchObject({ events: [], nextForwardToken: end.nextForwardToken });
  });
});

it("says by its name what CloudWatch Logs does and this machine does not", async () => {
  const query = new StartQueryCommand({ logGroupName, queryString: "x", startTime: 1, endTime: 2 });
  await expect(client.send(query)).rejects.toMatchObject({
    name: "UnknownOperationException",
    message: "CloudWatch Logs on this machine has no StartQuery",
  });
});
