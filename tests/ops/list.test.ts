import { beforeAll, describe, expect, it } from "vitest";
import { operate, startOperated } from "../support/ops.js";
import { postToGithub, withOutcome } from "../support/post-webhook.js";

const stage = await startOperated({ stack: "dev" });

describe("list", () => {
  beforeAll(async () => {
    await postToGithub(stage, { id: "one", body: { order: { id: 1 } } });
    await postToGithub(stage, { id: "two", body: { order: { id: 2 } } });
    await postToGithub(stage, { id: "forged", secret: "not the secret", body: { "a\u001b[2J": 1 } });
    await withOutcome(stage, "processed", 2);
    await withOutcome(stage, "rejected", 1);
  });

  const idsOf = (data: string) => data.split("\n").flatMap((line) => /github\/(\S+)/.exec(line)?.[1] ?? []);

  it("shows the last day's webhooks, the newest first, and says so", async () => {
    const { code, data, told } = await stage.ops(["list"]);
    expect(code).toBe(0);
    expect(data).toMatch(/^RECEIVED +SOURCE +OUTCOME +TRIES +ID +REASON\n/);
    expect(idsOf(data).filter((id) => !id.startsWith("rejected:"))).toEqual(["two", "one"]);
    expect(told).toMatch(/^received from \S+ to \S+ \(1 d\); the last 24 hours unless --since says more\n$/);
  });

  it("shows only what has an outcome, a source and a value", async () => {
    const listed = async (...args: string[]) => idsOf((await stage.ops(["list", ...args])).data);
    expect(await listed("--outcome", "rejected")).toEqual([expect.stringMatching(/^rejected:/)]);
    expect(await listed("--outcome", "processed", "--where", "json:order.id=1")).toEqual(["one"]);
    expect(await listed("--where", "json:order.id=2", "--where", "header:x-github-event=push")).toEqual([
      "two",
    ]);
  });

  it("shows only events of a type, and what has a text in its ids, its reason or its body", async () => {
    const listed = async (...args: string[]) => idsOf((await stage.ops(["list", ...args])).data);
    expect(await listed("--type", "pu*", "--outcome", "processed")).toEqual(["two", "one"]);
    expect(await listed("--type", "push.tag")).toEqual([]);
    expect(await listed("--text", '"id":2')).toEqual(["two"]);
    expect(await listed("--text", "GITHUB/ONE")).toEqual(["one"]);
    expect(await listed("--text", "signature", "--text", "rejected")).toHaveLength(1);
  });

  it("is JSON for programs, as a whole or line by line", async () => {
    const whole = JSON.parse((await stage.ops(["list", "--json"])).data) as unknown[];
    expect(whole).toHaveLength(3);
    expect(whole).toContainEqual(
      expect.objectContaining({ id: "github/one", source: "github", outcome: "processed", attempts: 1 }),
    );
    const lines = (await stage.ops(["list", "--ndjson"])).data.trim().split("\n");
    expect(lines.map((line) => JSON.parse(line))).toEqual(whole);
  });

  it("tells that it was cut, and how to go on", async () => {
    const { data, told } = await stage.ops(["list", "--limit", "1", "--outcome", "processed"]);
    expect(idsOf(data)).toEqual(["two"]);
    expect(told).toMatch(/cut at 1: there are older ones\. --until \S+Z goes on, --limit shows more\n$/);
  });

  it("says that nothing matches", async () => {
    const { code, data, told } = await stage.ops(["list", "--where", "json:order.id=9", "--json"]);
    expect([code, data]).toEqual([3, "[]\n"]);
    expect(told).toContain('{"error":{"message":"no webhook matches","exitCode":3}}');
  });

  it.each([
    [["--source", "githob"], "--source must be a source of the stage (github"],
    [["--outcome", "lost"], "--outcome must be one of processing, processed"],
    [["--since", "yesterday"], "--since must be a time in UTC"],
    [["--since", "1h", "--until", "2h"], "--since must be before --until"],
    [["--where", "order=1"], "--where must be a place and a value, such as json:order.id=123"],
    [["--limit", "0"], '--limit must be a whole number of at least 1; got "0"'],
    [["--json", "--ndjson"], "--json and --ndjson exclude each other"],
    [["--subscriber", "billing"], "--subscriber: the stage has no subscribers"],
  ])("refuses %j, and says how to mend it", async (args, message) => {
    const { code, data, told } = await stage.ops(["list", ...args]);
    expect([code, data]).toEqual([2, ""]);
    expect(told).toContain(message);
  });
});

describe("a stage that is not there", () => {
  it("is told with what to do", async () => {
    expect(await operate(["list"])).toMatchObject({
      code: 2,
      told: expect.stringContaining("--stack is missing"),
    });
    const { code, told } = await operate(["list", "--stack", "x", "--outputs", "nowhere.json"]);
    expect([code, told]).toEqual([
      2,
      expect.stringContaining("--outputs names nowhere.json, which cannot be read"),
    ]);
  });
});
