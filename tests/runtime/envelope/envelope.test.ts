import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  decodeEnvelope,
  type Envelope,
  EnvelopeError,
  EnvelopeVersionError,
  encodeEnvelope,
  envelopeFields,
} from "../../../runtime/envelope/envelope.js";

const base64 = (text: string) => Buffer.from(text).toString("base64");

/** Metadata as the request template writes it, with changes; undefined takes a field out. */
function message(changes: Record<string, unknown> = {}, body = base64("hello")): string {
  const metadata = {
    v: 1,
    s: "github",
    b: "bytes",
    id: base64("JKJaXFPLrQHFoBA="),
    t: 1_767_225_600_000,
    ip: base64("140.82.115.1"),
    m: base64("POST"),
    p: base64("/live/webhooks/github"),
    h: [[base64("X-GitHub-Event"), base64("push")]],
    q: [[base64("tenant"), base64("7")]],
    ...changes,
  };
  return `${JSON.stringify(metadata)}\n${body}`;
}

const text = fc.string({ unit: "grapheme" });
const pairs = fc.array(fc.tuple(text, text), { maxLength: 5 });
const envelopes: fc.Arbitrary<Envelope> = fc
  .record(
    {
      source: fc.stringMatching(/^[a-z0-9-]{1,64}$/),
      bodyEncoding: fc.constantFrom("bytes" as const, "text" as const),
      requestId: text,
      receivedAt: fc.integer({ min: 1, max: 8.64e15 }),
      sourceIp: text,
      method: text,
      path: text,
      headers: pairs,
      query: pairs,
      replayId: text,
      body: fc.uint8Array({ maxLength: 400 }).map((bytes) => Buffer.from(bytes)),
    },
    {
      requiredKeys: [
        "source",
        "bodyEncoding",
        "requestId",
        "receivedAt",
        "sourceIp",
        "method",
        "path",
        "headers",
        "query",
        "body",
      ],
    },
  )
  .map((envelope) => envelope as Envelope);

describe("decodeEnvelope", () => {
  it("reads what the request template writes", () => {
    expect(decodeEnvelope(message())).toEqual({
      source: "github",
      bodyEncoding: "bytes",
      requestId: "JKJaXFPLrQHFoBA=",
      receivedAt: 1_767_225_600_000,
      sourceIp: "140.82.115.1",
      method: "POST",
      path: "/live/webhooks/github",
      headers: [["X-GitHub-Event", "push"]],
      query: [["tenant", "7"]],
      body: Buffer.from("hello"),
    });
  });

  it("gives back every envelope bit for bit", () => {
    fc.assert(
      fc.property(envelopes, (envelope) => {
        expect(decodeEnvelope(encodeEnvelope(envelope))).toEqual(envelope);
      }),
    );
  });

  it("writes the metadata in the order that the field list states", () => {
    fc.assert(
      fc.property(envelopes, (envelope) => {
        const [line = ""] = encodeEnvelope(envelope).split("\n");
        const written = Object.keys(JSON.parse(line));
        expect(written).toEqual(Object.values(envelopeFields).filter((field) => written.includes(field)));
      }),
    );
  });

  it("keeps header values that look like metadata", () => {
    const headers = [["X-Evil", '"}\n{"v":1,"s":"other"}']] as const;
    const envelope = { ...decodeEnvelope(message()), headers };
    expect(decodeEnvelope(encodeEnvelope(envelope)).headers).toEqual(headers);
  });

  it.each(["{}", ""])("takes %j in byte mode as an empty body", (body) => {
    expect(decodeEnvelope(message({}, body)).body).toHaveLength(0);
  });

  it("does not take {} for an empty body in text mode", () => {
    expect(() => decodeEnvelope(message({ b: "text" }, "{}"))).toThrow("the body is not base64");
    expect(decodeEnvelope(message({ b: "text" }, base64("{}"))).body.toString()).toBe("{}");
  });

  it("reads metadata and text bodies whose base64 was broken into lines", () => {
    const longValue = "x".repeat(200);
    const wrapped = base64(longValue).replace(/.{76}/g, "$&\r\n");
    const raw = message({ b: "text", h: [[base64("X-Long"), "LONG"]] }, wrapped).replace("LONG", wrapped);
    expect(decodeEnvelope(raw)).toMatchObject({
      headers: [["X-Long", longValue]],
      body: Buffer.from(longValue),
    });
  });

  it("reads a list that an earlier template broke off behind a comma", () => {
    const pair = `["${base64("a")}","${base64(",]")}"]`;
    const raw = message({ h: [], q: "LIST" }).replace('"LIST"', `[${pair},]`);

    expect(decodeEnvelope(raw).query).toEqual([["a", ",]"]]);
  });

  it("reads text that is not UTF-8 as Latin-1, HTTP's own encoding", () => {
    expect(decodeEnvelope(message({ h: [[base64("X-Name"), "6Q=="]] })).headers).toEqual([["X-Name", "é"]]);
  });

  it.each([
    ["another version", { v: 2 }],
    ["a field that is not known", { x: 1 }],
  ])("tells %s, which another deployment reads, from a message that nobody can read", (_, fields) => {
    expect(() => decodeEnvelope(message(fields))).toThrow(EnvelopeVersionError);
    expect(() => decodeEnvelope("hello")).not.toThrow(EnvelopeVersionError);
  });

  it.each<[string, string, RegExp]>([
    ["an empty message", "", /no line of metadata/],
    ["a plain text", "hello", /no line of metadata/],
    ["metadata without a body's line", message().split("\n")[0] ?? "", /no line of metadata/],
    ["metadata that is not JSON", "{v:1}\n", /metadata is not JSON/],
    ["metadata that is no object", '["a"}\n', /metadata is not JSON/],
    ["two objects", `{}${message()}`, /metadata is not JSON/],
    ["another version", message({ v: 2 }), /version \(v\) is not 1/],
    ["a version as text", message({ v: "1" }), /version \(v\) is not 1/],
    ["no version", message({ v: undefined }), /version \(v\) is not 1/],
    ["a field that is not known", message({ x: 1 }), /a field that version 1 does not have/],
    ["no source", message({ s: undefined }), /source's name \(s\)/],
    ["a source with capitals", message({ s: "GitHub" }), /source's name \(s\)/],
    ["a source that is too long", message({ s: "a".repeat(65) }), /source's name \(s\)/],
    ["no body encoding", message({ b: undefined }), /body's encoding \(b\)/],
    ["another body encoding", message({ b: "hex" }), /body's encoding \(b\)/],
    ["a time as text", message({ t: "1" }), /receive time \(t\)/],
    ["a time with a fraction", message({ t: 1.5 }), /receive time \(t\)/],
    ["time zero", message({ t: 0 }), /receive time \(t\)/],
    ["a time no date can hold", message({ t: 9e15 }), /receive time \(t\)/],
    ["no request id", message({ id: undefined }), /field id is missing/],
    ["a plain address", message({ ip: "140.82.115.1" }), /field ip is not base64/],
    ["base64 without its padding", message({ m: "UE9TVA" }), /field m is not base64/],
    ["url-safe base64", message({ p: "_-8=" }), /field p is not base64/],
    ["no headers", message({ h: undefined }), /field h is missing/],
    ["headers as an object", message({ h: {} }), /no line of metadata|metadata is not JSON|field h/],
    ["a header without a value", message({ h: [[base64("X-A")]] }), /not \[name, value\]/],
    ["a header with two values", message({ h: [["", "", ""]] }), /not \[name, value\]/],
    ["a header that is no pair", message({ h: ["X-A"] }), /not \[name, value\]/],
    ["a header with a number", message({ h: [["", 1]] }), /field h is missing or not a string/],
    ["no query", message({ q: undefined }), /field q is missing/],
    ["a replay id that is not base64", message({ r: "?" }), /field r is not base64/],
    ["a body that is text", message({}, '{"a":1}'), /body is not base64/],
    ["a body with a line break", message({}, `${base64("hello")}\n`), /body is not base64/],
    ["a body with stray bits", message({}, "aGVsbG9="), /body is not base64/],
  ])("refuses %s", (_, raw, reason) => {
    expect(() => decodeEnvelope(raw)).toThrow(EnvelopeError);
    expect(() => decodeEnvelope(raw)).toThrow(reason);
  });

  it("answers any text with an envelope or an EnvelopeError, and repeats no content in it", () => {
    const damaged = fc
      .tuple(envelopes, fc.nat(), fc.string({ minLength: 1, maxLength: 3 }))
      .map(([envelope, at, insertion]) => {
        const intact = encodeEnvelope(envelope);
        const position = at % intact.length;
        return intact.slice(0, position) + insertion + intact.slice(position + 1);
      });
    fc.assert(
      fc.property(fc.oneof(fc.string(), damaged), (raw) => {
        try {
          decodeEnvelope(raw);
        } catch (error) {
          expect(error).toBeInstanceOf(EnvelopeError);
          expect((error as Error).message).toMatch(/^[a-zA-Z0-9 ()'"[\],:-]+$/);
        }
      }),
      { numRuns: 500 },
    );
  });
});
