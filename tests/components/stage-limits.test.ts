import * as pulumi from "@pulumi/pulumi";
import { recordProgram } from "local-aws";
import { beforeAll, describe, expect, it } from "vitest";
import { type AlarmKind, alarmKinds, descriptionOf } from "../../components/alarms/kinds.js";
import { tooLarge } from "../../components/stage-limits.js";
import { WebhookPipeline } from "../../components/webhook-pipeline.js";
import { WebhookProcessor, type WebhookProcessorArgs } from "../../components/webhook-processor.js";
import type { SubscriberDefinition } from "../../runtime/stage/definition.js";
import { parseSettings, type SettingsInput } from "../../settings/settings.js";
import {
  lookup,
  type Policy,
  place,
  policyIn,
  type Registered,
  refused,
  registered,
} from "../support/registered.js";

type Source = SettingsInput["sources"][number];

/** Names as long as they may be. */
function sources(count: number, settings: Partial<Source> = {}): Source[] {
  return Array.from({ length: count }, (_, index) => ({
    name: `${"a-very-long-name-of-a-source-".repeat(3).slice(0, 60)}-${String(index).padStart(3, "0")}`,
    signature: { scheme: "github" },
    ...settings,
  }));
}

const addresses = (count: number) => Array.from({ length: count }, (_, index) => `192.0.2.${index}/32`);

/** Characters of the names that AWS knows resources by, without those of `.fifo`. */
const mostCharacters: Record<string, number> = {
  "aws:iam/role:Role": 64,
  "aws:lambda/function:Function": 64,
  "aws:sqs/queue:Queue": 80,
  "aws:s3/bucket:Bucket": 63,
};

describe.each([
  ["150 sources that share a queue", sources(150)],
  ["12 sources with a queue each", sources(12, { queue: "dedicated" })],
])("a stage of %s, with long names", (_, all) => {
  let stage: Registered;
  beforeAll(async () => {
    stage = await registered(
      () =>
        new WebhookPipeline("webhooks", {
          sources: all,
          queue: { type: "fifo" },
          history: { overflow: true },
        }),
    );
  });

  it("has names that AWS takes", () => {
    const tooLong = stage.resources.filter(
      ({ type, state }) => String(state.name ?? "").length > (mostCharacters[type] ?? 255),
    );
    expect(tooLong.map(({ name }) => name)).toEqual([]);
  });

  it("has environments and policies that AWS takes", () => {
    const environments = stage
      .all("aws:lambda/function:Function")
      .map(({ inputs }) => JSON.stringify((inputs.environment as { variables: object }).variables).length);
    const policies = stage
      .all("aws:iam/rolePolicy:RolePolicy")
      .map(({ inputs }) => String(inputs.policy).length);

    expect(Math.max(...environments)).toBeLessThan(4_096);
    expect(Math.max(...policies)).toBeLessThan(10_240);
  });

  it("lets each function read its own sources' secrets, and the stage's at most", () => {
    const secrets = stage.all("aws:secretsmanager/secret:Secret").map(({ state }) => String(state.arn));
    const readable = stage
      .all("aws:iam/rolePolicy:RolePolicy")
      .flatMap((resource) => (policyIn(resource) as Policy).Statement)
      .filter(({ Action }) => Action === "secretsmanager:GetSecretValue")
      .map(({ Resource }) => [Resource].flat());

    for (const resources of readable) {
      for (const resource of resources) expect(resource).toMatch(/:secret:webhooks-a-very-long-name/);
    }
    const named = (resources: string[]) =>
      secrets.filter((secret) =>
        resources.some((resource) => secret.startsWith(resource.replace(/\*$/, ""))),
      );
    expect(readable.map((resources) => named(resources).length).sort()).toEqual(
      all[0]?.queue === "dedicated" ? all.map(() => 1) : [secrets.length],
    );
  });
});

const inGovCloud = { ...place, region: "us-gov-west-1" };
const govArn = (service: string, resource: string) =>
  `arn:aws-us-gov:${service}:us-gov-west-1:123456789012:${resource}`;
const longName = (index: number) =>
  `${"a-very-long-name-".repeat(5).slice(0, 72)}-${String(index).padStart(3, "0")}`;

/** Subscribers with targets in GovCloud, where ARNs are the longest, that a customer's key encrypts. */
function subscribers(first: number, count: number): NonNullable<Source["subscribers"]> {
  return Array.from({ length: count }, (_, index) => ({
    name: `subscriber-${first + index}`,
    target: {
      queue: {
        arn: govArn("sqs", longName(first + index)),
        keyArn: govArn("kms", `key/${String(first + index).padStart(8, "0")}-0000-0000-0000-000000000000`),
      },
    },
    queue: "shared",
  }));
}

/** Characters of all inline policies of a function's role that has everything which adds to them, in GovCloud. */
async function charactersOfPolicies({
  secrets,
  queues,
  targets,
}: {
  readonly secrets: number;
  readonly queues: number;
  readonly targets: SubscriberDefinition["target"][];
}): Promise<number> {
  const args = (count: number, arn: (index: number) => string) =>
    Object.fromEntries(
      Array.from({ length: count }, (_, index) => [
        String(index),
        { arn: pulumi.output(arn(index)), name: pulumi.output(longName(index)) },
      ]),
    );
  const { resources } = await recordProgram({ project: "p", stack: "s", place: inGovCloud }, async () => {
    new WebhookProcessor("webhooks-with-a-name-as-long-as-lanes-have", {
      code: new pulumi.asset.AssetArchive({}),
      queue: { arn: govArn("sqs", longName(0)), url: "https://queue", name: longName(0) },
      history: { arn: govArn("dynamodb", `table/${longName(0)}`), name: longName(0) },
      overflowBucket: { arn: `arn:aws-us-gov:s3:::${longName(0)}`, bucket: longName(0) },
      secrets: args(secrets, (index) => govArn("secretsmanager", `secret:${longName(index)}-AbCdEf`)),
      subscriberQueues: args(queues, (index) => govArn("sqs", longName(index))),
      targets,
      eventBus: govArn("events", `event-bus/${"b".repeat(256)}`),
      memoryMegabytes: 512,
      timeoutSeconds: 30,
      batchSize: 10,
      batchWindowSeconds: 0,
      maxConcurrency: 2,
      logLevel: "INFO",
      logRetentionDays: 30,
      tracing: true,
      vpc: { subnetIds: ["subnet-1"], securityGroupIds: ["sg-1"] },
      keyArn: govArn("kms", "key/00000000-0000-0000-0000-000000000000"),
      dataKeyArn: govArn("kms", "key/00000000-0000-0000-0000-000000000000"),
      sendsAgain: true,
      tags: {},
    } as unknown as WebhookProcessorArgs);
    return {};
  });
  return lookup(resources)
    .all("aws:iam/rolePolicy:RolePolicy")
    .reduce((sum, { inputs }) => sum + String(inputs.policy).length, 0);
}

/** Two sources, of which each has 25 subscribers at most. */
function sharing(count: number): SettingsInput["sources"] {
  const half = Math.floor(count / 2);
  return [
    { name: "stripe", signature: { scheme: "stripe" }, subscribers: subscribers(0, count - half) },
    { name: "shopify", signature: { scheme: "shopify" }, subscribers: subscribers(count - half, half) },
  ];
}

describe("the policies of a function's role, which AWS takes up to 10,240 characters of", () => {
  it.each([
    ["many secrets", { secrets: 200, queues: 0, targets: [] }],
    ["the queues of many subscribers", { secrets: 0, queues: 200, targets: [] }],
    ["both, each nearly too many", { secrets: 40, queues: 40, targets: [] }],
    ["both", { secrets: 200, queues: 200, targets: [] }],
  ])("fit with %s", async (_, names) => {
    expect(await charactersOfPolicies(names)).toBeLessThan(10_240);
  });

  it("fit with as many targets as a stage may have, and their secrets", async () => {
    const stageWith = (count: number) => parseSettings({ sources: sharing(count) });
    const most = Array.from({ length: 49 }, (_, index) => 50 - index).find(
      (count) => tooLarge("webhooks", stageWith(count), "dev").length === 0,
    );
    expect(most).toBeLessThan(50);
    const targets = stageWith(most ?? 0).sources.flatMap((source) =>
      source.subscribers.map(({ definition }) => definition.target),
    );
    expect(await charactersOfPolicies({ secrets: 200, queues: 0, targets })).toBeLessThan(10_240);
  });
});

/** A URL of so many characters. */
const wiki = (characters: number) => "https://wiki.example.com/".padEnd(characters, "long/");

describe("a stage that is too large", () => {
  it.each<[string, SettingsInput, RegExp]>([
    ["REST API", { sources: sources(500) }, /make 502 resources of the REST API, which has room for 300/],
    [
      "HTTP API",
      { sources: sources(500), api: { kind: "http" } },
      /have 500 paths, and an HTTP API has room for 300/,
    ],
    [
      "resource policy",
      { sources: sources(60).map((source, index) => ({ ...source, allowedCidrs: addresses(6 + index) })) },
      /make a resource policy of \d+ characters, and AWS takes 8192/,
    ],
    [
      "targets' ARNs",
      { sources: sharing(50) },
      /the AWS targets of 50 subscribers the role .* takes \d+ characters .*: give all subscribers queue: dedicated/,
    ],
    [
      "dashboard",
      { sources: sources(51, { queue: "dedicated" }) },
      /make 51 queues, and a dashboard has room for the metrics of 50: .* or set dashboard: false$/,
    ],
    [
      "runbook's URL",
      { sources: sources(1), alarms: { runbookUrl: wiki(1_024) } },
      /alarms\.runbookUrl: has 1024 characters, and the descriptions of alarms have room for \d{3}: name a shorter/,
    ],
  ])("is refused with the size of its %s, and registers nothing", async (_, settings, message) => {
    const { error, resources } = await refused(() => new WebhookPipeline("webhooks", settings));

    expect(error.message).toMatch(message);
    expect(resources).toEqual([]);
  });

  it("may have 40 sources with the same six blocks of addresses", async () => {
    const same = Array.from({ length: 40 }, (_, index) => ({
      name: `source-${index}`,
      signature: { scheme: "github" },
      allowedCidrs: addresses(6),
    }));
    const { one } = await registered(() => new WebhookPipeline("webhooks", { sources: same }));

    const policy = JSON.parse(String(one("aws:apigateway/restApi:RestApi").inputs.body))[
      "x-amazon-apigateway-policy"
    ];
    expect(policy.Statement).toHaveLength(2);
  });

  it("may have as many queues as a dashboard has room for, and more without one", () => {
    const problemsOf = (settings: SettingsInput) => tooLarge("webhooks", parseSettings(settings), "dev");
    const dedicated = (count: number) => sources(count, { queue: "dedicated" });

    expect(problemsOf({ sources: dedicated(50) })).toEqual([]);
    expect(problemsOf({ sources: dedicated(51), dashboard: false })).toEqual([]);
  });

  it("may have a runbook's URL that leaves each alarm's description as short as CloudWatch wants it", () => {
    const stack = "production-eu";
    const problemsOf = (characters: number) =>
      tooLarge(
        "webhooks",
        parseSettings({ sources: sources(1), alarms: { runbookUrl: wiki(characters) } }),
        stack,
      );
    const most = Number(/room for (\d+)/.exec(problemsOf(1_024)[0] ?? "")?.[1]);
    const lengths = (Object.keys(alarmKinds) as AlarmKind[]).map(
      (kind) => descriptionOf(kind, { stack, runbookUrl: wiki(most) }).length,
    );

    expect([problemsOf(most), problemsOf(most + 1).length]).toEqual([[], 1]);
    expect(Math.max(...lengths)).toBe(1_024);
  });

  it("is refused for a name that roles have no room for", async () => {
    const { error } = await refused(() => new WebhookPipeline("w".repeat(41), { sources: sources(1) }));

    expect(error.message).toMatch(/name has 41 characters/);
  });
});
