import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { eventually } from "local-aws";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { HistoryItem } from "../../runtime/history/item.js";
import { startOperated } from "../support/ops.js";
import { postToGithub, withOutcome } from "../support/post-webhook.js";

const stage = await startOperated({ stack: "dev" });
const body = { order: { id: 12345678901234567890n.toString() }, note: "\u001b[2J" };
let requestId: string;
let rejected: HistoryItem;

beforeAll(async () => {
  requestId = await postToGithub(stage, { id: "evt-one", body });
  await postToGithub(stage, { id: "evt-two" });
  await postToGithub(stage, { id: "forged", secret: "not the secret" });
  await withOutcome(stage, "processed", 2);
  [rejected] = (await withOutcome(stage, "rejected", 1)) as [HistoryItem];
});

const show = (...args: string[]) => stage.ops(["show", ...args]);

describe("a webhook", () => {
  it.each([
    ["its id", () => "github/evt-one"],
    ["its event's id", () => "evt-one"],
    ["the id that the sender was answered", () => requestId],
    ["the beginning of its id", () => "github/evt-o"],
    ["the beginning of its event's id", () => "evt-o"],
  ])("is found by %s", async (_, id) => {
    const { code, data } = await show(id());
    expect(code).toBe(0);
    expect(data).toContain("id        github/evt-one\n");
  });

  it("is asked for again if several begin so", async () => {
    const { code, data, told } = await show("evt-");
    expect([code, data]).toEqual([2, ""]);
    expect(told).toMatch(
      /several webhooks are meant by evt-:\n {2}github\/evt-\S+\n {2}github\/evt-\S+\nnext: one of these ids/,
    );
  });

  it("is not there", async () => {
    const { code, told } = await show("evt-three");
    expect(code).toBe(3);
    expect(told).toContain("no webhook is evt-three, or begins so");
  });

  it("is shown with what happened, its headers, those that matter marked, and its body", async () => {
    const { data } = await show("evt-one");
    expect(data).toMatch(/What happened\n {2}\S+Z {2}received by the gateway\n/);
    expect(data).toMatch(/processed at try 1, its handler took \d+ ms/);
    expect(data).toMatch(/^\* x-github-delivery: evt-one$/m);
    expect(data).toMatch(/^\* x-hub-signature-256: sha256=/m);
    expect(data).toContain('"order": {\n    "id": "12345678901234567890"');
    expect(data).not.toContain("\u001b");
  });

  it("is JSON for programs", async () => {
    const shown = JSON.parse((await show("evt-one", "--json")).data) as Record<string, unknown>;
    expect(shown).toMatchObject({
      id: "github/evt-one",
      outcome: "processed",
      requestId,
      request: { method: "POST", body: JSON.stringify(body) },
    });
  });

  it("can be had byte by byte", async () => {
    expect((await show("evt-one", "--raw")).data).toBe(JSON.stringify(body));
  });

  it("can be sent again by curl, and is then a repetition", async () => {
    const { data } = await show("evt-one", "--curl");
    expect(data).toMatch(/^curl -sS -X POST 'http:\S+' /);
    expect(data).toContain("-H 'x-hub-signature-256: sha256=");
    expect(data).toContain(`--data-binary '${JSON.stringify(body)}'`);
  });

  it("refuses two forms at once", async () => {
    expect(await show("evt-one", "--raw", "--curl")).toMatchObject({
      code: 2,
      told: "--raw and --curl exclude each other: leave one out\n",
    });
  });
});

describe("a fixture", () => {
  const folder = mkdtempSync(join(tmpdir(), "webhook-pipeline-fixture-"));
  afterAll(() => rmSync(folder, { recursive: true }));

  it("is a module with the webhook for runHandlerOn", async () => {
    const file = join(folder, "one.ts");
    expect((await show("evt-one", "--fixture", file)).code).toBe(0);
    const text = readFileSync(file, "utf8");
    expect(text).toContain('export const fixture = {\n  source: "github",');
    expect(text).toContain(`  body: ${JSON.stringify(JSON.stringify(body))},`);
    expect(text).toContain("} satisfies Fixture;");
    expect(text).not.toContain("x-forwarded-for");
  });

  it("is never written over a file", async () => {
    const file = join(folder, "one.ts");
    expect(existsSync(file)).toBe(true);
    expect(await show("evt-two", "--fixture", file)).toMatchObject({ code: 4, data: "" });
  });
});

describe("a rejected webhook", () => {
  it("says why its signature failed, and shows no secret", async () => {
    const { data } = await show(rejected.webhookId);
    expect(data).toContain("the scheme is hmac");
    expect(data).toContain("header:x-hub-signature-256 is there");
    expect(data).toMatch(
      /checked again now, it does not fit not even with the active secret: the sender signs with another secret, or the body was changed/,
    );
    expect(data).not.toContain(stage.secrets.values.github ?? "no secret");
  });

  it("says that it fits by now, once the sender's secret is stored", async () => {
    const before = stage.secrets.values.github ?? "";
    stage.secrets.set("github", "not the secret");
    const { data } = await show(rejected.webhookId);
    stage.secrets.set("github", before);
    expect(data).toContain("checked again now, it fits with the active secret: a replay accepts it");
    await eventually("the former secret", () => stage.secrets.values.github === before);
  });
});
