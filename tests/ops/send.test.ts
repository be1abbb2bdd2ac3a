import { eventually } from "local-aws";
import { describe, expect, it } from "vitest";
import { startOperated } from "../support/ops.js";
import { withOutcome } from "../support/post-webhook.js";

const stage = await startOperated({
  stack: "dev",
  overrides: {
    "webhook-pipeline:sources": [
      { name: "code", signature: { scheme: "github" } },
      { name: "partner", signature: { scheme: "token", header: "x-token" }, eventId: ["request-id"] },
      { name: "open", signature: { scheme: "none" }, eventId: ["request-id"] },
    ],
  },
});

const send = (...args: string[]) => stage.ops(["send", ...args]);

describe("send --tampered and --unsigned", () => {
  it.each([
    ["--tampered", "code"],
    ["--tampered", "partner"],
    ["--unsigned", "code"],
    ["--unsigned", "partner"],
  ])("%s makes a webhook that %s must reject, and says so", async (option, source) => {
    const { code, data, told } = await send(source, option);
    expect([code, data]).toEqual([0, expect.stringMatching(new RegExp(`^200 {2}${source} {2}\\S+\\n$`))]);
    expect(told).toContain("it is taken now, and must be rejected when its signature is checked");
    const [, id = ""] = /(\S+)\n$/.exec(data) ?? [];
    const item = await eventually("its end", async () =>
      (await stage.history()).find(({ requestId, status }) => requestId === id && status !== "processing"),
    );
    expect(item).toMatchObject({ source, status: "rejected" });
    const header = source === "code" ? "x-hub-signature-256" : "x-token";
    if (option === "--unsigned") expect(item.reason).toMatch(new RegExp(header));
  });

  it("refuses a source that signs nothing", async () => {
    const { code, data, told } = await send("open", "--tampered");
    expect([code, data]).toEqual([1, ""]);
    expect(told).toContain('source "open" signs nothing, so no webhook of it can be tampered with');
    expect((await send("open", "--unsigned")).told).toContain('source "open" signs nothing anyway');
  });

  it("refuses both at once", async () => {
    expect(await send("code", "--tampered", "--unsigned")).toMatchObject({
      code: 2,
      told: expect.stringContaining("--tampered and --unsigned exclude each other"),
    });
  });
});

describe("send --rate", () => {
  it("sends no faster than was asked for, each webhook with an event id of its own", async () => {
    const startedAt = Date.now();
    const { code, data } = await send("code", "--count", "5", "--rate", "10");
    expect(code).toBe(0);
    expect(Date.now() - startedAt).toBeGreaterThanOrEqual(400);
    expect(data.trim().split("\n")).toHaveLength(5);
    const processed = await withOutcome(stage, "processed", 5);
    expect(new Set(processed.map(({ eventId }) => eventId)).size).toBe(5);
  });
});

describe("send --header", () => {
  it("adds headers, as often as it is given", async () => {
    const { code } = await send("open", "--header", "x-tenant: abc", "--header", "x-shop:  7: eu");
    expect(code).toBe(0);
    const item = await eventually("the webhook", async () =>
      (await stage.history()).find(({ source, status }) => source === "open" && status === "processed"),
    );
    const webhook = await stage.payloadOf(item);
    expect(webhook?.headers).toContainEqual(["x-tenant", "abc"]);
    expect(webhook?.headers).toContainEqual(["x-shop", "7: eu"]);
  });

  it.each(["x-api-key", ": abc", "x api: abc"])("refuses %j, and sends nothing", async (header) => {
    const { code, data, told } = await send("open", "--header", header);
    expect([code, data]).toEqual([2, ""]);
    expect(told).toContain(`--header must be a name and a value, such as "x-api-key: abc"; got "${header}"`);
  });
});
