import { eventually } from "local-aws";
import { describe, expect, it } from "vitest";
import { makeSample } from "../../samples/sample.js";
import { startOperated } from "../support/ops.js";

const open = { signature: { scheme: "none" }, eventId: ["header:x-id"] };
const stage = await startOperated({
  stack: "dev",
  overrides: {
    "webhook-pipeline:sources": [
      { name: "open", ...open },
      { name: "own", ...open, queue: "dedicated" },
    ],
  },
});

async function post(source: "open" | "own"): Promise<void> {
  const { headers, body } = await makeSample({
    source: { signature: { kind: "none" }, eventId: ["header:x-id"] },
    url: stage.endpoints[source] ?? "",
    keys: {},
    now: Date.now(),
  });
  const answer = await fetch(stage.endpoints[source] ?? "", {
    method: "POST",
    headers: headers.map(([n, v]) => [n, v]),
    body,
  });
  expect(answer.status).toBe(200);
}

const handled = async (source: string) => (await stage.history()).filter((item) => item.source === source);

describe("pause", () => {
  it("lets webhooks arrive and wait, those of other lanes go on, and resume handles what has waited", async () => {
    const paused = await stage.ops(["pause", "own", "--reason", "the shop isn't up"]);
    expect(paused).toMatchObject({ code: 0, data: "lane webhooks-own (own) is paused\n" });
    expect(paused.told).toMatch(
      /^stage test \(account \d{12}, Region eu-west-1\): lane webhooks-own \(own\)/,
    );

    await post("own");
    await post("open");
    await eventually("the other lane's webhook", async () => (await handled("open")).length === 1);
    expect(await handled("own")).toEqual([]);

    const again = await stage.ops(["pause", "webhooks-own"]);
    expect(again.code).toBe(4);
    expect(again.told).toMatch(/is paused already: paused by \S+@\S+ since \d{4}-.*Z: the shop isn't up/);

    const resumed = await stage.ops(["resume", "own"]);
    expect(resumed).toMatchObject({ code: 0, data: "lane webhooks-own (own) is handled again\n" });
    expect(resumed.told).toContain("the shop isn't up");
    await eventually("the webhook that has waited", async () => (await handled("own")).length === 1);
  });

  it("refuses to resume what is not paused", async () => {
    const { code, told } = await stage.ops(["resume", "open"]);
    expect(code).toBe(4);
    expect(told).toContain("is not paused");
  });

  it("names the lanes, sources and subscribers there are", async () => {
    const { code, told } = await stage.ops(["pause", "nobody"]);
    expect(code).toBe(2);
    expect(told).toContain("there are webhooks, open, webhooks-own, own");
  });
});
