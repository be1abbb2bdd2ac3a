// biome-ignore-all lint/suspicious/noTemplateCurlyInString: Velocity's references look like JavaScript's
import { createHmac } from "node:crypto";
import { brotliCompressSync, deflateSync, gzipSync } from "node:zlib";
import fc from "fast-check";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import {
  operation,
  type RunningGateway,
  readSendMessage,
  runGateway,
  sendMessageTemplate,
  serviceResponse,
  sqsIntegration,
} from "../../support/gateway.js";

/** What the gateway adds to the sender's headers; `Host` every HTTP/1.1 request has. */
const added = ["Host", "X-Amzn-Trace-Id", "X-Forwarded-For", "X-Forwarded-Port", "X-Forwarded-Proto"];

let running: RunningGateway;
beforeAll(async () => {
  running = await runGateway({ paths: { "/hooks/a": { post: operation(sqsIntegration()) } } });
});
afterAll(() => running.gateway.close());
beforeEach(() => {
  running.service.requests.length = 0;
  running.service.answer = () => Promise.resolve(serviceResponse(200, "{}"));
});

describe("the body reaches the queue's message byte for byte", () => {
  const bodies: [string, Buffer][] = [
    ["empty", Buffer.alloc(0)],
    ["of every byte value", Buffer.from(Array.from({ length: 256 }, (_, byte) => byte))],
    ["UTF-8 with a byte order mark, lone CR, NUL and trailing newline", Buffer.from("\ufeffé\r\0😀\n")],
    [
      "a form that tries to add parameters",
      Buffer.from("x&Action=PurgeQueue&QueueUrl=http://evil/&DelaySeconds=900"),
    ],
    ["template syntax", Buffer.from("#set($x = 1)#end $util.urlEncode($input.body) ${context.path}")],
    ["malformed JSON", Buffer.from('{"a":')],
    ["an empty object, which is not an empty body", Buffer.from("{}")],
  ];
  it.each(bodies)("%s", async (_, body) => {
    expect((await running.send("/v1/hooks/a", { body })).status).toBe(200);

    const message = readSendMessage(running.service.sent);
    expect(message.body).toEqual(body);
    expect(message.parameters.map(([name]) => name)).toEqual(["Action", "Version", "MessageBody"]);
    const signature = (bytes: Buffer) => createHmac("sha256", "secret").update(bytes).digest("hex");
    expect(signature(message.body)).toBe(signature(body));
  });

  it("whatever the body and the headers are, and the form has no other parameter", async () => {
    const token = fc.stringMatching(/^[A-Za-z0-9!#$%&'*+.^_`|~-]{1,30}$/);
    const reserved = new Set([
      ...["connection", "content-length", "content-md5", "content-type", "expect", "host", "max-forwards"],
      ...[
        "proxy-authenticate",
        "server",
        "te",
        "trailer",
        "transfer-encoding",
        "upgrade",
        "www-authenticate",
      ],
      ...["x-amzn-trace-id", "x-forwarded-for", "x-forwarded-port", "x-forwarded-proto", "authorization"],
    ]);
    const name = token.filter((text) => !reserved.has(text.toLowerCase()));
    // Every byte that HTTP allows in a value; white space at its ends belongs to HTTP, not to the value.
    const value = fc
      .array(
        fc.integer({ min: 0x20, max: 0xff }).filter((code) => code !== 0x7f),
        { maxLength: 60 },
      )
      .map((codes) => String.fromCharCode(...codes).replace(/^ +| +$/g, ""));
    const headers = fc.uniqueArray(fc.tuple(name, value), { selector: ([key]) => key, maxLength: 12 });

    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 3000 }), headers, async (body, sent) => {
        running.service.requests.length = 0;
        const fields = ["content-type", "text/plain", ...sent.flat()];
        expect((await running.send("/v1/hooks/a", { headers: fields, body })).status).toBe(200);

        const message = readSendMessage(running.service.sent);
        expect(message.parameters.map(([key]) => key)).toEqual(["Action", "Version", "MessageBody"]);
        expect(message.body).toEqual(Buffer.from(body));
        for (const own of added) message.headers.delete(own);
        expect(message.headers).toEqual(new Map([["content-type", "text/plain"], ...sent]));
      }),
      { numRuns: 150 },
    );
  });
});

describe("the headers in the message", () => {
  const send = async (...headers: string[]) => {
    expect((await running.send("/v1/hooks/a", { headers })).status).toBe(200);
    return readSendMessage(running.service.sent);
  };

  it("keep the sender's case", async () => {
    const { headers } = await send("tEsT-HEADeR", "1", "X-Hub-Signature-256", "sha256=00");

    expect([...headers.keys()]).toEqual(expect.arrayContaining(["tEsT-HEADeR", "X-Hub-Signature-256"]));
  });

  it.each(['"},{"x":"', "#end", "$util.urlEncode('x')", "é\u00ff", "a&Action=PurgeQueue", "%0A}"])(
    "may hold %j",
    async (value) => {
      expect((await send("X-Hostile", value)).headers.get("X-Hostile")).toBe(value);
    },
  );

  it("show the last of several values", async () => {
    expect((await send("X-Twice", "1", "X-Twice", "2")).headers.get("X-Twice")).toBe("2");
  });

  it("survive names that JavaScript's objects have themselves", async () => {
    const { headers } = await send("__proto__", "1", "constructor", "2", "toString", "3", "2", "4");

    expect([...headers].filter(([, value]) => value.length === 1)).toEqual([
      ["__proto__", "1"],
      ["constructor", "2"],
      ["toString", "3"],
      ["2", "4"],
    ]);
  });

  it("lack those that API Gateway keeps to itself", async () => {
    const { headers } = await send(
      ...["Connection", "close", "Content-MD5", "x", "Max-Forwards", "1", "Proxy-Authenticate", "x"],
      ...[
        "Server",
        "x",
        "TE",
        "trailers",
        "Trailer",
        "x",
        "Transfer-Encoding",
        "chunked",
        "WWW-Authenticate",
        "x",
        "Expect",
        "x",
      ],
      ...["Authorization", "AWS4-HMAC-SHA256 Credential=x"],
      ...[
        "Accept",
        "a/b",
        "Age",
        "1",
        "Content-Encoding",
        "identity",
        "Date",
        "x",
        "Pragma",
        "x",
        "Range",
        "x",
      ],
      ...["Referer", "x", "User-Agent", "x", "Via", "x", "Warn", "x"],
    );

    const visible = ["Accept", "Age", "Content-Encoding", "Date", "Pragma", "Range", "Referer", "User-Agent"];
    expect([...headers.keys()].sort()).toEqual([...added, ...visible, "Via", "Warn"].sort());
  });

  it("keep an Authorization that is no signature of AWS's", async () => {
    expect((await send("Authorization", "Bearer x")).headers.get("Authorization")).toBe("Bearer x");
  });

  it("get the gateway's own, with the sender's X-Forwarded-For in front", async () => {
    const { headers } = await send("x-forwarded-for", "6.6.6.6", "X-Forwarded-Proto", "http");

    expect(headers.get("X-Forwarded-For")).toBe("6.6.6.6, 127.0.0.1");
    expect(headers.get("X-Forwarded-Proto")).toBe("https");
    expect(headers.get("X-Forwarded-Port")).toBe("443");
    expect(headers.get("X-Amzn-Trace-Id")).toMatch(/^Root=1-[0-9a-f]{8}-[0-9a-f]{24}$/);
    expect(headers.has("x-forwarded-for")).toBe(false);
  });

  it("keep a trace that has begun already", async () => {
    const trace = "Root=1-67891233-abcdef012345678912345678;Sampled=1";

    expect((await send("x-amzn-trace-id", trace)).headers.get("X-Amzn-Trace-Id")).toBe(trace);
  });
});

it("a message tells the method, the path with its stage, the query and where the request came from", async () => {
  // Who the sender says it is does not count.
  const forged = ["X-Forwarded-For", "6.6.6.6", "X-Real-IP", "6.6.6.6", "Forwarded", "for=6.6.6.6"];
  await running.send("/v1/hooks/a?x=1&x=2&y=a%26b+c&z", { headers: forged });

  const message = readSendMessage(running.service.sent);
  expect(message.method).toBe("POST");
  expect(message.path).toBe("/v1/hooks/a");
  expect(message.sourceIp).toBe("127.0.0.1");
  expect(message.query).toEqual(
    new Map([
      ["x", "2"],
      ["y", "a&b c"],
      ["z", ""],
    ]),
  );
  expect(message.receivedAt).toBeGreaterThan(Date.now() - 60_000);
});

describe("a body with a content coding", () => {
  const plain = Buffer.from('{"a":"a\u00e9"}');
  const send = (coding: string, body: Uint8Array) =>
    running.send("/v1/hooks/a", { headers: ["Content-Encoding", coding], body });

  it.each([
    ["gzip", gzipSync(plain)],
    ["GZIP", gzipSync(plain)],
    ["deflate", deflateSync(plain)],
    ["identity", plain],
  ])("%s arrives without it, and the header stays", async (coding, body) => {
    expect((await send(coding, body)).status).toBe(200);

    const message = readSendMessage(running.service.sent);
    expect(message.body).toEqual(plain);
    expect(message.headers.get("Content-Encoding")).toBe(coding);
  });

  it.each([
    ["br", "that API Gateway does not know", brotliCompressSync(plain)],
    ["gzip, gzip", "applied twice", gzipSync(gzipSync(plain))],
    ["gzip", "that it does not have", plain],
    ["deflate", "that is another", gzipSync(plain)],
    ["gzip", "that breaks off", gzipSync(plain).subarray(0, 12)],
  ])("%s %s is refused, and nothing is queued", async (coding, _, body) => {
    expect((await send(coding, body)).status).toBe(415);
    expect(running.service.requests).toEqual([]);
  });

  it("is refused if it holds more than API Gateway takes", async () => {
    expect((await send("gzip", gzipSync(Buffer.alloc(11 * 1024 * 1024)))).status).toBe(413);
    expect(running.service.requests).toEqual([]);
  });
});

describe("the sender is told of success only when SQS confirmed the message", () => {
  it.each([200, 201])("%d is a 200", async (status) => {
    running.service.answer = () => Promise.resolve(serviceResponse(status, "{}"));

    expect((await running.send("/v1/hooks/a")).status).toBe(200);
  });

  it.each([100, 204 + 96, 400, 403, 404, 429, 500, 503, 2000])("%d is a 502", async (status) => {
    running.service.answer = () => Promise.resolve(serviceResponse(status, '{"Error":{}}'));

    const answer = await running.send("/v1/hooks/a");
    expect([answer.status, answer.body]).toEqual([502, '{"ok":false}']);
  });

  it("an unreachable SQS is a 504", async () => {
    running.service.answer = () => Promise.reject(new Error("connect ECONNREFUSED"));

    const answer = await running.send("/v1/hooks/a");
    expect([answer.status, answer.body]).toEqual([
      504,
      '{"message":"Network error communicating with endpoint"}',
    ]);
    expect(running.executionLog.at(-1)).toContain("sqs cannot be reached: connect ECONNREFUSED");
  });
});

describe("content types", () => {
  it.each(["application/json; charset=utf-8", "Application/JSON", "text/plain;x=y", ""])(
    "%j is accepted",
    async (type) => {
      const headers = type === "" ? [] : ["Content-Type", type];
      expect((await running.send("/v1/hooks/a", { headers, body: "x" })).status).toBe(200);
      expect(readSendMessage(running.service.sent).body.toString()).toBe("x");
    },
  );

  it.each(["image/png", "application/jsonx", "text"])("%j is a 415 and not queued", async (type) => {
    const answer = await running.send("/v1/hooks/a", {
      headers: ["Content-Type", type],
      body: "Action=PurgeQueue",
    });

    expect([answer.status, answer.body]).toEqual([415, '{"message":"Unsupported Media Type"}']);
    expect(answer.headers).not.toHaveProperty("x-amzn-trace-id");
    expect(running.executionLog.join()).not.toContain("no template for");
    expect(running.service.requests).toEqual([]);
  });
});

describe("limits", () => {
  it("takes a body of 10 MB, and answers 413 to a byte more", async () => {
    const most = 10 * 1024 * 1024;
    expect((await running.send("/v1/hooks/a", { body: Buffer.alloc(most) })).status).toBe(200);
    running.service.requests.length = 0;

    const answer = await running.send("/v1/hooks/a", { body: Buffer.alloc(most + 1) });
    expect([answer.status, answer.headers["x-amzn-errortype"]]).toEqual([413, "RequestTooLargeException"]);
    expect(running.service.requests).toEqual([]);
  });

  it("answers 431 to more than 10,240 bytes of header values", async () => {
    const host = new URL(running.gateway.url).host;
    const others = [host, "0", "close"].join("").length;
    const left = 10_240 - others;
    expect((await running.send("/v1/hooks/a", { headers: ["X-Long", "x".repeat(left)] })).status).toBe(200);
    running.service.requests.length = 0;

    expect((await running.send("/v1/hooks/a", { headers: ["X-Long", "x".repeat(left + 1)] })).status).toBe(
      431,
    );
    const many = Array.from({ length: 150 }, (_, index) => [`X-${index}`, "x".repeat(75)]).flat();
    expect((await running.send("/v1/hooks/a", { headers: many })).status).toBe(431);
    expect(running.service.requests).toEqual([]);
  });

  it("answers 414 to a URL of more than 10,240 characters", async () => {
    expect((await running.send(`/v1/hooks/a?${"x".repeat(10_300)}`)).status).toBe(414);
  });
});

describe("the rendered form", () => {
  it("has no control characters, and no newline at its end", async () => {
    await running.send("/v1/hooks/a", { body: "\0\n", headers: ["X", "\t"] });

    expect(sendMessageTemplate.endsWith("\n")).toBe(false);
    expect(running.service.sent).toMatch(/^[\x21-\x7e]+$/);
  });

  it("is sent as a form, with the integration's role", async () => {
    await running.send("/v1/hooks/a", { headers: ["Content-Type", "text/plain", "X-Amz-Target", "x"] });

    expect(running.service.requests[0]).toMatchObject({
      service: "sqs",
      method: "POST",
      path: "/000000000000/orders",
      roleArn: "arn:aws:iam::000000000000:role/api",
      headers: {
        accept: "application/json",
        "content-type": "application/x-www-form-urlencoded",
        "user-agent": "AmazonAPIGateway_api",
      },
    });
    expect(Object.keys(running.service.requests[0]?.headers ?? {})).toHaveLength(4);
  });
});
