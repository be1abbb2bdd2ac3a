import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { copyOfRepository, EngineStack, noEngine, type Run, type Settings } from "../support/engine/stack.js";

/** The steps of docs/changing-a-stage.md as Pulumi's engine and the AWS provider take them. The stage is protected. */

const github = { name: "github", signature: { scheme: "github" } };
const store = { name: "store", signature: { scheme: "stripe" }, queue: "dedicated" };
const deployed: Settings = { sources: [github, store] };

/** One update in which everything moves that senders or webhooks could miss. */
const moving: Settings = {
  sources: [
    { ...github, retiring: true },
    { ...store, name: "shop", rememberedAs: "store", formerNames: ["store"] },
  ],
  api: {
    pathPrefix: "hooks",
    formerPathPrefixes: ["webhooks"],
    stageName: "v2",
    formerStageNames: ["v1"],
  },
  queue: { type: "fifo", formerType: "standard" },
};

const moved: Settings = {
  sources: [{ ...store, name: "shop", rememberedAs: "store" }],
  api: { pathPrefix: "hooks", stageName: "v2" },
  queue: { type: "fifo" },
};

describe.skipIf(noEngine)("a protected stage", () => {
  let stack: EngineStack;

  beforeAll(async () => {
    stack = new EngineStack(copyOfRepository(), "changes");
    await stack.init();
    expect((await stack.up(deployed)).problems).toEqual([]);
  });
  afterAll(() => stack?.remove());

  it("is unchanged when it is previewed again", async () => {
    expect(await stack.preview(deployed)).toMatchObject({ steps: [], problems: [] });
  });

  it.each<[change: string, settings: Settings, named: string]>([
    ["a source taken out", { sources: [store] }, "PublicAddress::webhooks-source/github"],
    [
      "another prefix",
      { ...deployed, api: { pathPrefix: "hooks" } },
      "PublicAddress::webhooks-rest/v1/webhooks",
    ],
    ["the other type of queue", { ...deployed, queue: { type: "fifo" } }, "Queue::webhooks_fifo-queue"],
    [
      "the shared queue",
      { sources: [github, { ...store, queue: "shared" }] },
      "WebhookQueue$aws:sqs/queuePolicy:QueuePolicy::webhooks-store-queue-policy",
    ],
  ])("refuses %s before anything happens, and names what would be lost", async (_change, settings, named) => {
    const { problems } = await stack.preview(settings);

    expect(problems.join("\n")).toContain(named);
    expect(problems.join("\n")).toMatch(/protect/);
  });

  describe("that moves everything at once", () => {
    let run: Run;

    beforeAll(async () => {
      run = await stack.up(moving);
    });

    it("goes through, and deletes and replaces nothing but the API's snapshot", () => {
      expect(run.problems).toEqual([]);
      expect(
        run.steps
          .filter(({ op }) => /delete|replace/.test(op))
          .filter(({ resource }) => resource !== "Deployment webhooks-api-deployment"),
      ).toEqual([]);
    });

    it("lets the gateway send to the new queues, and the functions know them, before the new API is live", () => {
      for (const first of [
        "RolePolicy webhooks-api-role-policy",
        "Function webhooks_fifo-processor",
        "Function webhooks-store_fifo-processor",
      ]) {
        expect(run.endedBeforeBegin(first, "Stage webhooks-api-stage-v2"), first).toBe(true);
        expect(run.endedBeforeBegin(first, "Stage webhooks-api-stage-v1"), first).toBe(true);
      }
    });

    it("lets go of what is former, without another word, once the file no longer names it", async () => {
      const { problems, steps } = await stack.preview(moved);
      const deleted = steps.filter(({ op }) => op === "delete").map(({ resource }) => resource);

      expect(problems).toEqual([]);
      expect(deleted).toEqual(
        expect.arrayContaining([
          "PublicAddress webhooks-source/github",
          "PublicAddress webhooks-source/store",
          "PublicAddress webhooks-rest/v1/webhooks",
          "Queue webhooks-queue",
          "Queue webhooks-store-dlq",
          "Secret webhooks-github-secret",
          "Stage webhooks-api-stage-v1",
        ]),
      );
      expect(
        deleted.filter((resource) =>
          /store_fifo|store-secret|rest\/v2\/hooks|stage-v2|Table|RestApi/.test(resource),
        ),
      ).toEqual([]);
    });
  });
});
