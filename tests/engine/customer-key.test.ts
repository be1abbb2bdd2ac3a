import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { copyOfRepository, EngineStack, noEngine, type Settings } from "../support/engine/stack.js";

const base: Settings = {
  sources: [{ name: "github", signature: { scheme: "github" } }],
  history: { overflow: true },
};

const encrypted: Settings = { ...base, encryption: "customer-key" };

describe.skipIf(noEngine)("the customer key of a protected stage", () => {
  /** One stage that gets the key, and one that has it. The emulated AWS does not tell of a key that a table gets later. */
  let [without, having]: EngineStack[] = [];

  const started = async (name: string, settings: Settings): Promise<EngineStack> => {
    const stack = new EngineStack(copyOfRepository(), name);
    await stack.init();
    expect((await stack.up(settings)).problems).toEqual([]);
    return stack;
  };

  beforeAll(async () => {
    [without, having] = await Promise.all([started("without", base), started("having", encrypted)]);
  });
  afterAll(() => {
    for (const stack of [without, having]) stack?.remove();
  });

  it("may be used by gateway and function before anything is encrypted with it", async () => {
    const run = await stackOf(without).up(encrypted);

    expect(run.problems).toEqual([]);
    const policies = [
      "RolePolicy webhooks-api-role-key-policy",
      "RolePolicy webhooks-processor-role-key-policy",
    ];
    const holdData = [
      "Queue webhooks-dlq",
      "Queue webhooks-queue",
      "Table webhooks-history",
      "BucketServerSideEncryptionConfiguration webhooks-overflow-encryption",
    ];
    for (const resource of holdData) {
      expect(run.steps).toContainEqual({ op: "update", resource });
      for (const policy of policies) expect(run.endedBeforeBegin(policy, resource), resource).toBe(true);
    }
  });

  it("is not given up in one step, by which what it encrypted would become unreadable", async () => {
    const { problems } = await stackOf(having).preview(base);

    expect(problems.join("\n")).toContain("DataKey::webhooks-data-key");
  });

  it("is no longer the table's either, once it is given up, and can still be used to read", async () => {
    const { problems, steps } = await stackOf(having).up({ ...base, formerEncryption: "customer-key" });

    expect(problems).toEqual([]);
    expect(steps).toEqual(
      expect.arrayContaining([
        { op: "update", resource: "Table webhooks-history" },
        { op: "update", resource: "Queue webhooks-queue" },
      ]),
    );
    expect(steps.filter(({ op }) => op === "delete")).toEqual([]);
  });

  it("is then out of use", async () => {
    const { problems, steps } = await stackOf(having).preview(base);

    expect(problems).toEqual([]);
    expect(
      steps
        .filter(({ op }) => op === "delete")
        .map(({ resource }) => resource)
        .sort(),
    ).toEqual([
      "DataKey webhooks-data-key",
      "RolePolicy webhooks-api-role-key-policy",
      "RolePolicy webhooks-processor-role-key-policy",
    ]);
  });
});

function stackOf(stack: EngineStack | undefined): EngineStack {
  if (stack === undefined) throw new Error("the stage has not come up");
  return stack;
}
