import { eventually } from "local-aws";
import { beforeAll, describe, expect, it } from "vitest";
import {
  type ActionState,
  type Detail,
  type ListPage,
  type ListRow,
  type PipelineFigures,
  type Plan,
  paths,
  type StageFacts,
} from "../../inspector/contract.js";
import { inspect } from "../../inspector/inspected.js";
import { readOutputs } from "../../ops/stage/outputs.js";
import { stageOf } from "../../ops/stage/stage.js";
import { pageOf, servedPage } from "../support/inspector/client.js";
import { startOperated } from "../support/ops.js";
import { HandledOrders, mendable, postOrder } from "../support/orders.js";
import { postToGithub, withOutcome } from "../support/post-webhook.js";

const { overrides = {} } = mendable;
const pipeline = await startOperated({
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
const stage = stageOf("test", readOutputs(pipeline.graph.outputs, "the test"));
const page = await servedPage(() => inspect(stage, { isWritable: true, laptop: undefined }));

const post = (id: string, more: object = {}) =>
  postOrder(
    { endpoints: pipeline.endpoints, token: pipeline.secrets.values.orders ?? "", file: handled.file },
    { id, ...more },
  );
const listed = async (filter: string, more: object = {}) =>
  (await page.call<ListPage>(paths.list, { filter, ...more })).content;
const idsOf = (rows: readonly ListRow[]) => rows.map(({ id }) => id);

beforeAll(async () => {
  await post("o-1", { shop: "eu" });
  await post("o-2", { shop: "us" });
  await postToGithub(pipeline, { id: "push-1", body: { ref: "main" } });
  await postToGithub(pipeline, { id: "opened", body: { action: "opened" }, event: "issues" });
  await postToGithub(pipeline, { id: "forged", secret: "not the secret", event: "ping" });
  await withOutcome(pipeline, "ignored", 2);
  await withOutcome(pipeline, "processed", 2);
  await withOutcome(pipeline, "rejected", 1);
});

/** What `ops list --json` has of a row; times are texts there. */
function asListed({ receivedAt, finishedAt, type: _, ...row }: ListRow): Record<string, unknown> {
  const time = (milliseconds = 0) => new Date(milliseconds).toISOString();
  return { ...row, receivedAt: time(receivedAt), finishedAt: time(finishedAt) };
}

describe("ops inspect", () => {
  it("shows, with the SDK alone, the rows that ops list shows, and only looks", async () => {
    let told = "";
    let seen: { data: string } | undefined;
    const ended = pipeline.ops(["inspect", "--json"], {
      onTold: (text) => {
        told = text;
      },
      onData: (data) => {
        seen = { data };
      },
    });
    const { data } = await eventually("its address", () => seen);
    const { address, ...named } = JSON.parse(data) as { address: string };
    const { account, region } = stage;
    expect(named).toEqual({ stage: "test", account, region, writable: false });
    expect(told).toContain(`stage test (account ${account}, Region ${region}): the page only looks`);

    const { origin, hash } = new URL(address);
    const reader = pageOf({ origin, token: hash.replace("#token=", "") });
    const shown = await reader.call<ListPage>(paths.list, { filter: "" });
    const rows = JSON.parse((await pipeline.ops(["list", "--json"])).data) as object[];
    expect(shown.content.rows.map(asListed)).toEqual(rows);
    expect(shown.content.stage).toEqual({ name: "test", account, region, isLocal: false, isWritable: false });

    for (const [path, request] of [
      [paths.plan, { kind: "pause", lane: "webhooks" }],
      [paths.confirm, { planId: "1" }],
      [paths.stop, { actionId: "1" }],
    ] as const) {
      const { status, content } = await reader.call(path, request);
      expect([path, status, content.error.message]).toEqual([path, 403, "stage test is only looked at"]);
    }
    process.emit("SIGINT", "SIGINT");
    expect((await ended).code).toBe(0);
  });

  it.each([
    [["--port", "80000"], "--port must be a whole number from 0 to 65535"],
    [["--allow-writes"], "unknown option '--allow-writes'"],
  ])("refuses %j", async (args, message) => {
    const { code, told } = await pipeline.ops(["inspect", ...args]);
    expect([code, told]).toEqual([2, expect.stringContaining(message)]);
  });
});

describe("a filter's line", () => {
  it.each([
    ["source:orders", ["orders/o-2", "orders/o-1"]],
    ["outcome:ignored outcome:rejected source:orders", ["orders/o-2", "orders/o-1"]],
    ["json:shop=eu", ["orders/o-1"]],
    ["type:push", ["github/push-1"]],
    ["type:iss*", ["github/opened"]],
    ["MAIN outcome:processed", ["github/push-1"]],
    ["source:orders source:github outcome:processed", ["github/opened", "github/push-1"]],
    ["since:1h until:30m", []],
  ])("%s chooses what ops list would", async (filter, ids) => {
    expect(idsOf((await listed(filter)).rows)).toEqual(ids);
  });

  it.each([
    ["source:githob", "--source must be a source of the stage (orders, private, github)"],
    ["outcome:lost", "--outcome must be one of processing, processed"],
    ["since:yesterday", "--since must be a time in UTC"],
  ])("%s is refused in the words of ops list", async (filter, message) => {
    const { status, content } = await page.call(paths.list, { filter });
    expect([status, content.error.message]).toEqual([400, expect.stringContaining(message)]);
    expect(content.stage.name).toBe("test");
  });

  it("is answered page by page, each webhook once", async () => {
    const ids: string[] = [];
    let older: string | undefined;
    do {
      const part = await listed("", { limit: 2, ...(older === undefined ? {} : { older }) });
      expect(part.rows.length).toBeLessThanOrEqual(2);
      ids.push(...idsOf(part.rows));
      older = part.older;
    } while (older !== undefined);
    expect(ids).toEqual(idsOf((await listed("")).rows));
  });
});

describe("a webhook's detail", () => {
  const shown = async (id: string) => (await page.call<Detail>(paths.detail, { id })).content;

  it("has the timeline with durations, the headers that matter, the exact body, and forms to copy", async () => {
    const detail = await shown("github/push-1");
    expect(detail.row).toMatchObject({ source: "github", type: "push", outcome: "processed" });
    expect(detail.timeline[0]).toMatchObject({ kind: "received", what: "received by the gateway" });
    expect(detail.timeline).toContainEqual(expect.objectContaining({ kind: "ended", attempt: 1 }));
    const durations = detail.timeline.slice(1).map(({ afterMilliseconds }) => afterMilliseconds);
    expect(durations.every((each) => each !== undefined && each >= 0)).toBe(true);
    const headers = detail.request?.headers ?? [];
    const important = headers.filter(({ matters }) => matters).map(({ name }) => name.toLowerCase());
    expect(important.sort()).toEqual([
      "content-type",
      "x-github-delivery",
      "x-github-event",
      "x-hub-signature-256",
    ]);
    expect(detail.request?.body).toMatchObject({ text: '{"ref":"main"}', bytes: 14 });
    expect(detail.curl).toContain(`'${stage.outputs.endpoints.github}' `);
    expect(detail.fixture).toContain("satisfies Fixture");
    expect(detail.logs.map(({ message }) => message)).toContain("webhook processed");
  });

  it("says why a signature failed, and never the secret", async () => {
    const [rejected] = (await listed("outcome:rejected")).rows;
    const detail = await shown(rejected?.id ?? "");
    expect(detail.signature).toMatchObject({
      scheme: "hmac",
      places: [{ place: "header:x-hub-signature-256", state: "found" }],
      now: { state: "does-not-fit", activeSecrets: 1, reason: expect.stringContaining("another secret") },
    });
    expect(JSON.stringify(detail)).not.toContain(pipeline.secrets.values.github);
  });

  it("says why it was ignored", async () => {
    expect((await shown("orders/o-1")).ignored).toBe("the filter lets no order through");
  });

  it("is refused for what there is not", async () => {
    const { status, content } = await page.call(paths.detail, { id: "nothing" });
    expect([status, content.error.message]).toEqual([404, expect.stringMatching(/^no webhook is nothing/)]);
  });
});

describe("the pipeline's figures", () => {
  it("are those of ops status", async () => {
    const { content } = await page.call<PipelineFigures>(paths.pipeline, {});
    const status = JSON.parse((await pipeline.ops(["status", "--json"])).data) as {
      sources: { name: string }[];
      lanes: { lane: string; waiting: number; deadLetters: number }[];
    };
    expect(content.takers.map(({ lane: _, ...taker }) => taker)).toEqual(status.sources);
    expect(content.takers.find(({ name }) => name === "orders")).toMatchObject({ received: 2, ignored: 2 });
    expect(content.lanes.map(({ name, waiting, dead }) => [name, waiting, dead])).toEqual(
      status.lanes.map(({ lane, waiting, deadLetters }) => [lane, waiting, deadLetters]),
    );
  });

  it("stand beside what does not change of the stage", async () => {
    const { content } = await page.call<StageFacts>(paths.stage, {});
    expect(content.sources.map(({ name, scheme, lane }) => [name, scheme, lane])).toEqual([
      ["orders", "token", "webhooks"],
      ["private", "none", "webhooks"],
      ["github", "hmac", "webhooks"],
    ]);
    expect(content.outcomes).toContainEqual({ name: "failed", tone: "attention" });
  });
});

/** The rows that a stream brings until one is there in this state. */
const webhook = (id: string, outcome: string) => (event: { name: string; data: Record<string, unknown> }) =>
  event.name === "webhooks" &&
  (event.data.rows as ListRow[]).some((row) => row.id === id && row.outcome === outcome);

describe("the stream", () => {
  it("goes on from a list without a gap, and after a loss exactly where it was, each webhook once", async () => {
    const { cursor } = await listed("");
    await post("o-3");
    await withOutcome(pipeline, "ignored", 3);
    const first = await page.stream("", cursor);
    expect((await first.until(() => true)).name).toBe("heartbeat");
    const { id } = await first.until(webhook("orders/o-3", "ignored"));
    first.close();

    await post("o-4");
    await post("o-5");
    await withOutcome(pipeline, "ignored", 5);
    const second = await page.stream("", id);
    await second.until(webhook("orders/o-5", "ignored"));
    await second.until(webhook("orders/o-4", "ignored"));
    const rows = second.events.flatMap(({ data }) => (data.rows ?? []) as ListRow[]);
    expect(idsOf(rows).sort()).toEqual(["orders/o-4", "orders/o-5"]);
    second.close();
  });

  it("tells of what its filter has, of what has left it, and names the stage", async () => {
    const { cursor } = await listed("");
    const stream = await page.stream("source:github", cursor);
    await post("o-6");
    const { data } = await stream.until(({ name, data: { gone } }) => {
      return name === "webhooks" && (gone as string[]).includes("orders/o-6");
    });
    expect(data.rows).toEqual([]);
    expect(data.stage).toMatchObject({ name: "test", isLocal: false });
    expect((await stream.until(({ name }) => name === "pipeline")).data).toHaveProperty("lanes");
    stream.close();
  });

  it("tells whoever comes with a cursor of an earlier start to read the list again", async () => {
    const stream = await page.stream("", "00000000-7");
    const { data } = await stream.until(({ name }) => name === "reset");
    expect(data.cursor).toMatch(/^[0-9a-f]{8}-\d+$/);
    stream.close();
  });

  it("is refused for a filter that is wrong", async () => {
    await expect(page.stream("outcome:lost")).rejects.toThrow("--outcome must be one of");
  });
});

describe("an action", () => {
  const planned = (action: object) => page.call<Plan>(paths.plan, action);
  const confirm = (planId: string) => page.call<ActionState>(paths.confirm, { planId });
  const ended = (actionId: string) =>
    eventually("the action's end", async () => {
      const { content } = await page.call<ActionState>(paths.action, { actionId });
      return content.state === "running" ? undefined : content;
    });

  it("is a plan in the command's words first, and happens once, when it is confirmed", async () => {
    const { content: plan } = await planned({ kind: "replay", ids: ["orders/o-1"], reason: "it is mended" });
    expect(plan.lines.join("\n")).toMatch(
      /^stage test \(account \d{12}, Region eu-west-1\)\nreplay \S+ of 1 webhook\n +which +orders\/o-1\n/,
    );
    expect(plan).toMatchObject({ question: "Replay 1 webhook?", count: 1, ready: 1 });
    expect(plan.command).toBe("npm run ops -- replay orders/o-1 --reason 'it is mended' --stack test");
    expect((await page.call<Detail>(paths.detail, { id: "orders/o-1" })).content.row.replays).toBe(0);

    handled.mend();
    const { cursor } = await listed("");
    const stream = await page.stream("", cursor);
    const { content: begun } = await confirm(plan.planId);
    expect(await ended(begun.actionId)).toMatchObject({
      state: "done",
      done: 1,
      summary: "asked 1, replayed 1, skipped 0, failed 0",
    });
    await stream.until(webhook("orders/o-1", "processed"));
    await stream.until(({ name, data }) => name === "action" && data.state === "done");
    stream.close();
    expect(handled.ids).toEqual(["o-1"]);
    expect((await pipeline.ops(["show", "orders/o-1"])).data).toMatch(/asked for by \S+: it is mended/);

    const again = await confirm(plan.planId);
    expect([again.status, again.content.error.next]).toEqual([410, "plan it again"]);
  });

  it("is of all that a filter means, as fast as it is told", async () => {
    const usual = await planned({ kind: "replay", filter: "source:orders" });
    expect(usual.content.count).toBeGreaterThan(1);
    expect(usual.content.rate).toBe(10);
    const slow = await planned({ kind: "replay", filter: "source:orders", rate: 2 });
    expect(slow.content.rate).toBe(2);
    expect(slow.content.lines.join("\n")).toContain("2 a second");
  });

  it("pauses and resumes a lane, and says who did it", async () => {
    const { content: plan } = await planned({ kind: "pause", lane: "orders", reason: "the shop's down" });
    expect(plan.command).toBe("npm run ops -- pause webhooks --reason 'the shop'\\''s down' --stack test");
    expect((await ended((await confirm(plan.planId)).content.actionId)).state).toBe("done");
    const { content: figures } = await page.call<PipelineFigures>(paths.pipeline, {});
    expect(figures.lanes[0]).toMatchObject({ state: "paused", pause: { reason: "the shop's down" } });
    expect((await planned({ kind: "pause", lane: "orders" })).status).toBe(409);

    const { content: resume } = await planned({ kind: "resume", lane: "webhooks" });
    expect(resume.lines.join("\n")).toMatch(/it is paused by \S+ since \S+: the shop's down/);
    await ended((await confirm(resume.planId)).content.actionId);
    const { content: after } = await page.call<PipelineFigures>(paths.pipeline, {});
    expect(after.lanes[0]).toMatchObject({ state: "enabled" });
  });

  it.each([
    [{ kind: "replay" }, 400, "a replay is of ids, or of a filter's webhooks"],
    [{ kind: "replay", filter: "since:7d" }, 400, "The filter must choose by more than time"],
    [{ kind: "replay", ids: ["nothing"] }, 404, "no webhook is nothing"],
    [{ kind: "replay", filter: "json:shop=nowhere" }, 404, "no webhook matches"],
    [{ kind: "redrive" }, 404, "there are no dead letters"],
    [{ kind: "redrive", lane: "nowhere" }, 400, "there is no lane, source or subscriber"],
    [{ kind: "resume", lane: "webhooks" }, 409, "is not paused"],
    [{ kind: "send", source: "github" }, 409, "sends webhooks only to what npm start runs"],
    [{ kind: "forget", ids: ["orders/o-1"] }, 400, "the request is not understood: kind"],
    [{ kind: "pause", lane: "webhooks", force: true }, 400, "the request is not understood"],
  ])("%j is refused before there is a plan", async (action, status, message) => {
    const refused = await planned(action);
    expect([refused.status, refused.content.error.message]).toEqual([
      status,
      expect.stringContaining(message),
    ]);
  });

  it("does nothing for what cannot be replayed", async () => {
    await fetch(pipeline.endpoints.private ?? "", {
      method: "POST",
      body: '{"id":"p-1"}',
      headers: { "content-type": "application/json" },
    });
    await eventually("the webhook", async () =>
      (await pipeline.history()).find(({ webhookId }) => webhookId === "private/p-1"),
    );
    const { content: plan } = await planned({ kind: "replay", ids: ["private/p-1"] });
    expect(plan).toMatchObject({ count: 1, ready: 0 });
    const end = await ended((await confirm(plan.planId)).content.actionId);
    expect(end).toMatchObject({
      state: "failed",
      problem: { message: expect.stringContaining("nothing was") },
    });
  });
});
