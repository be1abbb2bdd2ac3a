import * as pulumi from "@pulumi/pulumi";
import { describe, expect, it } from "vitest";
import type { AlarmDefinition } from "../../components/alarms/definitions.js";
import { dashboardUrl } from "../../components/dashboard/console-url.js";
import { WebhookDashboard, type WebhookDashboardArgs } from "../../components/webhook-dashboard.js";
import { registered } from "../support/registered.js";

const dashboardType = "aws:cloudwatch/dashboard:Dashboard";

const definition: AlarmDefinition = {
  kind: "dead-letters",
  watched: {
    namespace: "AWS/SQS",
    metricName: "ApproximateNumberOfMessagesVisible",
    dimensions: { QueueName: "dead" },
    statistic: "Maximum",
  },
  threshold: 7,
};

const lane = {
  name: "events",
  queue: { name: "main" },
  deadLetterQueue: { name: "dead" },
  processor: { name: "worker" },
  log: { name: "worker-log" },
  isForSubscribers: false,
};

function dashboard(args: Partial<WebhookDashboardArgs> = {}): WebhookDashboard {
  return new WebhookDashboard("events", {
    lanes: [lane],
    apis: [{ name: "door", stageName: "v1" }],
    history: { table: "history", indexes: ["by_source"] },
    memoryMegabytes: 512,
    alarms: [{ owner: "events", definition, alarm: { arn: "arn:aws:cloudwatch:::alarm:dead" } }],
    composites: [],
    countsSources: true,
    ...args,
  });
}

describe("WebhookDashboard", () => {
  it("has a name of its own in the account, made of project, stack, name and Region", async () => {
    const { one } = await registered(() => dashboard());

    expect(one(dashboardType).inputs.dashboardName).toBe("webhook-pipeline-test-events-eu-west-1");
  });

  it("says where the console shows it", async () => {
    const { outputs } = await registered(() => ({ place: dashboard().place }));

    expect(outputs.place).toEqual({
      name: "webhook-pipeline-test-events-eu-west-1",
      url: "https://eu-west-1.console.aws.amazon.com/cloudwatch/home?region=eu-west-1#dashboards/dashboard/webhook-pipeline-test-events-eu-west-1",
    });
  });

  it("shows the names that AWS gives, which are known only later", async () => {
    const later = new Promise<string>((resolve) => setImmediate(resolve, "main-0123456"));
    const { one } = await registered(() =>
      dashboard({ lanes: [{ ...lane, queue: { name: pulumi.output(later) } }] }),
    );

    expect(one(dashboardType).inputs.dashboardBody).toContain('"QueueName","main-0123456"');
  });

  it("draws the thresholds that the alarms were made with", async () => {
    const { one } = await registered(() => dashboard());

    const { widgets } = JSON.parse(one(dashboardType).inputs.dashboardBody as string);
    expect(JSON.stringify(widgets)).toContain('"label":"page: dead-letters","value":7');
  });
});

describe("the address of a dashboard", () => {
  it.each([
    [
      "aws",
      "eu-west-1",
      "https://eu-west-1.console.aws.amazon.com/cloudwatch/home?region=eu-west-1#dashboards/dashboard/d",
    ],
    [
      "aws-us-gov",
      "us-gov-west-1",
      "https://console.amazonaws-us-gov.com/cloudwatch/home?region=us-gov-west-1#dashboards/dashboard/d",
    ],
    [
      "aws-cn",
      "cn-north-1",
      "https://console.amazonaws.cn/cloudwatch/home?region=cn-north-1#dashboards/dashboard/d",
    ],
    ["aws-iso", "us-iso-east-1", undefined],
  ])("in partition %s", (partition, region, url) => {
    expect(dashboardUrl("d", { partition, region })).toBe(url);
  });
});
