import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { addedHeaders, type IngestApi, type SentMessage, serveIngestApi } from "../support/ingest-api.js";
import { assertProperty, propertyTimeoutMilliseconds } from "../support/properties.js";

vi.setConfig({ testTimeout: propertyTimeoutMilliseconds });

/** So many cases fit into a second because SQS, which is not the point here, is left out. `FAST_CHECK_RUNS` makes more. */
const runs = 500;

/** The account's own limits: the stage's default would stop a run of thousands. */
const throttling = { requestsPerSecond: 10_000, burst: 5_000 };

const parametersOf = {
  standard: ["Action", "Version", "MessageGroupId", "MessageBody"],
  fifo: ["Action", "Version", "MessageGroupId", "MessageDeduplicationId", "MessageBody"],
};

const body = fc.oneof(
  fc.uint8Array({ maxLength: 4_000 }),
  fc.string({ unit: "binary", maxLength: 1_000 }).map((text) => Buffer.from(text)),
  fc.json().map((text) => Buffer.from(text)),
  fc
    .array(
      fc.constantFrom(
        ..."&=%+#$!{}()[]\"'\\\n\r\0 ",
        "&Action=PurgeQueue",
        "&MessageBody=x",
        "%0A}",
        "}\n",
        "#end",
        "#set($body = 1)",
        "$util.urlEncode($input.body)",
        // biome-ignore lint/suspicious/noTemplateCurlyInString: Velocity's
        "${context.path}",
        "{}",
      ),
      { maxLength: 12 },
    )
    .map((parts) => Buffer.from(parts.join(""))),
);

/** Names that HTTP itself, or API Gateway, treats in a way of its own (AWS facts 1.8a, 1.8b, 1.8f). */
const reserved = new Set(
  [
    "authorization connection content-length content-md5 content-type expect max-forwards proxy-authenticate server",
    "te trailer transfer-encoding upgrade www-authenticate x-api-key accept",
    ...addedHeaders,
  ].flatMap((names) => names.split(" ")),
);
const headerName = fc
  .stringMatching(/^[A-Za-z0-9!#$%&'*+.^_`|~-]{1,30}$/)
  .filter((name) => !reserved.has(name.toLowerCase()));

/** Every byte that a value may have; white space at its ends is HTTP's, not the value's. */
const headerValue = fc.oneof(
  fc
    .array(
      fc.integer({ min: 0x20, max: 0xff }).filter((code) => code !== 0x7f),
      { maxLength: 80 },
    )
    .map((codes) => String.fromCharCode(...codes).replace(/^ +| +$/g, "")),
  fc.constantFrom(
    '"},{"#end$util.urlEncode($input.body)',
    "&Action=PurgeQueue&QueueUrl=http://127.0.0.1/",
    "%26DelaySeconds%3D900",
    "#foreach($i in [1..1000])$i#end",
    "$!{context.identity.sourceIp}",
    "a\t}\tb",
  ),
);
const headers = fc.uniqueArray(fc.tuple(headerName, headerValue), {
  selector: ([name]) => name,
  maxLength: 12,
});

/** As a sender writes it, and what it says. A name twice is shown by its last value alone (AWS fact 1.8), so none is. */
const query = fc.uniqueArray(
  fc.tuple(fc.string({ unit: "grapheme", maxLength: 12 }), fc.string({ unit: "grapheme", maxLength: 40 })),
  { selector: ([name]) => name, maxLength: 6 },
);

const written = (pairs: readonly (readonly [string, string])[]) =>
  pairs.map(([name, value]) => `${encodeURIComponent(name)}=${encodeURIComponent(value)}`).join("&");

function sendersHeaders({ envelope }: SentMessage): Map<string, string> {
  const own = envelope.headers.filter(([name]) => !addedHeaders.includes(name.toLowerCase()));
  return new Map(own.filter(([name]) => name !== "content-type"));
}

describe.each(["bytes", "text"] as const)("in the body mode %s, whatever a sender writes", (bodyMode) => {
  let api: IngestApi;
  beforeAll(async () => {
    api = await serveIngestApi({ bodyMode, throttling });
  });
  afterAll(() => api.close());

  const taken = async (path: string, sent: readonly string[], content: Uint8Array) => {
    api.clear();
    const answer = await api.send(path, { headers: ["content-type", "text/plain", ...sent], body: content });
    expect(answer.status).toBe(200);
    const message = api.sent();
    expect(message.parameters).toEqual(parametersOf.standard);
    expect(message.form).toMatch(/^[\x21-\x7e]+$/);
    expect([message.operation, message.groupId]).toEqual(["SendMessage", "github"]);
    return message;
  };

  it("the body arrives as it was", async () => {
    await assertProperty(
      fc.asyncProperty(body, async (content) => {
        const { envelope } = await taken("/v1/webhooks/github", [], content);
        expect(envelope.body.equals(expectedBody(bodyMode, Buffer.from(content)))).toBe(true);
      }),
      runs,
    );
  });

  it("header names and values arrive as they were, and nothing becomes a parameter", async () => {
    await assertProperty(
      fc.asyncProperty(headers, async (sent) => {
        const message = await taken("/v1/webhooks/github", sent.flat(), Buffer.from("x"));
        expect(sendersHeaders(message)).toEqual(new Map(sent));
      }),
      runs,
    );
  });

  it("the query string arrives as it was, and nothing becomes a parameter", async () => {
    await assertProperty(
      fc.asyncProperty(query, async (pairs) => {
        const search = pairs.length === 0 ? "" : `?${written(pairs)}`;
        const { envelope } = await taken(`/v1/webhooks/github${search}`, [], Buffer.from("x"));
        expect(new Map(envelope.query)).toEqual(new Map(pairs));
      }),
      runs,
    );
  });
});

/** Text mode reads UTF-8, for good, and takes nothing for an empty object (AWS facts 1.1 and 1.20). */
function expectedBody(bodyMode: "bytes" | "text", content: Buffer): Buffer {
  if (bodyMode === "bytes") return content;
  return Buffer.from(content.length === 0 ? "{}" : content.toString("utf8"));
}

describe("on a FIFO queue, whatever a sender writes", () => {
  let api: IngestApi;
  beforeAll(async () => {
    api = await serveIngestApi({
      throttling,
      fifo: true,
      sources: [
        { name: "by-header", orderBy: "header:X-Order", deduplicateBy: "header:X-Event" },
        { name: "by-path", orderBy: "json:order.id", deduplicateBy: "json:event" },
      ],
    });
  });
  afterAll(() => api.close());

  const identifier = /^[!-~]{1,128}$/;
  const idsOf = async (source: string, sent: readonly string[], content: string) => {
    api.clear();
    const answer = await api.send(`/v1/webhooks/${source}`, { headers: sent, body: content });
    expect(answer.status).toBe(200);
    const message = api.sent();
    expect(message.parameters).toEqual(parametersOf.fifo);
    expect(message.groupId).toMatch(identifier);
    expect(message.deduplicationId).toMatch(identifier);
    return [message.groupId, message.deduplicationId] as const;
  };

  it("ids from headers are ones that SQS takes, and equal exactly for equal values", async () => {
    await assertProperty(
      fc.asyncProperty(headerValue, headerValue, headerValue, async (order, event, other) => {
        const first = await idsOf("by-header", ["x-order", order, "X-EVENT", event], "x");
        const again = await idsOf("by-header", ["X-Order", order, "x-event", event], "x");
        const third = await idsOf("by-header", ["X-Order", other, "x-event", other], "x");

        expect(again[0]).toBe(first[0]);
        expect(third[0] === first[0]).toBe(other === order);
        // Without a value nothing is a repetition.
        expect(again[1] === first[1]).toBe(event !== "");
        expect(third[1] === first[1]).toBe(other === event && event !== "");
      }),
      runs,
    );
  });

  it("ids from JSON are ones that SQS takes, and differ for different texts", async () => {
    const text = fc.string({ unit: "binary", maxLength: 300 });
    await assertProperty(
      fc.asyncProperty(text, text, async (one, other) => {
        const content = (order: string) => JSON.stringify({ order: { id: order }, event: "e" });
        const first = await idsOf("by-path", [], content(one));
        const second = await idsOf("by-path", [], content(other));
        expect(second[0] === first[0]).toBe(one === other);
      }),
      runs,
    );
  });

  it("any JSON at the path gives ids that SQS takes", async () => {
    await assertProperty(
      fc.asyncProperty(fc.jsonValue(), fc.jsonValue(), async (order, event) => {
        await idsOf("by-path", [], JSON.stringify({ order, event }));
      }),
      runs,
    );
  });
});
