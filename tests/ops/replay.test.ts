import { existsSync } from "node:fs";
import { eventually } from "local-aws";
import { beforeAll, describe, expect, it } from "vitest";
import { startOperated } from "../support/ops.js";
import { HandledOrders, mendable, postOrder } from "../support/orders.js";
import { postToGithub, withOutcome } from "../support/post-webhook.js";

const { overrides = {} } = mendable;
const stage = await startOperated({
  ...mendable,
  overrides: {
    ...overrides,
    "webhook-pipeline:sources": [
      ...(overrides["webhook-pipeline:sources"] as object[]),
      { name: "github", signature: { scheme: "github" } },
    ],
  },
});
const handled = new HandledOrders();

const post = (id: string, more: object = {}) =>
  postOrder(
    { endpoints: stage.endpoints, token: stage.secrets.values.orders ?? "", file: handled.file },
    { id, ...more },
  );
const handledOrders = (count: number) =>
  eventually(`${count} handled orders`, () => (handled.ids.length >= count ? handled.ids : undefined));
const replay = (...args: string[]) => stage.ops(["replay", ...args]);

describe("a filter that was wrong", () => {
  beforeAll(async () => {
    for (const id of ["o-1", "o-2", "o-3"]) await post(id, { shop: id === "o-3" ? "us" : "eu" });
    await withOutcome(stage, "ignored", 3);
    handled.mend();
  });

  it("is planned first, in absolute times and with the exact count, and nothing is sent", async () => {
    const { code, data, told } = await replay("--source", "orders", "--outcome", "ignored", "--dry-run");
    expect([code, data]).toEqual([0, ""]);
    expect(told).toMatch(/^stage test \(account \d{12}, Region eu-west-1\)\nreplay 0\S+ of 3 webhooks\n/);
    expect(told).toMatch(/which +source orders, outcome ignored, received from \S+Z to \S+Z \(1 d\)\n/);
    expect(told).toMatch(
      /sources +orders 3\n +received +first \S+Z, last \S+Z\n +takes +about 300 ms at 10 a second\n/,
    );
    expect(handled.ids).toEqual([]);
  });

  it("has its plan as JSON for programs", async () => {
    const { data } = await replay("--source", "orders", "--outcome", "ignored", "--dry-run", "--json");
    expect(JSON.parse(data)).toMatchObject({
      asked: 3,
      sources: { orders: 3 },
      lacking: [],
      rate: 10,
      seconds: 1,
    });
  });

  it("is not replayed if nobody can be asked", async () => {
    const { code, told } = await replay("--source", "orders", "--outcome", "ignored");
    expect(code).toBe(4);
    expect(told).toContain(
      "nothing was done: there is no terminal to ask at\nnext: look at the plan above, and add --yes\n",
    );
    expect(handled.ids).toEqual([]);
  });

  it("is replayed from ignored, one by its value, the oldest first, and history keeps who asked and why", async () => {
    const { code, data } = await replay(
      ...["--outcome", "ignored", "--where", "json:shop=eu", "--reason", "the filter is mended", "--yes"],
    );
    expect([code, data]).toEqual([0, "asked 2, replayed 2, skipped 0, failed 0\n"]);
    expect([...(await handledOrders(2))].sort()).toEqual(["o-1", "o-2"]);
    await withOutcome(stage, "processed", 2);

    const shown = await stage.ops(["show", "o-1"]);
    expect(shown.data).toMatch(/replay \S+ asked for by \S+@\S+: the filter is mended/);
    expect(shown.data).toMatch(/processed at try 2/);
  });

  it("has one by its id, as JSON for programs, as often as it is asked for", async () => {
    for (const count of [3, 4]) {
      const { code, data } = await replay("o-3", "--yes", "--json");
      expect([code, JSON.parse(data)]).toMatchObject([0, { asked: 1, replayed: 1, skipped: 0, failed: 0 }]);
      expect((await handledOrders(count)).slice(2)).toEqual(Array.from({ length: count - 2 }, () => "o-3"));
      await eventually("an end", async () =>
        (await stage.history()).every(({ status }) => status !== "processing"),
      );
    }
  });
});

describe("a webhook whose payload is not kept", () => {
  it("is told in the plan, skipped, and never passes for done", async () => {
    await fetch(stage.endpoints.private ?? "", {
      method: "POST",
      body: '{"id":"p-1"}',
      headers: { "content-type": "application/json" },
    });
    await eventually("the webhook", async () =>
      (await stage.history()).find(
        ({ webhookId, status }) => webhookId === "private/p-1" && status === "processed",
      ),
    );
    const alone = await replay("p-1", "--yes");
    expect(alone.code).toBe(1);
    expect(alone.told).toContain("private/p-1: its payload is not kept (history.keepPayload)");
    expect(alone.told).toContain("nothing was done: none of them can be replayed");

    const { code, data, told } = await replay("p-1", "o-1", "--yes");
    expect([code, data]).toEqual([1, "asked 2, replayed 1, skipped 1, failed 0\n"]);
    expect(told).toContain("skipped private/p-1: its payload is not kept");
  });
});

describe("a webhook of which the history must not keep a value", () => {
  it("is counted in the plan with what it will lack, and is replayed", async () => {
    await post("m-1", { email: "ann@example.com" });
    await eventually("the webhook", async () =>
      (await stage.history()).find(
        ({ webhookId, status }) => webhookId === "orders/m-1" && status === "processed",
      ),
    );
    const { code, told } = await replay("m-1", "o-1", "--yes");
    expect(code).toBe(0);
    expect(told).toContain(
      "  redacted  1 webhook will lack what the history must not keep: json:email\n  takes ",
    );
  });
});

describe("a sender that has rotated its secret", () => {
  const secret = "the sender's new secret";

  it("makes rejects, and a replay recovers all once the new secret is stored beside the old", async () => {
    handled.mend();
    for (const id of ["r-1", "r-2", "r-3"]) await postToGithub(stage, { id, secret });
    const rejected = await withOutcome(stage, "rejected", 3);
    expect(await stage.ops(["secret", "set", "github", "--keep-previous"], { stdin: secret })).toMatchObject({
      code: 0,
      data: expect.stringContaining("github: 2 active"),
    });
    // A process looks for a newer secret at most once a minute; one that starts reads it at once.
    // The function has two at most, and each of these orders meets one.
    for (const id of ["ends-1", "ends-2"]) {
      await post(id, { endsProcess: true });
      await eventually("the process's end", () => existsSync(`${handled.file}.ended-by-${id}`));
    }

    const { code, data } = await replay(
      ...["--source", "github", "--outcome", "rejected", "--reason", "GitHub's secret was rotated", "--yes"],
    );
    expect([code, data]).toEqual([0, "asked 3, replayed 3, skipped 0, failed 0\n"]);
    await eventually("all are processed", async () => {
      const items = await stage.history();
      return ["r-1", "r-2", "r-3"].every((id) =>
        items.some(({ webhookId, status }) => webhookId === `github/${id}` && status === "processed"),
      );
    });
    // The function notes this once the webhook is processed.
    await eventually("the rejected one tells where it went on", async () => {
      const { data: before } = await stage.ops(["show", rejected[0]?.webhookId ?? ""]);
      return /^accepted {2}as github\/r-\d$/m.test(before);
    });
    const { data: after } = await stage.ops(["show", "r-1"]);
    expect(after).toMatch(/asked for by \S+@\S+: GitHub's secret was rotated\n.* processed at try 1/s);

    await postToGithub(stage, { id: "r-4", secret });
    await postToGithub(stage, { id: "r-5" });
    await eventually("both secrets fit", async () => {
      const items = await stage.history();
      return ["r-4", "r-5"].every((id) =>
        items.some(({ webhookId, status }) => webhookId === `github/${id}` && status === "processed"),
      );
    });
    expect((await stage.history()).filter(({ status }) => status === "rejected")).toHaveLength(3);
  });
});

describe("a replay that is not understood", () => {
  it.each([
    [[], 2, "which webhooks? Name ids, or choose with --source"],
    [["--since", "7d"], 2, "which webhooks? Name ids, or choose with --source"],
    [["o-1", "--outcome", "failed"], 2, "ids say already which webhooks"],
    [["--resume", "x", "--source", "orders"], 2, "--resume goes on with what was planned"],
    [["--resume", "x"], 3, "no replay x was begun by this user on this machine"],
    [["o-9"], 3, "no webhook is o-9, or begins so, received from"],
    [["o-"], 2, "several webhooks are meant by o-:"],
    [["--source", "orders", "--outcome", "failed"], 3, "no webhook matches, received from"],
    [["o-1", "--rate", "fast"], 2, "--rate must be a whole number of at least 1"],
    [["o-1", "--subscriber", "billing"], 2, 'the source orders of orders/o-1 has no subscriber "billing"'],
  ])("ends without a write: %j", async (args, expected, message) => {
    const { code, data, told } = await replay(...args, "--yes");
    expect([code, data]).toEqual([expected, ""]);
    expect(told).toContain(message);
  });
});

it("was allowed all it did, and broke nothing", () => {
  expect(stage.problems).toEqual([]);
});
