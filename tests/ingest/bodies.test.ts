import { createHmac, randomBytes } from "node:crypto";
import { gzipSync } from "node:zlib";
import { type SendOptions, sendRequest } from "local-aws";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type LocalPipeline, startPipeline } from "../../local/pipeline.js";
import { endOf, hasBody, idIn, messagesTaken } from "../support/ingest-pipeline.js";

const utf16 = Buffer.concat([Buffer.from([0xff, 0xfe]), Buffer.from('{"name":"Zoë"}', "utf16le")]);

/** Bodies that front doors lose, change or trip over (AWS facts 1.1 to 1.4, 1.20, 2.7, 3.1). */
const bodies: readonly [name: string, body: Buffer][] = [
  ["an empty one", Buffer.alloc(0)],
  ["an empty object, which is not an empty body", Buffer.from("{}")],
  [
    "a form that would purge a queue",
    Buffer.from("x&Action=PurgeQueue&QueueUrl=http://127.0.0.1/000000000000/webhooks-queue"),
  ],
  [
    "a form that would delay it and name another queue",
    Buffer.from("&DelaySeconds=900&MessageBody=y&QueueUrl=webhooks-dlq"),
  ],
  [
    "Velocity and a quote that ends a string",
    Buffer.from('"},{"#end$util.urlEncode($input.body)#set($body = "")'),
  ],
  ["an end of metadata", Buffer.from('}\n{"v":1}\n')],
  ["malformed JSON", Buffer.from('{"a":')],
  ["JSON with single quotes and escapes", Buffer.from(`{"it's":"\\u0027 \\/ \\n","b":1.0E+2 }`)],
  ["JSON with lone surrogates, escaped", Buffer.from('{"broken":"\\ud800","also":"\\udfff\\ud83d"}')],
  ["NUL and the other control characters", Buffer.from(Array.from({ length: 32 }, (_, code) => code))],
  ["UTF-8 with a byte order mark, lone CR and a newline at the end", Buffer.from("\ufeffé\r😀\n")],
  ["plus, percent and ampersand", Buffer.from("a+b%20c&d=%2B%25;é")],
  ["characters that XML lacks", Buffer.from("\ufffe\uffff\u0000")],
];

/** Bodies that are no text: exact in the body mode `bytes` alone. */
const binaryBodies: readonly [name: string, body: Buffer][] = [
  ["every byte value", Buffer.from(Array.from({ length: 256 }, (_, byte) => byte))],
  ["UTF-16 with a byte order mark", utf16],
  ["gzip", gzipSync("a compressed webhook")],
  ["700 KB of random bytes", randomBytes(700_000)],
];

const secret = "secret of the test";
const signed = (body: Uint8Array) => [
  "Content-Type",
  "application/octet-stream",
  "X-Signature",
  createHmac("sha256", secret).update(body).digest("hex"),
];

async function start(bodyMode: "bytes" | "text"): Promise<LocalPipeline> {
  const pipeline = await startPipeline({
    stack: "dev",
    overrides: {
      "webhook-pipeline:api": { bodyMode },
      "webhook-pipeline:sources": [
        // Each request is an event of its own, so that a body may come twice.
        { name: "signed", signature: { scheme: "hmac", header: "x-signature" }, eventId: ["request-id"] },
      ],
    },
  });
  pipeline.secrets.set("signed", secret);
  return pipeline;
}

const post = (pipeline: LocalPipeline, options: SendOptions) =>
  sendRequest(pipeline.endpoints.signed ?? "", options);

describe("in the body mode bytes", () => {
  let pipeline: LocalPipeline;
  beforeAll(async () => {
    pipeline = await start("bytes");
  });
  afterAll(() => pipeline?.stop());

  it.each([...bodies, ...binaryBodies])(
    "%s arrives bit for bit, and its signature holds",
    async (_, body) => {
      const answer = await post(pipeline, { body, headers: signed(body) });
      expect(answer.status).toBe(200);

      const item = await endOf(pipeline, idIn(answer));
      expect(item.status).toBe("processed");
      expect(await hasBody(pipeline, item, body)).toBe(true);
    },
  );

  it.each([
    ["1.2 MB, which the queue has no room for", 1_200_000, 413],
    ["more than 10 MB", 10 * 1024 * 1024 + 1, 413],
  ])("%s is refused with %d bytes and nothing is queued", async (_, length, status) => {
    const before = messagesTaken(pipeline);
    const body = randomBytes(length);

    expect((await post(pipeline, { body, headers: signed(body) })).status).toBe(status);
    expect(messagesTaken(pipeline)).toBe(before);
  });

  it("the largest body that fits is taken, and the first that does not is refused", async () => {
    const answers = new Map<number, number>();
    const attempt = async (length: number) => {
      const before = messagesTaken(pipeline);
      const body = Buffer.alloc(length, "x");
      const { status } = await post(pipeline, { body, headers: signed(body) });
      expect(messagesTaken(pipeline) - before).toBe(status === 200 ? 1 : 0);
      answers.set(length, status);
      return status === 200;
    };
    // By halves between what must fit and what cannot.
    let [fits, tooLong] = [780_000, 787_000];
    expect([await attempt(fits), await attempt(tooLong)]).toEqual([true, false]);
    while (tooLong - fits > 3) {
      const middle = Math.floor((fits + tooLong) / 2);
      if (await attempt(middle)) fits = middle;
      else tooLong = middle;
    }
    // What SQS alone refuses, with the envelope around it, is a 502; what can never fit is a 413 (docs/ingest.md).
    expect([...answers.values()].every((status) => [200, 413, 502].includes(status))).toBe(true);
  });
});

describe("in the body mode text", () => {
  let pipeline: LocalPipeline;
  beforeAll(async () => {
    pipeline = await start("text");
  });
  afterAll(() => pipeline?.stop());

  it.each(bodies.filter(([, body]) => body.length > 0))("%s arrives bit for bit", async (_, body) => {
    const answer = await post(pipeline, { body, headers: signed(body) });
    expect(answer.status).toBe(200);

    const item = await endOf(pipeline, idIn(answer));
    expect(item.status).toBe("processed");
    expect(await hasBody(pipeline, item, body)).toBe(true);
  });

  it("an empty body cannot be told from an empty object, so its signature does not hold", async () => {
    const answer = await post(pipeline, { headers: signed(Buffer.alloc(0)) });
    const item = await endOf(pipeline, idIn(answer));

    expect(item.status).toBe("rejected");
    expect(await hasBody(pipeline, item, Buffer.from("{}"))).toBe(true);
  });

  it.each(binaryBodies)("%s loses bytes for good, which its signature shows", async (_, body) => {
    const answer = await post(pipeline, { body, headers: signed(body) });
    if (answer.status !== 200) {
      // Each byte that is not UTF-8 becomes three.
      expect(answer.status).toBe(413);
      return;
    }
    expect((await endOf(pipeline, idIn(answer))).status).toBe("rejected");
  });

  it("1.2 MB is refused and nothing is queued", async () => {
    const before = messagesTaken(pipeline);
    const body = Buffer.alloc(1_200_000, "x");

    expect((await post(pipeline, { body, headers: signed(body) })).status).toBe(413);
    expect(messagesTaken(pipeline)).toBe(before);
  });
});
