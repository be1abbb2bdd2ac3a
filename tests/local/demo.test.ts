import { afterEach, describe, expect, it, vi } from "vitest";
import { demo } from "../../local/demo/demo.js";
import { judge } from "../../local/demo/promises.js";
import type { Aftermath, Sent } from "../../local/demo/run.js";
import type { LocalPipeline } from "../../local/pipeline.js";
import type { HistoryItem } from "../../runtime/history/item.js";
import { packPayload } from "../../runtime/payload/payload.js";
import { envelopeOf } from "../support/sqs-events.js";

const run = vi.hoisted(() => ({
  pipeline: undefined as unknown,
  aftermath: undefined as unknown,
  stopped: 0,
}));
vi.mock("../../local/pipeline.js", () => ({ startPipeline: async () => run.pipeline }));
vi.mock("../../local/demo/deliveries.js", () => ({ deliveries: async () => [] }));
vi.mock("../../local/demo/run.js", async (original) => ({
  ...(await original<typeof import("../../local/demo/run.js")>()),
  send: async () => [],
  settle: async () => run.aftermath,
}));

/** A run in which every promise held: one webhook handled, one refused, one dead letter, one with three subscribers. */
async function goodRun() {
  const body = Buffer.from('{"order":1}');
  const stored = envelopeOf({ source: "github", headers: [["X-Event", "ping"]], body });
  const item = {
    webhookId: "github/1",
    source: "github",
    requestId: "request-1",
    status: "processed",
    attempts: 1,
    payload: (await packPayload(stored)).bytes,
  } as unknown as HistoryItem;
  const delivery = (group: string, changes: Partial<Sent>): Sent => ({
    group,
    source: "github",
    headers: { "x-event": "ping" },
    body,
    times: 1,
    expected: { status: 200, end: "processed" },
    answers: [{ status: 200, id: "request-1" }],
    ...changes,
  });
  const sent = [
    delivery("good", {}),
    delivery("unknown", {
      expected: { status: 404, end: "refused" },
      answers: [{ status: 404, id: "request-2" }],
    }),
    delivery("three subscribers", {
      source: "shop",
      expected: { status: 200, end: "distributed" },
      answers: [{ status: 200, id: "request-4" }],
    }),
    delivery("poison", {
      expected: { status: 200, end: "dead-letter" },
      answers: [{ status: 200, id: "request-3" }],
    }),
  ];
  const bySubscriber = (name: string) =>
    ({
      ...item,
      webhookId: `shop.${name}/1`,
      source: `shop.${name}`,
      eventId: "1",
      requestId: "request-4",
      payload: undefined,
      payloadOf: "shop/1",
    }) as unknown as HistoryItem;
  const items = [
    item,
    {
      ...item,
      webhookId: "shop/1",
      source: "shop",
      eventId: "1",
      requestId: "request-4",
      status: "distributed",
    },
    bySubscriber("billing"),
    bySubscriber("lake"),
  ] as HistoryItem[];
  const aftermath: Aftermath = {
    sent,
    items,
    deadLetters: ["request-3"],
    subscribersDeadLetters: [{ lane: "webhooks-shop_to_crm", webhookId: "shop.crm/1" }],
    settled: true,
  };
  const pipeline = {
    url: "http://127.0.0.1:1",
    logs: ["github/1", "shop.billing/1", "shop.lake/1"].map((id) => ({
      at: new Date(),
      from: "processor",
      line: JSON.stringify({ demo_completed: id }),
    })),
    inbox: [
      { subject: 'ALARM: "webhooks-dead-letters-1a2b3c4" in us-east-1', subscribers: ["email a@b.example"] },
    ],
    calls: [{ allowed: true, action: "sqs:SendMessage", resource: "queue" }],
    problems: [],
    secrets: { values: { github: "s3cr3t" } },
    alarms: { actions: [] },
    stop: async () => {
      run.stopped += 1;
    },
  } as unknown as LocalPipeline;
  return { pipeline, aftermath, sent, item };
}
type Run = Awaited<ReturnType<typeof goodRun>>;

const replace = <T>(list: readonly T[], index: number, changes: Partial<T>) =>
  list.map((each, at) => (at === index ? { ...each, ...changes } : each));
const withSent = ({ pipeline, aftermath, sent }: Run, index: number, changes: Partial<Sent>): Run => ({
  pipeline,
  sent,
  item: aftermath.items[0] as HistoryItem,
  aftermath: { ...aftermath, sent: replace(sent, index, changes) },
});
const withItem = (good: Run, changes: Partial<HistoryItem>): Run => ({
  ...good,
  aftermath: { ...good.aftermath, items: [{ ...good.item, ...changes }, ...good.aftermath.items.slice(1)] },
});
const withDeadLetters = (
  good: Run,
  ...subscribersDeadLetters: { lane: string; webhookId: string }[]
): Run => ({
  ...good,
  aftermath: { ...good.aftermath, subscribersDeadLetters },
});
const withPipeline = (good: Run, changes: object): Run => ({
  ...good,
  pipeline: { ...good.pipeline, ...changes } as LocalPipeline,
});

const broken = async ({ pipeline, aftermath }: Run) =>
  (await judge(pipeline, aftermath)).filter((verdict) => verdict.broken.length > 0);

describe("the demo's judges", () => {
  it("find nothing in a run in which every promise held", async () => {
    expect(await broken(await goodRun())).toEqual([]);
  });

  const line = (text: string) => [{ at: new Date(), from: "processor", line: text }];
  it.each<[string, string, (good: Run) => Run | Promise<Run>]>([
    [
      "Every answer",
      "a wrong status",
      (good) => withSent(good, 1, { answers: [{ status: 403, id: undefined }] }),
    ],
    [
      "2xx means queued",
      "a webhook that was answered 200 and is nowhere",
      (good) => ({ ...good, aftermath: { ...good.aftermath, deadLetters: [] } }),
    ],
    [
      "2xx means queued",
      "a refused webhook in the pipeline",
      (good) => ({ ...good, aftermath: { ...good.aftermath, deadLetters: ["request-3", "request-2"] } }),
    ],
    ["Every byte arrives", "another body", (good) => withSent(good, 0, { body: Buffer.from('{"order":2}') })],
    [
      "Every byte arrives",
      "a header that changed",
      (good) => withSent(good, 0, { headers: { "X-Event": "pong" } }),
    ],
    [
      "Every byte arrives",
      "a payload that is not there",
      (good) => {
        const { payload: _, ...rest } = good.item;
        return { ...good, aftermath: { ...good.aftermath, items: [rest, ...good.aftermath.items.slice(1)] } };
      },
    ],
    [
      "Once",
      "a handler that completed twice",
      (good) => withPipeline(good, { logs: [...good.pipeline.logs, ...good.pipeline.logs] }),
    ],
    ["Once", "a handler that never completed", (good) => withPipeline(good, { logs: [] })],
    ["Nothing is lost", "a webhook with another end", (good) => withItem(good, { status: "invalid" })],
    ["One bad webhook", "a second attempt", (good) => withItem(good, { attempts: 2 })],
    [
      "Each subscriber",
      "a subscriber that has a webhook twice",
      (good) =>
        withPipeline(good, { logs: [...good.pipeline.logs, ...line('{"demo_completed":"shop.lake/1"}')] }),
    ],
    [
      "Each subscriber",
      "a subscriber that never got it",
      (good) => ({ ...good, aftermath: { ...good.aftermath, items: good.aftermath.items.slice(0, -1) } }),
    ],
    [
      "Each subscriber",
      "a subscriber that was held up",
      (good) => ({
        ...good,
        aftermath: { ...good.aftermath, items: replace(good.aftermath.items, 3, { attempts: 2 }) },
      }),
    ],
    ["Each subscriber", "a dead letter that is nowhere", (good) => withDeadLetters(good)],
    [
      "Each subscriber",
      "a dead letter in another's queue",
      (good) => withDeadLetters(good, { lane: "webhooks-shop_to_lake", webhookId: "shop.crm/1" }),
    ],
    [
      "An alarm reports",
      "an alarm that reached nobody",
      (good) => withPipeline(good, { inbox: [{ ...good.pipeline.inbox[0], subscribers: [] }] }),
    ],
    [
      "An alarm reports",
      "another alarm only",
      (good) =>
        withPipeline(good, { inbox: [{ subject: 'ALARM: "webhooks-oldest-message"', subscribers: ["a"] }] }),
    ],
    [
      "Least privilege",
      "a denied call",
      (good) => withPipeline(good, { calls: [{ allowed: false, action: "a", resource: "b" }] }),
    ],
    ["Least privilege", "a problem", (good) => withPipeline(good, { problems: ["logs are lost"] })],
    [
      "No secret",
      "a secret in a log line",
      (good) => withPipeline(good, { logs: [...good.pipeline.logs, ...line("key s3cr3t")] }),
    ],
    [
      "No secret",
      "a secret in the history",
      async (good) => {
        const stored = envelopeOf({
          headers: [
            ["X-Event", "ping"],
            ["Authorization", "s3cr3t"],
          ],
          body: Buffer.from('{"order":1}'),
        });
        return withItem(good, { payload: (await packPayload(stored)).bytes });
      },
    ],
  ])("see %s broken by %s", async (promise, _, breaking) => {
    const found = await broken(await breaking(await goodRun()));
    expect(found.map((verdict) => verdict.promise)).toContainEqual(expect.stringMatching(`^${promise}`));
  });
});

describe("npm run demo", () => {
  afterEach(() => {
    run.stopped = 0;
  });

  async function ended({ pipeline, aftermath }: Run) {
    Object.assign(run, { pipeline, aftermath });
    const printed: string[] = [];
    const code = await demo((text) => printed.push(text));
    for (const signal of ["SIGHUP", "SIGINT", "SIGTERM"]) process.removeAllListeners(signal);
    return { code, last: printed.at(-1), text: printed.join("\n") };
  }

  it("ends with 0 and says so when every promise held", async () => {
    expect(await ended(await goodRun())).toMatchObject({ code: 0, last: "every promise held" });
    expect(run.stopped).toBe(1);
  });

  it("tells what each subscriber made of what was distributed", async () => {
    const { text } = await ended(await goodRun());
    expect(text).toMatch(/^ {2}distributed to subscriber billing +1 +1 × processed$/m);
    expect(text).toMatch(/^ {2}distributed to subscriber crm +1 +1 × in its dead-letter queue$/m);
  });

  it("ends with 1 and names the broken promise", async () => {
    const { code, last, text } = await ended(withItem(await goodRun(), { attempts: 2 }));
    expect([code, last]).toEqual([1, "1 of 10 promises were broken"]);
    expect(text).toContain("BROKEN  One bad webhook does not hold up the others");
    expect(text).toContain("github/1 took 2 attempts");
    expect(run.stopped).toBe(1);
  });

  it("ends with 1 when not everything ended in time, whatever else holds", async () => {
    const good = await goodRun();
    const late = { ...good, aftermath: { ...good.aftermath, settled: false } };
    expect(await ended(late)).toMatchObject({ code: 1, last: "not every webhook ended in time" });
  });
});
