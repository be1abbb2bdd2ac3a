import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { copyOfRepository, EngineStack, noEngine, type Run, type Settings } from "../support/engine/stack.js";

/** What the engine plans for a live, protected stage whose subscribers change, as docs/changing-a-stage.md says. */

const subscriber = (name: string, settings: object = {}) => ({
  name,
  target: { forward: { url: `https://${name}.example.com/hooks`, signing: "standard-webhooks" } },
  ...settings,
});
const lake = subscriber("lake", { queue: "dedicated" });
const stageWith = (...subscribers: object[]): Settings => ({
  sources: [{ name: "shop", signature: { scheme: "stripe" }, subscribers }],
});
const deployed = stageWith(subscriber("billing", { queue: "shared" }), lake);

/** What holds webhooks, opens them, or is known to senders. */
const holding = /^(Queue|Table|Bucket|Secret|Key|RestApi|Stage) /;

const changed = ({ steps }: Run, op: RegExp) =>
  steps.filter((step) => op.test(step.op)).map(({ resource }) => resource);

describe.skipIf(noEngine)("a live stage", () => {
  let stack: EngineStack;

  beforeAll(async () => {
    stack = new EngineStack(copyOfRepository(), "subscribers");
    await stack.init();
    expect((await stack.up(deployed)).problems).toEqual([]);
  });
  afterAll(() => stack?.remove());

  it("gets a subscriber with a queue of its own: the source's function is updated, and nothing goes", async () => {
    const run = await stack.preview(
      stageWith(
        subscriber("billing", { queue: "shared" }),
        lake,
        subscriber("audit", { queue: "dedicated" }),
      ),
    );

    expect(run.problems).toEqual([]);
    expect(changed(run, /delete|replace/)).toEqual([]);
    expect(changed(run, /create/)).toEqual(
      expect.arrayContaining([
        "Queue webhooks-shop_to_audit-queue",
        "Queue webhooks-shop_to_audit-dlq",
        "Function webhooks-shop_to_audit-processor",
        "Secret webhooks-shop.audit-forward-secret",
      ]),
    );
    expect(changed(run, /update/)).toEqual(
      expect.arrayContaining(["Function webhooks-processor", "RolePolicy webhooks-processor-role-policy"]),
    );
    expect(changed(run, /update/).filter((resource) => holding.test(resource))).toEqual([]);
  });

  it("gives one that shared a queue its own, and works the shared one off", async () => {
    const run = await stack.preview(
      stageWith(subscriber("billing", { queue: "dedicated", formerQueue: "shared" }), lake),
    );

    expect(run.problems).toEqual([]);
    expect(changed(run, /delete|replace/)).toEqual([]);
    expect(changed(run, /create/)).toContain("Queue webhooks-shop_to_billing-queue");
    expect(changed(run, /create|update/)).not.toContain("Secret webhooks-shop.billing-forward-secret");
  });

  describe("whose subscriber retires", () => {
    let run: Run;

    beforeAll(async () => {
      run = await stack.up(
        stageWith(subscriber("billing", { queue: "shared" }), { ...lake, retiring: true }),
      );
    });

    it("keeps its queue, its dead letters and its function, which no longer gets new webhooks", () => {
      expect(run.problems).toEqual([]);
      expect(changed(run, /delete|replace/)).toEqual([]);
      expect(changed(run, /update/)).toContain("Function webhooks-processor");
    });

    it("lets go of these and of its secret once the file no longer names it, and of nothing else that holds webhooks", async () => {
      const removed = await stack.preview(stageWith(subscriber("billing", { queue: "shared" })));

      expect(removed.problems).toEqual([]);
      expect(changed(removed, /replace/)).toEqual([]);
      expect(
        changed(removed, /delete/)
          .filter((resource) => holding.test(resource))
          .sort(),
      ).toEqual([
        "Queue webhooks-shop_to_lake-dlq",
        "Queue webhooks-shop_to_lake-queue",
        "Secret webhooks-shop.lake-forward-secret",
      ]);
    });
  });
});
