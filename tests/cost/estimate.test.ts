import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { type CostLine, estimate } from "../../cost/estimate.js";
import { type Operations, type StageShape, stageShape } from "../../cost/stage-shape.js";
import { root } from "../support/imports.js";
import { stageGraph } from "../support/stage-graphs.js";

const kilobyte = 1_024;
const gigabyte = 1_024 ** 3;

/** One source on one queue, with what each stage has and nothing more. */
const small: StageShape = {
  api: "rest",
  lanes: [
    {
      name: "webhooks",
      type: "standard",
      memoryMegabytes: 512,
      isArm: true,
      batchSize: 10,
      batchWindowSeconds: 0,
      sources: ["github"],
      subscribers: [],
      countedBySource: ["github"],
      expected: [],
    },
  ],
  table: { keepsDays: 365 / 12, isRestorable: false },
  hasOverflowBucket: true,
  logRetentionDays: 365 / 12,
  hasAccessLog: false,
  isTraced: false,
  hasFirewall: false,
  secrets: 1,
  keys: 1,
  alarmMetrics: 10,
  compositeAlarms: 0,
  dashboards: 0,
  interfaceEndpoints: 0,
  natGateways: 0,
  sources: ["github"],
  subscribers: [],
};

function dollarsOf(lines: readonly CostLine[]): Record<string, number> {
  return Object.fromEntries(lines.map(({ what, dollars }) => [what, Number(dollars.toFixed(4))]));
}

describe("what a stage costs in a month, worked out by hand,", () => {
  it("is its key, secrets, alarms and polling while nothing comes", () => {
    const { lines, dollarsPerMonth, dollarsWhileIdle } = estimate(small, {
      webhooksPerMonth: 0,
      bodyBytes: 4 * kilobyte,
      handlerMilliseconds: 50,
    });
    // 730 h × 3,600 s ÷ 20 s × 5 = 657,000 polls at 0.40 a million.
    expect(dollarsOf(lines)).toEqual({
      "KMS keys": 1,
      secrets: 0.4,
      alarms: 1,
      "polling of webhooks while it is empty": 0.2628,
    });
    expect(dollarsPerMonth).toBeCloseTo(2.6628, 6);
    expect(dollarsWhileIdle).toBe(dollarsPerMonth);
  });

  it("grows with a million webhooks of 4 KB", () => {
    const { lines } = estimate(small, {
      webhooksPerMonth: 1_000_000,
      bodyBytes: 4 * kilobyte,
      handlerMilliseconds: 92,
    });
    expect(dollarsOf(lines)).toEqual({
      "KMS keys": 1,
      secrets: 0.4,
      alarms: 1,
      "polling of webhooks while it is empty": 0.2628,
      "front door": 3.5,
      // Sent, received and deleted, each alone.
      "queue webhooks": 1.2,
      invocations: 0.2,
      // 1,000,000 × 0.1 s × 0.5 GB = 50,000 GB-seconds at 0.0000133334.
      "function of webhooks": 0.6667,
      // 512 + 0.2 × 4,096 = 1,332 bytes, so an end of 2 units; with claim and index 4 units at 0.625 a million.
      "history, writes": 2.5,
      // 1,532 bytes with the index's entry: 1.4268 GB at 0.25.
      "history, storage": 0.3567,
      // 1,536 + 512 bytes: 1.9073 GB at 0.50.
      logs: 0.9537,
      // 0.15 of them: 0.2861 GB at 0.03.
      "logs, storage": 0.0086,
      // Seven names, in sum and for the source: 14 at 0.30.
      "custom metrics": 4.2,
    });
  });

  it("grows with 200 large webhooks a second, a firewall, a trace and a subscriber", () => {
    const large: StageShape = {
      ...small,
      api: "http",
      lanes: [
        { ...small.lanes[0], batchWindowSeconds: 1 } as StageShape["lanes"][number],
        {
          ...(small.lanes[0] as StageShape["lanes"][number]),
          name: "webhooks_subscribers",
          type: "fifo",
          sources: [],
          subscribers: ["github.lake"],
          countedBySource: ["github.lake"],
          expected: [],
        },
      ],
      subscribers: ["github.lake"],
      isTraced: true,
      hasFirewall: true,
    };
    const webhooksPerMonth = 200 * 730 * 3_600;
    const { lines } = estimate(large, {
      webhooksPerMonth,
      bodyBytes: 600 * kilobyte,
      handlerMilliseconds: 20,
    });
    const dollars = dollarsOf(lines);
    expect(webhooksPerMonth).toBe(525_600_000);
    // 601 KB are two requests of 512 KB.
    expect(dollars["front door"]).toBeCloseTo(525.6 * 2 * 1, 3);
    expect(dollars.firewall).toBeCloseTo(525.6 * 0.6, 3);
    // 601 KB are ten chunks of 64 KB, sent and received; ten are deleted together.
    expect(dollars["queue webhooks"]).toBeCloseTo(525.6 * (10 + 10 + 0.1) * 0.4, 3);
    // The subscriber's function has no window, so each is deleted alone.
    expect(dollars["queue webhooks_subscribers"]).toBeCloseTo(525.6 * (10 + 10 + 1) * 0.5, 3);
    expect(dollars.invocations).toBeCloseTo((52.56 + 525.6) * 0.2, 3);
    // Batches of ten take 10 × 8 + 20 ms, single webhooks 8 + 20 ms, with half a GB.
    expect(dollars["function of webhooks"]).toBeCloseTo(52_560_000 * 0.1 * 0.5 * 0.0000133334, 3);
    expect(dollars["function of webhooks_subscribers"]).toBeCloseTo(
      525_600_000 * 0.028 * 0.5 * 0.0000133334,
      3,
    );
    // 512 + 0.2 × 614,400 = 123,392 bytes: 121 units for the end, 2 for claim and index, 3 for the subscriber.
    expect(dollars["history, writes"]).toBeCloseTo(525.6 * (121 + 2 + 3) * 0.625, 3);
    expect(dollars["history, storage"]).toBeCloseTo(
      ((525_600_000 * (123_392 + 200 + 512 + 200)) / gigabyte) * 0.25,
      3,
    );
    expect(dollars.traces).toBeCloseTo(525.6 * 0.05 * 5, 3);
    expect(dollars["large bodies, writes"]).toBeUndefined();
  });

  it("has the metrics of the sources that are counted by themselves, and of arrivals that are expected", () => {
    const sources = ["github", "stripe", "canary"];
    const traffic = { webhooksPerMonth: 1_000_000, bodyBytes: 4 * kilobyte, handlerMilliseconds: 50 };
    const metricsOf = (countedBySource: readonly string[], expected: readonly string[]) => {
      const [lane] = small.lanes;
      const lanes = lane === undefined ? [] : [{ ...lane, sources, countedBySource, expected }];
      return dollarsOf(estimate({ ...small, sources, lanes }, traffic).lines)["custom metrics"];
    };
    // 7 of the function, 7 of each source, and one of each that is expected, at 0.30.
    expect(metricsOf(sources, [])).toBe(8.4);
    expect(metricsOf(sources, ["canary"])).toBe(8.7);
    expect(metricsOf(["canary"], ["canary"])).toBe(4.5);
    expect(metricsOf([], [])).toBe(2.1);
  });

  it("puts what does not fit into the table into the bucket", () => {
    const traffic = { webhooksPerMonth: 1_000, bodyBytes: 2 * 1_024 * kilobyte, handlerMilliseconds: 50 };
    const dollars = dollarsOf(estimate(small, traffic).lines);
    expect(dollars["large bodies, writes"]).toBe(0.005);
    // 512 + 0.2 × 2,097,152 bytes each.
    expect(dollars["large bodies, storage"]).toBeCloseTo(((1_000 * 419_943) / gigabyte) * 0.023, 4);
    expect(dollars["history, writes"]).toBeCloseTo((1_000 * 3 * 0.625) / 1_000_000, 4);
  });
});

describe("docs/deploying/cost.md", () => {
  it.each([
    ["none", 0],
    ["1,000,000", 1_000_000],
    ["100,000,000", 100_000_000],
  ])("says what prod costs with %s webhooks a month", async (written, webhooksPerMonth) => {
    const { resources, outputs } = await stageGraph("prod");
    const shape = stageShape(resources, outputs.operations as Operations);
    const { dollarsPerMonth } = estimate(shape, {
      webhooksPerMonth,
      bodyBytes: 4 * kilobyte,
      handlerMilliseconds: 50,
    });
    const page = readFileSync(join(root, "docs/deploying/cost.md"), "utf8");
    expect(page).toContain(`| ${written} | ${Math.round(dollarsPerMonth).toLocaleString("en-US")} |`);
  });
});

describe("a stage's own resources", () => {
  it("tell what is paid for", async () => {
    const { resources, outputs } = await stageGraph(
      "rest-everything",
      "tests/fixtures/Pulumi.rest-everything.yaml",
    );
    const shape = stageShape(resources, outputs.operations as Operations);
    expect(shape).toMatchObject({ api: "rest", hasFirewall: true });
    expect(shape.secrets).toBe(resources.filter(({ type }) => type.endsWith(":Secret")).length);
    expect(shape.alarmMetrics).toBeGreaterThanOrEqual(
      resources.filter(({ type }) => type.endsWith(":MetricAlarm")).length,
    );
    expect(shape.lanes.every(({ isArm, memoryMegabytes }) => isArm && memoryMegabytes >= 128)).toBe(true);
    expect(shape.sources).toEqual(Object.keys(outputs.endpoints as object));
  });

  it("tell which sources send metrics of their own", async () => {
    const lanesOf = async (stack: string, stageFile?: string) => {
      const { resources, outputs } = await stageGraph(stack, stageFile);
      return stageShape(resources, outputs.operations as Operations).lanes;
    };
    for (const { sources, countedBySource, expected } of await lanesOf("prod")) {
      expect([countedBySource, expected]).toEqual([sources, []]);
    }
    // With metricsBySource: false only those of which webhooks are expected.
    const counted = await lanesOf("alarms", "tests/fixtures/Pulumi.alarms.yaml");
    expect(counted.map(({ countedBySource, expected }) => [countedBySource, expected])).toEqual([
      [
        ["shop", "canary"],
        ["shop", "canary"],
      ],
      [[], []],
    ]);
  });

  it("count an interface endpoint for each zone", async () => {
    const { resources, outputs } = await stageGraph("vpc", "tests/fixtures/Pulumi.vpc.yaml");
    const shape = stageShape(resources, outputs.operations as Operations);
    // Of SQS and Secrets Manager, in two zones; those of S3 and DynamoDB are gateways, which cost nothing.
    expect(shape.interfaceEndpoints).toBe(4);
    expect(
      estimate(shape, { webhooksPerMonth: 0, bodyBytes: 0, handlerMilliseconds: 0 }).dollarsPerMonth,
    ).toBeGreaterThan(4 * 730 * 0.01);
  });

  it("count zones and NAT gateways as the engine tells them before the network is made", () => {
    const unknown = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";
    const subnet = (name: string, availabilityZone: string) => ({
      type: "aws:ec2/subnet:Subnet",
      name,
      inputs: { availabilityZone },
    });
    const shape = stageShape(
      [
        { type: "awsx:ec2:Vpc", name: "webhooks", inputs: {} },
        { type: "aws:ec2/natGateway:NatGateway", name: "webhooks-1", inputs: {} },
        subnet("webhooks-private-1", "eu-west-1a"),
        subnet("webhooks-private-2", "eu-west-1b"),
        subnet("webhooks-public-1", "eu-west-1a"),
        {
          type: "aws:ec2/vpcEndpoint:VpcEndpoint",
          name: "webhooks-sqs",
          inputs: { vpcEndpointType: "Interface", subnetIds: unknown },
        },
      ],
      { lanes: {}, historyTtlDays: 90 },
    );
    expect(shape).toMatchObject({ interfaceEndpoints: 2, natGateways: 1 });
  });
});
