import { sendRequest } from "local-aws";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type LocalPipeline, startPipeline } from "../../local/pipeline.js";
import type { IngestSource } from "../../settings/ingest-source.js";
import { type IngestApi, serveIngestApi } from "../support/ingest-api.js";
import { endOf, idIn, messagesTaken } from "../support/ingest-pipeline.js";

const sources: IngestSource[] = [
  { name: "by-header", orderBy: "header:X-Order-Id", deduplicateBy: "header:X-Event-Id" },
  { name: "by-path", orderBy: "json:order.id", deduplicateBy: "json:event" },
  { name: "constant", orderBy: "constant:all", deduplicateBy: "constant:same" },
  { name: "combined", orderBy: "query:shop", deduplicateBy: ["header:X-Topic", "json:id", "query:shop"] },
  { name: "plain" },
];

describe.each(["bytes", "text"] as const)(
  "the ids of messages on a FIFO queue, in the body mode %s",
  (bodyMode) => {
    let api: IngestApi;
    beforeAll(async () => {
      api = await serveIngestApi({ bodyMode, fifo: true, sources });
    });
    afterAll(() => api.close());

    /** Group and deduplication id of a webhook, checked as SQS checks them. */
    const idsOf = async (source: string, body: string, headers: readonly string[] = []) => {
      api.clear();
      expect((await api.send(`/v1/webhooks/${source}`, { body, headers })).status).toBe(200);
      const { groupId = "", deduplicationId = "", parameters, envelope } = api.sent();
      expect(parameters).toEqual([
        "Action",
        "Version",
        "MessageGroupId",
        "MessageDeduplicationId",
        "MessageBody",
      ]);
      for (const id of [groupId, deduplicationId]) expect(id).toMatch(/^[!-~]{1,128}$/);
      expect(envelope.body.toString()).toBe(body);
      return { group: groupId, event: deduplicationId };
    };
    const json = (order: unknown, event: unknown) => JSON.stringify({ order: { id: order }, event });

    it("come from a header, whatever its case", async () => {
      const one = await idsOf("by-header", "x", ["X-Order-Id", "7", "X-Event-Id", "e1"]);
      const again = await idsOf("by-header", "x", ["x-order-id", "7", "x-event-id", "e1"]);
      const other = await idsOf("by-header", "x", ["X-ORDER-ID", "8", "X-EVENT-ID", "e2"]);

      expect(again).toEqual(one);
      expect(one.group).toBe(`by-header:${Buffer.from("7").toString("base64")}`);
      expect([other.group === one.group, other.event === one.event]).toEqual([false, false]);
    });

    it("come from a path in a JSON body, white space before it or not", async () => {
      const one = await idsOf("by-path", json("7", "e1"));
      const other = await idsOf("by-path", json("8", "e2"));
      const indented = await idsOf("by-path", ` \r\n\t${json("7", "e1")}`);

      expect(one.group).toBe(`by-path:${Buffer.from("7").toString("base64")}`);
      expect(indented.group).toBe(one.group);
      expect([other.group === one.group, other.event === one.event]).toEqual([false, false]);
    });

    it("tell a number, a truth value and a list apart", async () => {
      const groups = new Set<string>();
      for (const value of [7, 7.5, 12345678901234567890n, true, [1], { a: 1 }]) {
        const written = typeof value === "bigint" ? `{"order":{"id":${value}}}` : json(value, "e");
        groups.add((await idsOf("by-path", written)).group);
      }

      expect(groups.size).toBe(6);
    });

    it("are the same for all with a constant, as long as the body is the same", async () => {
      const one = await idsOf("constant", "one");

      expect(one.group).toBe(`constant:${Buffer.from("all").toString("base64")}`);
      expect(await idsOf("constant", "one")).toEqual(one);
      expect((await idsOf("constant", "two")).group).toBe(one.group);
      expect((await idsOf("constant", "two")).event).not.toBe(one.event);
    });

    it("come from several values together, whichever of them differs, and however they are cut", async () => {
      const event = async (topic: string, id: string, shop: string) =>
        (await idsOf(`combined?shop=${shop}`, JSON.stringify({ id }), ["x-topic", topic])).event;
      const one = await event("product.deleted", "12", "a");

      expect(await event("product.deleted", "12", "a")).toBe(one);
      const others = [
        await event("customer.deleted", "12", "a"),
        await event("product.deleted", "12", "b"),
        await event("product.delete", "d12", "a"),
      ];
      expect(new Set([one, ...others]).size).toBe(4);
      const [without, again] = [
        await idsOf("combined", '{"id":"12"}'),
        await idsOf("combined", '{"id":"12"}'),
      ];
      expect(without.event).not.toBe(again.event);
      expect((await idsOf("combined?shop=a", "{}")).group).toBe(
        `combined:${Buffer.from("a").toString("base64")}`,
      );
    });

    it("never take an empty body for a repetition by a constant", async () => {
      const event = async () => {
        api.clear();
        expect((await api.send("/v1/webhooks/constant", { body: "" })).status).toBe(200);
        return api.sent().deduplicationId;
      };
      const one = await event();

      expect(one).toBeDefined();
      expect(await event()).not.toBe(one);
    });

    it.each([
      ["no header", "by-header", "x", []],
      ["empty headers", "by-header", "x", ["X-Order-Id", "", "X-Event-Id", ""]],
      ["a body that is no JSON", "by-path", "order=7&event=e1", []],
      ["JSON that is a list", "by-path", '[{"event":"e1"}]', []],
      ["JSON without the path", "by-path", '{"order":7,"events":"e1"}', []],
      ["a list where the path goes on", "by-path", '{"order":[7],"event":null}', []],
      ["null", "by-path", json(null, null), []],
      ["an empty text", "by-path", json("", ""), []],
      ["a byte order mark in front", "by-path", `\ufeff${json("7", "e1")}`, []],
      ["no expression", "plain", "x", []],
    ] as const)(
      "fall back on the whole source and on the request itself with %s",
      async (_, source, body, headers) => {
        const [one, again] = [await idsOf(source, body, headers), await idsOf(source, body, headers)];

        expect(one.group).toBe(`${source}:`);
        expect(again.group).toBe(one.group);
        expect(again.event).not.toBe(one.event);
      },
    );

    it("keep a webhook from being dropped for one with the same id and other content", async () => {
      // Whoever can guess an id could otherwise send a forged webhook first and have the genuine one dropped.
      const forged = await idsOf("by-path", json("7", "e1"));
      const genuine = await idsOf("by-path", json("7", "e1").replace("}", ',"paid":true}'));
      const [short, long] = [
        await idsOf("by-header", "x", ["X-Event-Id", "e1"]),
        await idsOf("by-header", "xx", ["X-Event-Id", "e1"]),
      ];

      expect(genuine.group).toBe(forged.group);
      expect(genuine.event).not.toBe(forged.event);
      expect(long.event).not.toBe(short.event);
    });

    it.each([
      '"},{"#end$util.urlEncode($input.body)',
      "a b&MessageGroupId=x&Action=PurgeQueue",
      "%26DelaySeconds%3D900",
      "$group#set($deduplication = 1)",
      "é\u00ff'\\",
    ])("hold any value: %s", async (value) => {
      const fromHeader = await idsOf("by-header", "x", ["X-Order-Id", value, "X-Event-Id", value]);
      const fromPath = await idsOf("by-path", json(value, value));

      const encoded = Buffer.from(value).toString("base64");
      expect(fromHeader.group).toBe(`by-header:${encoded}`);
      expect(fromPath.group).toBe(`by-path:${encoded}`);
    });

    it("keep values of 10 KB apart that differ only in the middle", async () => {
      const half = "x".repeat(5_000);
      const ids = async (middle: string) => {
        const value = `${half}${middle}${half}`;
        const { group, event } = await idsOf("by-path", json(value, value));
        return [group, event];
      };
      const [one, again, other, shorter] = [await ids("1"), await ids("1"), await ids("2"), await ids("")];

      expect(again).toEqual(one);
      for (const each of [other, shorter]) {
        expect(each?.[0]).not.toBe(one?.[0]);
        expect(each?.[1]).not.toBe(one?.[1]);
      }
    });

    it("hold a header of 9 KB", async () => {
      const value = (middle: string) => `${"y".repeat(4_500)}${middle}${"y".repeat(4_500)}`;
      const groups = new Set<string>();
      for (const middle of ["1", "2", "12"])
        groups.add((await idsOf("by-header", "x", ["X-Order-Id", value(middle)])).group);

      expect(groups.size).toBe(3);
    });

    it("of two sources are never the same", async () => {
      const [one, other] = [await idsOf("plain", "x"), await idsOf("by-header", "x")];

      expect(one.group).not.toBe(other.group);
    });

    it("are not made up for JSON that breaks off: it is refused, and not queued", async () => {
      api.clear();
      const answer = await api.send("/v1/webhooks/by-path", { body: '{"order":' });

      expect(answer.status).toBe(500);
      expect(JSON.parse(answer.body)).toEqual({ message: "Internal server error", id: idIn(answer) });
      expect(api.service.requests).toEqual([]);
    });
  },
);

describe("a pipeline with FIFO queues", () => {
  let pipeline: LocalPipeline;
  beforeAll(async () => {
    const none = { signature: { scheme: "none" }, eventId: ["request-id"] };
    pipeline = await startPipeline({
      stack: "dev",
      overrides: {
        "webhook-pipeline:queue": { type: "fifo" },
        "webhook-pipeline:sources": [
          { name: "orders", ...none, orderBy: "json:order", deduplicateBy: "header:x-event" },
        ],
      },
    });
  });
  afterAll(() => pipeline?.stop());

  const post = async (order: string, step: number, event: string) => {
    const body = JSON.stringify({ order, step });
    const headers = ["X-Event", event];
    const answer = await sendRequest(pipeline.endpoints.orders ?? "", { body, headers });
    expect(answer.status).toBe(200);
    return idIn(answer);
  };

  it("keeps each group's order to the end", async () => {
    const sent: Record<string, string[]> = { a: [], b: [], c: [] };
    for (let step = 0; step < 8; step++) {
      for (const [order, ids] of Object.entries(sent)) ids.push(await post(order, step, `${order}-${step}`));
    }
    for (const ids of Object.values(sent)) {
      const ended = await Promise.all(ids.map(async (id) => (await endOf(pipeline, id)).finishedAt ?? 0));
      expect(ended).toEqual(ended.toSorted((one, other) => one - other));
      expect(ended[0]).toBeGreaterThan(0);
    }
  });

  it("takes a repetition once, and tells its sender the same as before", async () => {
    const before = messagesTaken(pipeline);
    const ids = [await post("d", 1, "d-1"), await post("d", 1, "d-1"), await post("d", 2, "d-1")];

    // Another content under the same id is another webhook: SQS does not drop it.
    expect(messagesTaken(pipeline) - before).toBe(2);
    await endOf(pipeline, ids[0] ?? "");
    await endOf(pipeline, ids[2] ?? "");
  });
});
