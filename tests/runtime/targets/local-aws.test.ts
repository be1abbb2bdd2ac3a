import * as pulumi from "@pulumi/pulumi";
import { AccessKeys, type AwsEndpoint, type Cloud, startAwsEndpoint, startCloud } from "local-aws";
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import { WebhookProcessor } from "../../../components/webhook-processor.js";
import type { AwsTargetDefinition, TargetKind } from "../../../runtime/stage/targets.js";
import { handOver, targets, useAws } from "../../support/aws-target.js";
import { processorArgs } from "../../support/default-args.js";
import { place, type Registered, registered } from "../../support/registered.js";

const kinds = Object.keys(targets) as TargetKind[];

/** A function of the program that has these targets, and its name. */
function lane(name: string, of: readonly AwsTargetDefinition[]): string {
  new WebhookProcessor(name, {
    ...processorArgs,
    code: new pulumi.asset.AssetArchive({ "index.mjs": new pulumi.asset.StringAsset("export {}") }),
    queue: { arn: "arn:aws:sqs:eu-west-1:000000000000:events-queue", url: "https://sqs/events-queue" },
    history: { arn: "arn:aws:dynamodb:eu-west-1:000000000000:table/events", name: "events" },
    secrets: {},
    targets: of,
  });
  return name;
}

const others = (kind: TargetKind) => kinds.filter((other) => other !== kind).map((other) => targets[other]);

let program: Registered;
let cloud: Cloud;
let endpoint: AwsEndpoint;
const keys = new AccessKeys();
beforeAll(async () => {
  program = await registered(() => {
    for (const kind of kinds) {
      lane(`only-${kind}`, [targets[kind]]);
      lane(`all-but-${kind}`, others(kind));
    }
    return {};
  });
  endpoint = await startAwsEndpoint(keys);
  cloud = await startCloud({ project: "test", stack: "test", ...place, ...program });
  endpoint.open(cloud);
});
afterEach(() => vi.unstubAllEnvs());
afterAll(async () => {
  await endpoint.close();
  await cloud.close();
});

/** Makes the SDK's clients sign with the role of a lane. */
function signAs(lane: string): string {
  const arn = String(program.one("aws:iam/role:Role", `${lane}-processor-role`).state.arn);
  useAws(endpoint.origin, keys.issue({ kind: "role", arn }));
  return arn;
}

/** What a target's service has taken, as the text that it was sent. */
const taken: Readonly<Record<TargetKind, () => unknown>> = {
  queue: () => JSON.parse(cloud.sqs.queueByArn(targets.queue.arn)?.peek()[0]?.body ?? ""),
  eventBus: () => cloud.eventBridge.received.of(targets.eventBus.arn)[0]?.detail,
  topic: () => JSON.parse(cloud.sns.inbox[0]?.message ?? ""),
  function: () => cloud.lambda.invocations.of(targets.function.arn)[0]?.payload,
  stateMachine: () => cloud.stepFunctions.executions.of(targets.stateMachine.arn)[0]?.input,
  stream: () => JSON.parse(cloud.kinesis.received.of(targets.stream.arn)[0]?.data.toString() ?? ""),
  firehose: () => JSON.parse(cloud.firehose.received.of(targets.firehose.arn)[0]?.toString() ?? ""),
};

const actions: Readonly<Record<TargetKind, string>> = {
  queue: "sqs:SendMessage",
  eventBus: "events:PutEvents",
  topic: "sns:Publish",
  function: "lambda:InvokeFunction",
  stateMachine: "states:StartExecution",
  stream: "kinesis:PutRecord",
  firehose: "firehose:PutRecord",
};

describe("a webhook for a target, handed over with the lane's own role", () => {
  it.each(kinds)("arrives with the permission of this target alone: %s", async (kind) => {
    signAs(`only-${kind}`);
    expect(await handOver(targets[kind])).toEqual({ outcome: "processed" });
    const id = targets[kind].format === "raw" ? "shop/o-1" : "o-1";
    expect(taken[kind]()).toMatchObject({ id, type: "order.paid" });
  });

  it.each(kinds)("fails without it, and the reason names role, action and resource: %s", async (kind) => {
    const arn = signAs(`all-but-${kind}`);
    const { outcome, reason } = await handOver(targets[kind]);
    expect(outcome).toBe("failed");
    expect(reason).toContain(
      `User: ${arn} is not authorized to perform: ${actions[kind]} on resource: ${targets[kind].arn}`,
    );
  });

  it("starts one execution, however often it is tried", async () => {
    signAs("only-stateMachine");
    for (let attempt = 1; attempt <= 3; attempt += 1) {
      expect(await handOver(targets.stateMachine, { eventId: "thrice" })).toEqual({ outcome: "processed" });
    }
    const started = cloud.stepFunctions.executions.of(targets.stateMachine.arn);
    expect(started.filter(({ input }) => (input as { eventId: string }).eventId === "thrice")).toHaveLength(
      1,
    );
  });
});
