import type { EngineEvent, StepEventMetadata } from "@pulumi/pulumi/automation/index.js";
import { describe, expect, it } from "vitest";
import { readPlan } from "../../deploy/plan/changes.js";
import { unknownValue } from "../../deploy/plan/differences.js";
import { costAsJson, costInWords, monthlyCostOf } from "../../deploy/plan/monthly-cost.js";
import { planAsJson, planAsMarkdown, planAsText } from "../../deploy/plan/report.js";

const traffic = { webhooksPerMonth: 0, bodyBytes: 4_096, handlerMilliseconds: 50 };

type Inputs = Record<string, unknown>;
interface Planned {
  readonly op: string;
  readonly type: string;
  readonly name: string;
  readonly old?: Inputs;
  readonly next?: Inputs;
}

/** Events as the engine tells them, for resources with these inputs. */
function eventsOf(
  steps: readonly Planned[],
  operations: { before?: unknown; after: unknown },
): EngineEvent[] {
  const state = (type: string, name: string, inputs: Inputs, outputs: Inputs = {}) => ({
    type,
    urn: `urn:pulumi:dev::webhook-pipeline::${type}::${name}`,
    inputs,
    outputs,
  });
  const stack = "pulumi:pulumi:Stack";
  return [
    ...steps.map(({ op, type, name, old, next }) => ({
      resourcePreEvent: {
        metadata: {
          op,
          type,
          urn: state(type, name, {}).urn,
          ...(old === undefined ? {} : { old: state(type, name, old) }),
          ...(next === undefined ? {} : { new: state(type, name, next) }),
        } as unknown as StepEventMetadata,
      },
    })),
    {
      resOutputsEvent: {
        metadata: {
          op: "same",
          type: stack,
          urn: state(stack, "dev", {}).urn,
          ...(operations.before === undefined
            ? {}
            : { old: state(stack, "dev", {}, { operations: operations.before }) }),
          new: state(stack, "dev", {}, { operations: operations.after }),
        } as unknown as StepEventMetadata,
      },
    },
  ].map((event, index) => ({ sequence: index, timestamp: 0, ...event }));
}

const same = (type: string, name: string, inputs: Inputs = {}): Planned => ({
  op: "same",
  type,
  name,
  old: inputs,
  next: inputs,
});
const created = (type: string, name: string, inputs: Inputs = {}): Planned => ({
  op: "create",
  type,
  name,
  next: inputs,
});
const lanes = (...names: string[]) => ({
  lanes: Object.fromEntries(
    names.map((name) => [
      name,
      {
        function: unknownValue,
        type: "standard",
        sources: ["github"],
        subscribers: [],
        countedBySource: ["github"],
        expected: [],
      },
    ]),
  ),
  historyTtlDays: 30,
});

const secret = "aws:secretsmanager/secret:Secret";
const dashboard = "aws:cloudwatch/dashboard:Dashboard";
const key = "aws:kms/key:Key";

describe("what a plan does to the monthly cost", () => {
  const events = eventsOf(
    [
      same(key, "webhooks-key"),
      same(secret, "webhooks-github-secret"),
      created(secret, "webhooks-shop-secret"),
      { op: "delete", type: dashboard, name: "webhooks", old: {} },
      { op: "create-replacement", type: key, name: "other", old: {}, next: {} },
      { op: "replace", type: key, name: "other", old: {}, next: {} },
      { op: "delete-replaced", type: key, name: "other", old: {} },
    ],
    { before: lanes("webhooks"), after: lanes("webhooks", "webhooks-shop") },
  );
  const plan = readPlan(events);

  it("is told by the resources before and after, each counted once", () => {
    // 2 keys at 1.00, secrets at 0.40, the dashboard at 3.00, and each lane's 657,000 polls at 0.2628.
    const { change } = monthlyCostOf(plan, traffic);

    expect(change?.before).toBeCloseTo(2 + 0.4 + 3 + 0.2628, 6);
    expect(change?.after).toBeCloseTo(2 + 0.8 + 2 * 0.2628, 6);
    expect(change?.lines.map(({ what }) => what)).toEqual([
      "dashboard",
      "secrets",
      "polling of webhooks-shop while it is empty",
    ]);
  });

  it("is a sentence, with what differs most and for which webhooks it holds", () => {
    const text = planAsText({
      plan,
      notices: [],
      cost: monthlyCostOf(plan, { ...traffic, webhooksPerMonth: 0 }),
    });

    expect(text).toContain("Monthly cost: about 3.33 USD, before 5.66 USD (-2.34)");
    expect(text).toContain("\n  -3.00 dashboard\n  +0.40 secrets\n");
    expect(text).toContain("0 webhooks a month with bodies of 4,096 bytes");
  });

  it("is part of the text for a pull request, and of JSON", () => {
    const seen = { plan, notices: [], cost: monthlyCostOf(plan, traffic) };

    expect(planAsMarkdown("dev", seen)).toContain(
      "**Monthly cost**: about 3.33 USD, before 5.66 USD (-2.34)",
    );
    expect(planAsJson(seen)).toMatchObject({
      monthlyCost: { before: expect.closeTo(5.6628, 6), after: expect.closeTo(3.3256, 6), currency: "USD" },
    });
  });

  it("is from nothing to all for a new stage", () => {
    const fresh = readPlan(
      eventsOf([created(secret, "webhooks-github-secret")], { after: lanes("webhooks") }),
    );

    expect(costInWords(monthlyCostOf(fresh, traffic)).sum).toBe(
      "Monthly cost: about 0.66 USD, before 0.00 USD (+0.66)",
    );
  });

  it("is told where nothing changes as well", () => {
    const quiet = readPlan(
      eventsOf([same(secret, "webhooks-github-secret")], {
        before: lanes("webhooks"),
        after: lanes("webhooks"),
      }),
    );
    const text = planAsText({ plan: quiet, notices: [], cost: monthlyCostOf(quiet, traffic) });

    expect(text).toMatch(/^no changes: /);
    expect(text).toContain("Monthly cost: about 0.66 USD, as before");
  });

  it.each([
    ["secret", "[secret]"],
    ["of an older release", undefined],
    [
      "of a release that did not tell which sources are counted by themselves",
      {
        lanes: { webhooks: { type: "standard", sources: ["github"], subscribers: [] } },
        historyTtlDays: 30,
      },
    ],
  ])("is not guessed where what the stage tells of its lanes is %s", (_what, before) => {
    const dim = readPlan(
      eventsOf([same(secret, "webhooks-github-secret")], { before, after: before ?? lanes("webhooks") }),
    );
    const cost = monthlyCostOf(dim, traffic);

    expect(costInWords(cost).sum).toContain("not known");
    expect(costAsJson(cost)).toBeNull();
  });
});
