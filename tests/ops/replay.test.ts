import { eventually } from "local-aws";
import { beforeAll, describe, expect, it } from "vitest";
import { startOperated } from "../support/ops.js";
import { HandledOrders, mendable, postOrder } from "../support/orders.js";
import { withOutcome } from "../support/post-webhook.js";

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
