import { Alarms, type Cloud, type Graph, MetricStore, startCloud } from "local-aws";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type AlarmKind, alarmKinds } from "../../components/alarms/kinds.js";
import { stageGraph } from "../support/stage-graphs.js";

/**
 * Each alarm that the program registers, judged on metrics at simulated times: a state of affairs in which it must go off, and its nearest
 * neighbour, in which it must not.
 */

let graph: Graph;
let cloud: Cloud;
beforeAll(async () => {
  graph = await stageGraph("alarms", "tests/fixtures/Pulumi.alarms.yaml");
  cloud = await startCloud(graph);
});
afterAll(() => cloud?.close());

const minute = 60_000;

/** What happened: `values[i]` of a metric in the minute `i`; the last one is the present one. `undefined` is no data. */
interface Happened {
  /** As the definitions of alarms call it: `deleted`, `failed` … */
  readonly [metric: string]: readonly (number | undefined)[];
}

/** The metrics of the stage by short names, so that a story reads as one. */
const metrics: Readonly<Record<string, readonly [namespace: string, name: string, ...dimensions: string[]]>> =
  {
    dead: ["AWS/SQS", "ApproximateNumberOfMessagesVisible", "QueueName=webhooks-dlq"],
    age: ["AWS/SQS", "ApproximateAgeOfOldestMessage", "QueueName=webhooks-queue"],
    inFlight: ["AWS/SQS", "ApproximateNumberOfMessagesNotVisible", "QueueName=webhooks-queue"],
    received: ["AWS/SQS", "NumberOfMessagesReceived", "QueueName=webhooks-queue"],
    deleted: ["AWS/SQS", "NumberOfMessagesDeleted", "QueueName=webhooks-queue"],
    errors: ["AWS/Lambda", "Errors", "FunctionName=webhooks-processor"],
    throttles: ["AWS/Lambda", "Throttles", "FunctionName=webhooks-processor"],
    milliseconds: ["AWS/Lambda", "Duration", "FunctionName=webhooks-processor"],
    running: ["AWS/Lambda", "ConcurrentExecutions", "FunctionName=webhooks-processor"],
    failed: ["WebhookPipeline", "Failed", "FunctionName=webhooks-processor"],
    leftAlone: ["WebhookPipeline", "BreakerOpened", "FunctionName=webhooks-shop_to_billing-processor"],
    rejected: ["WebhookPipeline", "Rejected", "FunctionName=webhooks-processor"],
    invalid: ["WebhookPipeline", "Invalid", "FunctionName=webhooks-processor"],
    unreadable: ["WebhookPipeline", "Unreadable", "FunctionName=webhooks-processor"],
    untried: ["WebhookPipeline", "Untried", "FunctionName=webhooks-processor"],
    arrived: ["WebhookPipeline", "Arrived", "FunctionName=webhooks-processor", "Source=shop"],
    otherArrived: ["WebhookPipeline", "Arrived", "FunctionName=webhooks-processor", "Source=github"],
    canaryProcessed: ["WebhookPipeline", "Processed", "FunctionName=webhooks-processor", "Source=canary"],
    canaryArrived: ["WebhookPipeline", "Arrived", "FunctionName=webhooks-processor", "Source=canary"],
    serverErrors: ["AWS/ApiGateway", "5XXError", "ApiName=webhooks-api", "Stage=v1"],
    clientErrors: ["AWS/ApiGateway", "4XXError", "ApiName=webhooks-api", "Stage=v1"],
    requests: ["AWS/ApiGateway", "Count", "ApiName=webhooks-api", "Stage=v1"],
    refusedReads: ["AWS/DynamoDB", "ReadThrottleEvents", "TableName=webhooks-history"],
    refusedWrites: ["AWS/DynamoDB", "WriteThrottleEvents", "TableName=webhooks-history"],
    refusedIndexWrites: [
      "AWS/DynamoDB",
      "WriteThrottleEvents",
      "TableName=webhooks-history",
      "GlobalSecondaryIndexName=by_attention",
    ],
    undelivered: ["AWS/SNS", "NumberOfNotificationsFailed", "TopicName=webhooks-alarms"],
  };

const n = (count: number, value = 1) => Array.from({ length: count }, () => value);
const minutes = (count: number, value: number | undefined) => Array.from({ length: count }, () => value);

/** A name as it is in the program: with what Pulumi adds. */
function realName(short: string): string {
  const names = graph.resources.map(({ state }) => state.name).filter((name) => typeof name === "string");
  const found = names.find((name) => name === short || new RegExp(`^${short}-[0-9a-f]{7}$`).test(name));
  return found ?? short;
}

interface Sample {
  readonly metric: string;
  readonly minute: number;
  readonly values: readonly number[];
}

function samplesOf(happened: Happened): Sample[] {
  return Object.entries(happened).flatMap(([metric, series]) =>
    series.flatMap((value, index) =>
      value === undefined ? [] : [{ metric, minute: index - series.length + 1, values: [value] }],
    ),
  );
}

/** The state that an alarm has after what happened. */
async function stateAfter(alarm: string, samples: readonly Sample[]) {
  const now = Date.now();
  const store = new MetricStore(8 * 86_400);
  for (const { metric, minute: at, values } of samples) {
    const [namespace, name, ...dimensions] = metrics[metric] ?? [];
    if (namespace === undefined || name === undefined) throw new Error(`no metric ${metric}`);
    const pairs = dimensions.map((text) => {
      const [key = "", value = ""] = text.split("=");
      return [
        key,
        key === "Source" || key === "Stage" || key.endsWith("IndexName") ? value : realName(value),
      ];
    });
    for (const value of values) {
      store.record(namespace, name, Object.fromEntries(pairs), value, now + at * minute - 30_000);
    }
  }
  const alarms = new Alarms(cloud, store);
  await alarms.evaluateNow(now);
  const found = alarms.states().filter(({ name }) => new RegExp(`^${alarm}-[0-9a-f]{7}$`).test(name));
  expect(found).toHaveLength(1);
  return found[0]?.state;
}

/** A minute of requests, of which some are answered with an error. */
function requests(
  metric: "serverErrors" | "clientErrors",
  at: number,
  refused: number,
  all: number,
): Sample[] {
  return [
    { metric, minute: at, values: [...n(refused, 1), ...n(all - refused, 0)] },
    { metric: "requests", minute: at, values: n(all) },
  ];
}

type Story = Happened | readonly Sample[];

interface Stories {
  readonly alarm: string;
  readonly fires: Readonly<Record<string, Story>>;
  readonly isCalm: Readonly<Record<string, Story>>;
}

const stories: Readonly<Record<AlarmKind, readonly Stories[]>> = {
  "dead-letters": [
    {
      alarm: "webhooks-dead-letters",
      fires: { "one webhook is given up": { dead: [0, 1] } },
      isCalm: { "all are tried again": { dead: [0, 0], failed: [50] } },
    },
  ],
  stalled: [
    {
      alarm: "webhooks-stalled",
      fires: { "webhooks wait and none leaves": { age: minutes(15, 2_000), deleted: minutes(15, 0) } },
      isCalm: {
        "a few that fail get old, and others leave": {
          age: minutes(15, 2_000),
          deleted: [...minutes(14, 0), 1],
        },
        "nothing comes in at night": { age: minutes(15, 0), deleted: minutes(15, 0) },
        "the queue is dormant": {},
      },
    },
  ],
  "api-server-error-rate": [
    {
      alarm: "webhooks-api-server-error-rate",
      fires: {
        "6 of 100 for three minutes": [-2, -1, 0].flatMap((at) => requests("serverErrors", at, 6, 100)),
      },
      isCalm: {
        "all of them in two minutes": [-1, 0].flatMap((at) => requests("serverErrors", at, 100, 100)),
        "4 of 100 for three minutes": [-2, -1, 0].flatMap((at) => requests("serverErrors", at, 4, 100)),
      },
    },
  ],
  "silent-source": [
    {
      alarm: "webhooks-silent-source-shop",
      fires: {
        "the last came 16 minutes ago": { arrived: [1, ...minutes(15, undefined)] },
        "none ever came": {},
        "others send": { otherArrived: [1] },
        "the shop's are all rejected": { rejected: minutes(15, 5), deleted: minutes(15, 5) },
      },
      isCalm: { "the last came 14 minutes ago": { arrived: [1, ...minutes(13, undefined)] } },
    },
  ],
  canary: [
    {
      alarm: "webhooks-canary",
      fires: {
        "none was processed for a quarter of an hour": { canaryProcessed: [1, ...minutes(15, undefined)] },
        "they arrive, and fail": { canaryArrived: minutes(15, 1) },
      },
      isCalm: { "two in a row are lost": { canaryProcessed: [1, ...minutes(11, undefined)] } },
    },
  ],
  "webhooks-at-risk": [
    {
      alarm: "webhooks-webhooks-at-risk",
      fires: {
        "a webhook is given up": { dead: [1] },
        "the queue is stalled": { age: minutes(15, 2_000), deleted: minutes(15, 0) },
      },
      isCalm: { "a webhook waits for long": { age: [2_000], deleted: [1] } },
    },
  ],
  "oldest-message": [
    {
      alarm: "webhooks-oldest-message",
      fires: { "a webhook waits for too long": { age: [900] } },
      isCalm: { "one waits for a bit less": { age: [899] } },
    },
  ],
  "function-errors": [
    {
      alarm: "webhooks-function-errors",
      fires: { "the function crashes once": { errors: [1, 0, 0] } },
      isCalm: { "all it has are webhooks that fail": { errors: [0, 0, 0], failed: [9] } },
    },
  ],
  "function-throttles": [
    {
      alarm: "webhooks-function-throttles",
      fires: { "Lambda refuses once": { throttles: [1, 0] } },
      isCalm: { "it ran into nothing": { throttles: [0, 0], running: [20] } },
    },
  ],
  "function-duration": [
    {
      alarm: "webhooks-function-duration",
      fires: { "batches take 25 of 30 seconds": { milliseconds: minutes(10, 25_000) } },
      isCalm: {
        "they did so in one of three periods": { milliseconds: [...minutes(5, 25_000), ...minutes(5, 100)] },
        "they take 23": { milliseconds: minutes(10, 23_000) },
      },
    },
  ],
  "function-concurrency": [
    {
      alarm: "webhooks-function-concurrency",
      fires: { "the limit is reached for ten minutes": { running: minutes(10, 20) } },
      isCalm: {
        "it is reached for nine": { running: [1, ...minutes(9, 20)] },
        "one fewer runs": { running: minutes(10, 19) },
      },
    },
  ],
  "in-flight": [
    {
      alarm: "webhooks-in-flight",
      fires: { "96,000 are handed out": { inFlight: [96_000] } },
      isCalm: { "one fewer": { inFlight: [95_999] } },
    },
  ],
  "history-throttled": [
    {
      alarm: "webhooks-history-throttled",
      fires: {
        "writes are refused again and again": { refusedWrites: [1, ...minutes(5, undefined), 1] },
        "reads are": { refusedReads: [1, ...minutes(5, undefined), 1] },
      },
      isCalm: { "a write was refused once": { refusedWrites: [5] } },
    },
    {
      alarm: "webhooks-history-throttled-by-attention",
      fires: { "its writes are refused": { refusedIndexWrites: [1, ...minutes(5, undefined), 1] } },
      isCalm: { "those of the table alone are": { refusedWrites: [1, ...minutes(5, undefined), 1] } },
    },
  ],
  "api-server-errors": [
    {
      alarm: "webhooks-api-server-errors",
      fires: { "one of a thousand": requests("serverErrors", 0, 1, 1_000) },
      isCalm: { "senders make mistakes": requests("clientErrors", 0, 200, 1_000) },
    },
  ],
  "api-client-errors": [
    {
      alarm: "webhooks-api-client-errors",
      fires: { "100 of 1,000": requests("clientErrors", 0, 100, 1_000) },
      isCalm: {
        "99 of 99": requests("clientErrors", 0, 99, 99),
        "100 of 3,000": requests("clientErrors", 0, 100, 3_000),
      },
    },
  ],
  "failed-attempts": [
    {
      alarm: "webhooks-failed-attempts",
      fires: { "10 of 1,000 deliveries": { failed: [10], received: [1_000] } },
      isCalm: {
        "9 of 9": { failed: [9], received: [9] },
        "10 of 2,000": { failed: [10], received: [2_000] },
      },
    },
  ],
  "target-left-alone": [
    {
      alarm: "webhooks-shop_to_billing-target-left-alone",
      fires: { "a target was left alone 19 minutes ago": { leftAlone: [1, ...minutes(19, undefined)] } },
      isCalm: { "its last probe failed 21 minutes ago": { leftAlone: [1, ...minutes(21, undefined)] } },
    },
  ],
  "rejected-webhooks": [
    {
      alarm: "webhooks-rejected-webhooks",
      fires: { "10 of 1,000": { rejected: [10], deleted: [1_000] } },
      isCalm: {
        "9 of 9": { rejected: [9], deleted: [9] },
        "10 of 2,000": { rejected: [10], deleted: [2_000] },
      },
    },
  ],
  "invalid-webhooks": [
    {
      alarm: "webhooks-invalid-webhooks",
      fires: { "the first one": { invalid: [1] } },
      isCalm: { "it was six minutes ago": { invalid: [1, ...minutes(6, undefined)] } },
    },
  ],
  "unreadable-messages": [
    {
      alarm: "webhooks-unreadable-messages",
      fires: { "the first one": { unreadable: [1] } },
      isCalm: { "an invalid webhook can be read": { invalid: [1] } },
    },
  ],
  "untried-webhooks": [
    {
      alarm: "webhooks-untried-webhooks",
      fires: { "ten in each of two periods": { untried: [10, ...minutes(5, undefined), 10] } },
      isCalm: {
        "a hundred at once": { untried: [100] },
        "nine in each": { untried: [9, ...minutes(5, undefined), 9] },
      },
    },
  ],
  "alarms-undelivered": [
    {
      alarm: "webhooks-alarms-undelivered",
      fires: { "an endpoint refuses one": { undelivered: [1] } },
      isCalm: { "all take them": { undelivered: [0] } },
    },
  ],
};

const cases = (which: "fires" | "isCalm") =>
  Object.values(stories)
    .flat()
    .flatMap((story) =>
      Object.entries(story[which]).map(([what, happened]) => ({ alarm: story.alarm, what, happened })),
    );

function samples(story: Story): readonly Sample[] {
  return Array.isArray(story) ? (story as readonly Sample[]) : samplesOf(story as Happened);
}

describe("the alarm of the real program", () => {
  it.each(cases("fires"))("$alarm goes off: $what", async ({ alarm, happened }) => {
    expect(await stateAfter(alarm, samples(happened))).toBe("ALARM");
  });

  it.each(cases("isCalm"))("$alarm stays calm: $what", async ({ alarm, happened }) => {
    expect(await stateAfter(alarm, samples(happened))).toBe("OK");
  });

  it("has a story for each kind in which it goes off, and one in which it does not", () => {
    expect(Object.keys(stories).sort()).toEqual(Object.keys(alarmKinds).sort());
    for (const { fires, isCalm } of Object.values(stories).flat()) {
      expect(Object.keys(fires).length).toBeGreaterThan(0);
      expect(Object.keys(isCalm).length).toBeGreaterThan(0);
    }
  });
});
