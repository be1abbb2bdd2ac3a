import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { addedHeaders, type IngestApi, serveIngestApi } from "../support/ingest-api.js";
import { assertProperty, propertyTimeoutMilliseconds } from "../support/properties.js";

vi.setConfig({ testTimeout: propertyTimeoutMilliseconds });

/** Turns after which API Gateway ends a template's loop (AWS fact 1.26). */
const mostTurns = 1_000;

/** Names that are special to a language or a map, and encodings that are none. */
const oddParameter = fc.constantFrom(
  "",
  "=",
  "=x",
  "a",
  "a=",
  "a=1&a=2",
  "__proto__=x",
  "constructor=x",
  "toString",
  "hasOwnProperty=1",
  "size=1",
  "get=1",
  "keySet",
  "%",
  "%E9=%FF",
  "%ED%A0%80=%ED%A0%80",
  "%00=%00",
  "+=+",
  "%5D%7D%0A=%22%5D%7D%0A",
  "$foreach=#end",
);
const oddHeader = fc.constantFrom<[string, string]>(
  ["x-a", ""],
  ["X-A", "1"],
  ["x-a", ",]}"],
  ["__proto__", "x"],
  ["constructor", "x"],
  ["toString", ""],
  ["size", "1"],
  ["x-latin-1", "\u00e9\u00ff"],
  ["x-utf-8", Buffer.from("é😀").toString("latin1")],
);

/** Numbers below, at and above the limit, as often as others. */
const count = fc.oneof(
  fc.constantFrom(0, 1, mostTurns - 1, mostTurns, mostTurns + 1),
  fc.nat({ max: mostTurns + 400 }),
);

const parameters = (length: number) => Array.from({ length }, (_, index) => `${index.toString(36)}=`);
/** With values as long as their 10,240 bytes allow. */
const headers = (length: number) =>
  Array.from({ length }, (_, index) => [`h${index.toString(36)}`, "x"]).flat();

describe.each([
  { bodyMode: "bytes", fifo: false },
  { bodyMode: "text", fifo: true },
] as const)("in the body mode $bodyMode, FIFO $fifo", ({ bodyMode, fifo }) => {
  let api: IngestApi;
  beforeAll(async () => {
    api = await serveIngestApi({
      bodyMode,
      fifo,
      throttling: { requestsPerSecond: 10_000, burst: 5_000 },
    });
  });
  afterAll(() => api.close());

  const envelopeOf = async (query: string, sent: readonly string[], body = "x") => {
    api.clear();
    const answer = await api.send(`/v1/webhooks/github${query}`, {
      headers: ["content-type", "text/plain", ...sent],
      body,
    });
    expect(answer.status).toBe(200);
    return api.sent().envelope;
  };

  it.each([mostTurns - 1, mostTurns, mostTurns + 1, 1_900])(
    "reads a message of %d query parameters",
    async (length) => {
      const { query, body } = await envelopeOf(`?${parameters(length).join("&")}`, []);

      expect(query.length).toBe(Math.min(length, mostTurns));
      expect(body.toString()).toBe("x");
    },
  );

  it.each([mostTurns - 1, mostTurns, mostTurns + 1, 1_900])(
    "reads a message of %d headers",
    async (length) => {
      const { headers: read, body } = await envelopeOf("", headers(length));

      const added = addedHeaders.length + "content-type".split(",").length;
      expect(read.length).toBe(Math.min(length + added, mostTurns));
      expect(body.toString()).toBe("x");
    },
  );

  it("reads each message that it answers with 200, whatever was sent and however much of it", async () => {
    await assertProperty(
      fc.asyncProperty(
        count,
        fc.array(oddParameter, { maxLength: 6 }),
        count,
        fc.array(oddHeader, { maxLength: 6 }),
        fc.constantFrom("", "{}", "x", "}\n"),
        async (plainParameters, oddParameters, plainHeaders, oddHeaders, body) => {
          const search = [...oddParameters, ...parameters(plainParameters)].join("&");
          const sent = [...oddHeaders.flat(), ...headers(plainHeaders)];
          const envelope = await envelopeOf(`?${search}`, sent, body);

          expect(envelope.source).toBe("github");
          expect(envelope.body.toString()).toBe(bodyMode === "text" && body === "" ? "{}" : body);
        },
      ),
      60,
    );
  });
});
