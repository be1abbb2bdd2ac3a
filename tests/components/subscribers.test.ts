import * as pulumi from "@pulumi/pulumi";
import { describe, expect, it, vi } from "vitest";
import { bundleStage } from "../../components/support/bundle.js";
import type { SettingsInput } from "../../settings/settings.js";
import { stageOf } from "../support/plan.js";
import { definition } from "../support/processor.js";
import { allowedBy, policyIn, type Registered } from "../support/registered.js";

const forward = (name: string) => ({
  name,
  target: { forward: { url: `https://${name}.example.com/hooks` } },
});
const stripe = { name: "stripe", signature: { scheme: "stripe" } };
const subscribed: SettingsInput = {
  sources: [
    { name: "github", signature: { scheme: "github" } },
    {
      ...stripe,
      queue: "dedicated",
      subscribers: [forward("billing"), { ...forward("lake"), queue: "shared" }],
    },
  ],
};

function roleOf(stage: Registered, lane: string, policy = "role-policy") {
  const found = stage
    .all("aws:iam/rolePolicy:RolePolicy")
    .find(({ name }) => name === `${lane}-processor-${policy}`);
  if (found === undefined) throw new Error(`there is no policy of ${lane}`);
  return policyIn(found);
}

function statement(stage: Registered, lane: string, sid: string) {
  return roleOf(stage, lane).Statement.find(({ Sid }) => Sid === sid);
}

describe("a stage with subscribers", () => {
  it("has a queue, a dead-letter queue, a function and alarms for each lane of theirs", async () => {
    const stage = await stageOf(subscribed);
    const lanes = ["webhooks", "webhooks-stripe", "webhooks-stripe_to_billing", "webhooks_subscribers"];

    expect(
      stage
        .all("aws:lambda/function:Function")
        .map(({ name }) => name)
        .sort(),
    ).toEqual(lanes.map((lane) => `${lane}-processor`).sort());
    expect(
      stage
        .all("aws:sqs/queue:Queue")
        .map(({ name }) => name)
        .sort(),
    ).toEqual(lanes.flatMap((lane) => [`${lane}-dlq`, `${lane}-queue`]).sort());
    const alarms = stage.all("aws:cloudwatch/metricAlarm:MetricAlarm").map(({ name }) => name);
    expect(alarms).toContain("webhooks-stripe_to_billing-dead-letters");
    expect(alarms).toContain("webhooks-stripe_to_billing-oldest-message");
    expect(alarms).toContain("webhooks-stripe_to_billing-target-left-alone");
    // Only the subscribers call targets.
    expect(alarms).not.toContain("webhooks-stripe-target-left-alone");
    // Senders cannot cause these where only verified webhooks arrive.
    expect(alarms).not.toContain("webhooks-stripe_to_billing-rejected-webhooks");
    expect(alarms).not.toContain("webhooks-stripe_to_billing-unreadable-messages");
  });

  it("lets a subscriber's function send to its own queue again what waits for its target", async () => {
    const stage = await stageOf(subscribed);
    const { arn } = stage.one("aws:sqs/queue:Queue", "webhooks-stripe_to_billing-queue").state;

    expect(statement(stage, "webhooks-stripe_to_billing", "SendWaitingWebhooksAgain")).toMatchObject({
      Action: "sqs:SendMessage",
      Resource: arn,
    });
    expect(statement(stage, "webhooks-stripe", "SendWaitingWebhooksAgain")).toBeUndefined();
  });

  it("lets the source's function put messages into exactly its subscribers' queues", async () => {
    const stage = await stageOf(subscribed);
    const arnOf = (name: string) => stage.one("aws:sqs/queue:Queue", name).state.arn;

    expect(statement(stage, "webhooks-stripe", "HandOverToSubscribers")).toEqual({
      Sid: "HandOverToSubscribers",
      Effect: "Allow",
      Action: "sqs:SendMessage",
      Resource: [arnOf("webhooks-stripe_to_billing-queue"), arnOf("webhooks_subscribers-queue")],
    });
    const senders = ["webhooks-stripe_to_billing", "webhooks_subscribers"].flatMap((lane) =>
      allowedBy(roleOf(stage, lane)).filter((action) => action === "sqs:SendMessage"),
    );
    expect(senders).toEqual([]);
  });

  it("lets a subscriber's function use its own AWS target, and no other function", async () => {
    const arn = "arn:aws:sqs:eu-west-1:000000000000:orders";
    const stage = await stageOf({
      sources: [{ ...stripe, subscribers: [{ name: "orders", target: { queue: arn } }, forward("lake")] }],
    });

    expect(statement(stage, "webhooks-stripe_to_orders", "SendToQueues")?.Resource).toEqual([arn]);
    for (const lane of ["webhooks", "webhooks-stripe_to_lake"])
      expect(JSON.stringify(roleOf(stage, lane))).not.toContain(arn);
  });

  it("lets no sender's webhook into a subscriber's queue", async () => {
    const stage = await stageOf(subscribed);
    const api = stage.all("aws:iam/rolePolicy:RolePolicy").filter(({ name }) => name.includes("-api-"));
    const policies = JSON.stringify(api.map((policy) => policyIn(policy)));

    expect(policies).toContain("webhooks-stripe-queue");
    expect(policies).not.toMatch(/_to_billing|_subscribers/);
  });

  it("tells the source's function the queues' names, and every other function nothing", async () => {
    const stage = await stageOf(subscribed);
    const filesOf = async (lane: string) => {
      const { code } = stage.one("aws:lambda/function:Function", `${lane}-processor`).inputs as {
        code: { assets: Promise<Record<string, { text: Promise<string> }>> };
      };
      return code.assets;
    };
    const file = (await filesOf("webhooks-stripe"))["subscriber-queues.json"];
    expect(JSON.parse((await file?.text) ?? "{}")).toEqual({
      "stripe.billing": stage.one("aws:sqs/queue:Queue", "webhooks-stripe_to_billing-queue").state.name,
      "stripe.lake": stage.one("aws:sqs/queue:Queue", "webhooks_subscribers-queue").state.name,
    });
    for (const lane of ["webhooks_subscribers", "webhooks-stripe_to_billing"])
      expect(Object.keys(await filesOf(lane))).not.toContain("subscriber-queues.json");
  });

  it("lets the source's function encrypt messages where the stage's own key encrypts queues", async () => {
    const stage = await stageOf({ ...subscribed, encryption: "customer-key" });
    const sids = (lane: string) => roleOf(stage, lane, "role-key-policy").Statement.map(({ Sid }) => Sid);

    expect(sids("webhooks-stripe")).toContain("SubscriberQueuesKey");
    expect(sids("webhooks-stripe_to_billing")).not.toContain("SubscriberQueuesKey");
  });

  it("protects the queues that webhooks come into, and no retiring subscriber's", async () => {
    const [, owner] = subscribed.sources;
    const retiring = { ...forward("billing"), retiring: true };
    const stage = await stageOf({
      sources: [{ ...stripe, ...owner, subscribers: [retiring, forward("lake")] }],
    });
    const isProtected = (name: string) => stage.one("aws:sqs/queue:Queue", name).protect;

    expect(isProtected("webhooks-stripe_to_lake-queue")).toBe(true);
    expect(isProtected("webhooks-stripe_to_billing-queue")).toBe(false);
  });
});

describe("the bundle of a stage with subscribers", () => {
  const folder = "tests/fixtures/handlers/subscribers";
  const source = {
    name: "shop",
    signature: { kind: "none" },
    eventId: ["body"],
    subscribers: ["billing"],
  } as const;
  const subscriber = (handler: string) => ({
    ...definition,
    sources: [],
    subscribers: [{ name: "shop.billing", source: "shop", signature: source.signature, target: { handler } }],
  });

  it("has the handler files that they name", () => {
    const { files } = bundleStage([{ ...definition, sources: [source] }, subscriber("billing")], folder);
    expect([...files.values()].join("")).toContain("this is billing");
  });

  it("refuses a target without a file, and a file that would never run", () => {
    const whole = { ...definition, sources: [source] };
    expect(() => bundleStage([whole, subscriber("missing")], folder)).toThrow(
      "missing.ts: is missing; it is the target of the subscriber shop.billing",
    );
    const github = { ...source, name: "unused" };
    expect(() => bundleStage([{ ...definition, sources: [github] }, subscriber("billing")], folder)).toThrow(
      "unused.ts: would never run, because the source unused has subscribers",
    );
    expect(() =>
      bundleStage([{ ...definition, sources: [github] }, subscriber("unused")], folder),
    ).not.toThrow();
  });
});

it("warns of a target in a Region to which the stage's VPC does not lead", async ({ onTestFinished }) => {
  const warn = vi.spyOn(pulumi.log, "warn").mockResolvedValue();
  onTestFinished(() => warn.mockRestore());
  await stageOf({
    sources: [
      {
        ...stripe,
        subscribers: [
          { name: "lake", target: { stream: "arn:aws:kinesis:us-east-1:123456789012:stream/lake" } },
        ],
      },
    ],
    processor: { vpc: { kind: "new" } },
    alarms: { email: ["ops@example.com"] },
  });
  expect(warn.mock.calls.map(([message]) => message)).toEqual([
    expect.stringMatching(/^sources\[0\]\.subscribers\[0\]\.target\.stream: is in us-east-1/),
  ]);
});
