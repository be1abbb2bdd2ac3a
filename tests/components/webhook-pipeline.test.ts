import * as pulumi from "@pulumi/pulumi";
import { describe, expect, it } from "vitest";
import { WebhookPipeline } from "../../components/webhook-pipeline.js";
import type { SettingsInput } from "../../settings/settings.js";
import { refused, registered } from "../support/registered.js";

const github = { name: "github", signature: { scheme: "github" } };

describe("WebhookPipeline", () => {
  it("parents everything to itself, in a stage that hung it on the stack before", async () => {
    const { resources, one } = await registered(() => new WebhookPipeline("hooks", { sources: [github] }));

    const { urn } = one("webhooks:index:WebhookPipeline");
    const children = resources.filter(
      ({ parent, type }) => parent === urn && type !== "webhooks:index:PublicAddress",
    );
    expect(children.map(({ type }) => type).sort()).toEqual(
      [
        "DlqAlarms",
        "EncryptionKey",
        "SqsIngestApi",
        "WebhookDashboard",
        "WebhookHistory",
        "WebhookProcessor",
        "WebhookQueue",
        "WebhookSecrets",
      ].map((type) => `webhooks:index:${type}`),
    );
    expect(children.map(({ aliases }) => aliases)).toEqual(
      children.map(({ type, name }) => [`urn:pulumi:test::webhook-pipeline::${type}::${name}`]),
    );
    expect(resources.filter(({ parent }) => parent === undefined).map((resource) => resource.urn)).toEqual([
      urn,
    ]);
  });

  it("keeps secret, in all that is made of it, a group of settings with a secret in it, and nothing else", async () => {
    const key = "0123456789abcdef";
    const settings: SettingsInput = {
      sources: [
        {
          name: "meta",
          signature: { scheme: "meta" },
          handshake: { kind: "meta", verifyToken: "a-token-of-ours" },
        },
      ],
      alarms: { https: [`https://pager.example/${key}`], runbookUrl: `https://wiki.example/${key}` },
      tags: { team: `payments-${key}` },
      events: { bus: `ops-${key}` },
    };
    const { resources } = await registered(
      () =>
        new WebhookPipeline("hooks", { ...settings, secretGroups: ["sources", "alarms", "tags", "events"] }),
    );

    const holds = (value: unknown) => /0123456789abcdef|a-token-of-ours/.test(JSON.stringify(value) ?? "");
    const plain = resources.flatMap(({ type, name, urn, aliases, inputs, secretInputs = [] }) => [
      ...(holds([urn, aliases]) ? [name] : []),
      ...Object.keys(inputs)
        .filter((input) => holds(inputs[input]) && !secretInputs.includes(input))
        .map((input) => `${type} ${input}`),
    ]);
    expect(plain).toEqual([]);
    expect(resources.flatMap(({ secretInputs = [] }) => secretInputs)).not.toContain("kmsKeyId");

    const open = await registered(() => new WebhookPipeline("hooks", settings));
    expect(
      open.all("aws:sns/topicSubscription:TopicSubscription").map(({ secretInputs }) => secretInputs),
    ).toEqual([undefined]);
  });

  it("lets its functions reach the bus for events about itself from a VPC without a way out", async () => {
    const vpc = { kind: "new" as const };
    const { all } = await registered(
      () => new WebhookPipeline("hooks", { sources: [github], events: { bus: "ops" }, processor: { vpc } }),
    );

    expect(all("aws:ec2/vpcEndpoint:VpcEndpoint").map(({ inputs }) => inputs.serviceName)).toContain(
      "com.amazonaws.eu-west-1.events",
    );
  });

  it("can stand twice in one program", async () => {
    const { all } = await registered(() => [
      new WebhookPipeline("hooks", { sources: [github] }),
      new WebhookPipeline("partners", { sources: [github], processor: { timeoutSeconds: 5 } }),
    ]);

    expect(all("aws:lambda/function:Function").map(({ name, inputs }) => [name, inputs.timeout])).toEqual([
      ["hooks-processor", 30],
      ["partners-processor", 5],
    ]);
  });

  it("lists every problem with its path, as an error without a stack trace, and registers nothing", async () => {
    const { error, resources } = await refused(
      () =>
        new WebhookPipeline("hooks", {
          sources: [github, { name: "Git Hub", signature: { scheme: "github" } }],
          queue: { maxReceiveCount: 0 },
        }),
    );

    expect(pulumi.RunError.isInstance(error)).toBe(true);
    expect(error.message.split("\n")).toEqual([
      'WebhookPipeline "hooks": the settings have 2 problems:',
      expect.stringMatching(/^ {2}sources\[1\]\.name: must be/),
      expect.stringMatching(/^ {2}queue\.maxReceiveCount: must be/),
    ]);
    expect(resources).toEqual([]);
  });

  it("has its settings checked by the compiler as well", () => {
    const wrong = [
      // @ts-expect-error There is no such setting.
      () => new WebhookPipeline("hooks", { sources: [github], queue: { retention: 3 } }),
      // @ts-expect-error The value has another type.
      () => new WebhookPipeline("hooks", { sources: [github], history: { ttlDays: "long" } }),
      // @ts-expect-error There must be sources.
      () => new WebhookPipeline("hooks", {}),
    ];
    for (const build of wrong) expect(build).toThrow(/the settings have 1 problem:/);
  });
});
