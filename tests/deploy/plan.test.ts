import { describe, expect, it } from "vitest";
import { readPlan } from "../../deploy/plan/changes.js";
import { refusalsOf } from "../../deploy/plan/guarded.js";
import { noticesOf } from "../../deploy/plan/notices.js";
import { planAsMarkdown, planAsText } from "../../deploy/plan/report.js";
import { recordedEvents } from "../support/engine/recorded-events.js";

/** Another source, FIFO queues and a customer key at once, in a stage that protects nothing, as the engine planned it. */
const dangerous = readPlan(recordedEvents("dangerous-change"));

const wayBack = readPlan(recordedEvents("way-back"));

const changeOf = (plan: typeof dangerous, name: string) =>
  plan.changes.find((change) => change.name === name);

describe("a plan", () => {
  it("has one change for a resource that is replaced, though the engine takes three steps", () => {
    const changes = dangerous.changes.map(({ action, type, name }) => `${action} ${type} ${name}`);

    expect(changes.filter((change) => change.includes("queue"))).toEqual([
      "replace Queue webhooks_fifo-queue",
    ]);
    expect(changes).toContain("delete Secret webhooks-github-secret");
  });

  it("says which property cannot be changed in place, with what it is and will be", () => {
    const change = changeOf(dangerous, "webhooks_fifo-queue");

    expect(change?.replacedBecause).toEqual(["fifoQueue"]);
    expect(change?.differences).toContainEqual({ path: "fifoQueue", from: undefined, to: true });
  });

  it("names the parts of a value that differ, not the whole", () => {
    expect(changeOf(wayBack, "webhooks-processor")?.differences).toEqual([
      { path: "environment.variables.HAND_MADE", from: "1", to: undefined },
    ]);
    expect(changeOf(wayBack, "webhooks-queue")?.differences).toEqual([
      { path: "visibilityTimeoutSeconds", from: 30, to: 180 },
    ]);
  });

  it("still deletes what an interrupted replacement has left over", () => {
    const leftOver = recordedEvents("dangerous-change").filter(
      ({ resourcePreEvent }) => resourcePreEvent?.metadata.op === "delete-replaced",
    );

    expect(readPlan(leftOver).changes.map(({ action, name }) => `${action} ${name}`)).toEqual(
      expect.arrayContaining(["delete webhooks-queue", "delete webhooks-dlq"]),
    );
  });

  it("tells that a secret is another one, and shows neither", () => {
    const [event] = recordedEvents("way-back").filter(({ resourcePreEvent }) =>
      resourcePreEvent?.metadata.urn.endsWith("webhooks-queue"),
    );
    const metadata = event?.resourcePreEvent?.metadata;
    if (metadata?.old == null || metadata.new == null) throw new Error("the recording has no such step");
    const masked = { ...metadata, diffs: ["policy"] };
    masked.old = { ...metadata.old, inputs: { policy: "[secret]" } };
    masked.new = { ...metadata.new, inputs: { policy: "[secret]" } };
    const plan = readPlan([{ sequence: 0, timestamp: 0, resourcePreEvent: { metadata: masked } }]);

    expect(planAsText({ plan, notices: [], cost: undefined })).toContain(
      "policy: [secret] → [another secret]",
    );
  });
});

describe("what to know of a plan", () => {
  const texts = async (plan: typeof dangerous, waiting: number | undefined = 3) =>
    (await noticesOf(plan, async () => waiting)).map(({ text }) => text);

  it("says that a public URL goes, and which", async () => {
    expect(await texts(dangerous)).toContainEqual(
      expect.stringMatching(/^the public URL of github goes: https:\/\/.*\/v1\/webhooks\/github$/),
    );
  });

  it("says what a public URL becomes", async () => {
    const outputs = {
      before: { endpoints: { github: "https://a/b" } },
      after: { endpoints: { github: "https://c/d" } },
    };

    expect(await texts({ ...dangerous, changes: [], outputs })).toEqual([
      "the public URL of github becomes https://c/d: https://a/b",
    ]);
  });

  it("counts the webhooks in a queue that is replaced", async () => {
    const asked: string[] = [];
    const notices = await noticesOf(dangerous, async (url) => {
      asked.push(url);
      return 1;
    });

    expect(asked).toContainEqual(expect.stringMatching(/webhooks-queue-/));
    expect(notices.map(({ text }) => text)).toContain(
      "queue webhooks_fifo-queue is replaced by an empty one: 1 webhook waits in it now",
    );
  });

  it("does not take a queue for empty that AWS does not tell of", async () => {
    const notices = await noticesOf(dangerous, async () => undefined);

    expect(notices.map(({ text }) => text)).toContain(
      "queue webhooks_fifo-queue is replaced by an empty one: AWS does not tell how many webhooks wait in it",
    );
  });

  it("names the secret that goes, and what a role may do that it could not", async () => {
    const told = await texts(dangerous);

    expect(told).toContain("Secret webhooks-github-secret is deleted");
    expect(told).toContainEqual(
      expect.stringMatching(
        /^RolePolicy webhooks-api-role-key-policy newly allows kms:Decrypt, kms:GenerateDataKey on arn:/,
      ),
    );
  });

  it("says so where permissions are known only during the update", async () => {
    expect(await texts(dangerous)).toContain(
      "RolePolicy webhooks_fifo-processor-role-policy: what it will allow is known only during the update",
    );
  });

  it("does not call it a widening when a policy is narrowed again", async () => {
    expect(await texts(wayBack)).toEqual([]);
  });
});

describe("a plan that takes something away", () => {
  it("is refused until each is allowed by its name", () => {
    expect(
      refusalsOf(dangerous, "prod", [])
        .map(({ name }) => name)
        .sort(),
    ).toEqual([
      "webhooks-github-secret",
      "webhooks-source/github",
      "webhooks_fifo-dlq",
      "webhooks_fifo-queue",
    ]);
    const allowed = ["webhooks-github-secret", "webhooks-source/github", "webhooks_fifo-dlq"];
    expect(refusalsOf(dangerous, "prod", allowed).map(({ name }) => name)).toEqual(["webhooks_fifo-queue"]);
  });

  it("says how to drain a queue first", () => {
    const [refusal] = refusalsOf(dangerous, "prod", []).filter(({ name }) => name === "webhooks_fifo-queue");

    expect(refusal?.text).toMatch(/would be replaced: .* wait until it is empty/);
  });

  it("is refused as a whole if that is most of the stage, whatever else is allowed", () => {
    const names = dangerous.changes.map(({ name }) => name);
    const small = { ...dangerous, existing: 7 };

    expect(refusalsOf(small, "prod", names).map(({ name }) => name)).toEqual(["prod"]);
    expect(refusalsOf(small, "prod", [...names, "prod"])).toEqual([]);
    expect(refusalsOf({ ...dangerous, existing: 60 }, "prod", names)).toEqual([]);
  });
});

describe("a plan for a pull request", () => {
  it("has a row for each change, and what to know before them", async () => {
    const markdown = planAsMarkdown("dev", {
      plan: dangerous,
      notices: await noticesOf(dangerous, async () => 2),
      cost: undefined,
    });

    expect(markdown).toMatch(/^### Preview of dev\n/);
    expect(markdown).toContain("| replace | Queue | webhooks\\_fifo-queue | ");
    expect(markdown).toContain("2 webhooks wait in it now");
    expect(markdown.indexOf("What to know")).toBeLessThan(markdown.indexOf("| change |"));
  });

  it("takes no value for markup, and mentions nobody", () => {
    const change = { ...dangerous.changes[0], name: "<img>|@team" } as (typeof dangerous.changes)[number];
    const markdown = planAsMarkdown("dev", {
      plan: { ...dangerous, changes: [change] },
      notices: [],
      cost: undefined,
    });

    expect(markdown).toContain("&lt;img>\\|&#64;team");
  });

  it("says so when nothing changes", () => {
    const seen = { plan: { ...dangerous, changes: [] }, notices: [], cost: undefined };

    expect(planAsMarkdown("dev", seen)).toContain("No changes: all ");
  });
});
