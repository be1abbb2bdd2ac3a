import type { ServerResponse } from "node:http";
import { createServer } from "node:net";
import { Webhook as StandardWebhook } from "standardwebhooks";
import { afterEach, describe, expect, it } from "vitest";
import type { NameValue } from "../../../runtime/envelope/headers.js";
import { Webhook } from "../../../runtime/envelope/webhook.js";
import { createForwarders } from "../../../runtime/forward/forward.js";
import { runHandler } from "../../../runtime/routing/run-handler.js";
import { createSecrets } from "../../../runtime/signatures/secrets.js";
import type { ForwardDefinition, SourceDefinition } from "../../../runtime/stage/definition.js";
import { createLog } from "../../../runtime/telemetry/log.js";
import { envelopeOf } from "../../support/sqs-events.js";
import { startTarget, type Target, type TargetRequest } from "../../support/target.js";

let target: Target;
afterEach(() => target.stop());

const now = Date.now();
const targetSecret = `whsec_${Buffer.from("0123456789abcdef0123456789abcdef").toString("base64")}`;

/** A source that forwards to the target, and a way to send its webhooks. */
function forwarding(
  url: string,
  changes: Partial<ForwardDefinition> = {},
  {
    signature = { kind: "none" },
    secret = targetSecret,
    left = 5_000,
  }: { signature?: SourceDefinition["signature"]; secret?: string; left?: number } = {},
) {
  const forward = { url, timeoutSeconds: 5, permanentStatuses: [410], allowPrivateNetwork: true, ...changes };
  const source: SourceDefinition = { name: "shop", signature, eventId: [], forward };
  const clock = () => now;
  const log = createLog({ level: "ERROR", writeLine: () => {}, clock });
  const secrets = createSecrets({
    names: { "shop-forward": "forward" },
    fetchSecret: async () => secret,
    clock,
    warn: log.warn,
  });
  const { shop } = createForwarders({ sources: [source] }, { secrets, clock });
  if (shop === undefined) throw new Error("there is no forwarder for the source");

  const controller = new AbortController();
  const send = (webhook: { headers?: NameValue[]; body?: Buffer | string; id?: string } = {}) => {
    const { headers = [], body = '{"a":1}', id = "shop/o-1" } = webhook;
    const envelope = envelopeOf({ source: "shop", headers, body: Buffer.from(body) });
    return runHandler(shop, new Webhook(envelope, { id, eventId: "o-1", attempt: 2 }), {
      deadline: { signal: controller.signal, remainingMilliseconds: () => left },
      log,
    });
  };
  return { send, abort: () => controller.abort() };
}

const answering =
  (status: number, headers: Record<string, string> = {}, body = "") =>
  (_: TargetRequest, response: ServerResponse) =>
    void response.writeHead(status, headers).end(body);

describe("a forwarded webhook", () => {
  it("arrives with every byte, the sender's headers, and what the pipeline knows of it", async () => {
    target = await startTarget();
    const body = Buffer.from(Array.from({ length: 256 }, (_, byte) => byte));
    const { send } = forwarding(`${target.origin}/hooks?from=here`);
    const headers: NameValue[] = [
      ["Content-Type", "application/octet-stream"],
      ["X-Shop-Signature", "sha256=abc"],
      ["X-Name", "värde"],
    ];
    expect(await send({ body, headers })).toEqual({ outcome: "processed" });

    const [request] = target.requests;
    expect(request).toMatchObject({
      method: "POST",
      url: "/hooks?from=here",
      headers: {
        host: `127.0.0.1:${target.port}`,
        "content-length": "256",
        "content-type": "application/octet-stream",
        "x-shop-signature": "sha256=abc",
        "x-name": "värde",
        "webhook-id": "shop/o-1",
        "webhook-source": "shop",
        "webhook-attempt": "2",
        "webhook-received-at": "2026-01-01T00:00:00.000Z",
      },
    });
    expect(request?.body.equals(body)).toBe(true);
    expect(request?.rawHeaders).toContain("X-Shop-Signature");
  });

  it.each([
    ["GZIP", undefined],
    ["deflate", undefined],
    ["br", undefined],
    ["zstd", "zstd"],
  ])("does not claim a compression that its body no longer has (%s)", async (coding, forwarded) => {
    target = await startTarget();
    await forwarding(target.origin).send({ headers: [["Content-Encoding", coding]] });

    expect(target.requests[0]?.headers["content-encoding"]).toBe(forwarded);
  });

  it("is a CloudEvent as the body, which is signed, if it is asked for", async () => {
    target = await startTarget();
    const { send } = forwarding(target.origin, { format: "cloudevents", signing: "standard-webhooks" });
    const headers: NameValue[] = [
      ["Content-Type", "application/json"],
      ["Content-Encoding", "x-own"],
      ["ce-id", "the sender's"],
    ];
    expect(await send({ headers, body: '{"a":1.50}' })).toEqual({ outcome: "processed" });

    const [request] = target.requests;
    const text = request?.body.toString() ?? "";
    expect(request?.headers["content-type"]).toBe("application/cloudevents+json; charset=utf-8");
    expect(request?.headers).not.toHaveProperty("content-encoding");
    expect(request?.headers).not.toHaveProperty("ce-id");
    expect(text).toContain('"data":{"a":1.50}}');
    expect(JSON.parse(text)).toMatchObject({ specversion: "1.0", id: "o-1", source: "/webhooks/shop" });
    const verify = () => new StandardWebhook(targetSecret).verify(text, request?.headers as never);
    expect(verify).not.toThrow();
  });

  it("is a CloudEvent in headers, with the exact body, if that is asked for", async () => {
    target = await startTarget();
    const body = Buffer.from([0, 255]);
    const headers: NameValue[] = [
      ["Content-Type", "application/octet-stream"],
      ["Ce-Subject", "of another event"],
    ];
    await forwarding(target.origin, { format: "cloudevents-binary" }).send({ body, headers });

    const [request] = target.requests;
    expect(request?.body.equals(body)).toBe(true);
    const attributes = Object.entries(request?.headers ?? {}).filter(([name]) => name.startsWith("ce-"));
    expect(Object.fromEntries(attributes)).toEqual({
      "ce-specversion": "1.0",
      "ce-id": "o-1",
      "ce-source": "/webhooks/shop",
      "ce-type": "webhook",
      "ce-time": "2026-01-01T00:00:00.000Z",
    });
    expect(request?.headers["content-type"]).toBe("application/octet-stream");
  });

  it("goes without what was about its connection to the gateway", async () => {
    target = await startTarget();
    const dropped: NameValue[] = [
      ["Connection", "close, X-Hop"],
      ["x-hop", "1"],
      ["Keep-Alive", "timeout=5"],
      ["TE", "trailers"],
      ["Trailer", "x-sum"],
      ["Transfer-Encoding", "chunked"],
      ["Upgrade", "h2c"],
      ["Proxy-Connection", "close"],
      ["Expect", "100-continue"],
      ["Host", "api.example.com"],
      ["Content-Length", "999"],
      ["Forwarded", "for=192.0.2.1"],
      ["X-Forwarded-For", "192.0.2.1"],
      ["X-Amzn-Trace-Id", "Root=1"],
    ];
    await forwarding(target.origin).send({ headers: [...dropped, ["X-Kept", "kept"]] });

    const [request] = target.requests;
    expect(request?.headers).toMatchObject({
      host: `127.0.0.1:${target.port}`,
      "content-length": "7",
      connection: "keep-alive",
      "x-kept": "kept",
    });
    const arrived = Object.keys(request?.headers ?? {});
    const ours = ["host", "content-length", "connection"];
    for (const [name] of dropped) {
      if (!ours.includes(name.toLowerCase())) expect(arrived).not.toContain(name.toLowerCase());
    }
  });

  const secrets: NameValue[] = [
    ["Authorization", "Bearer secret"],
    ["Cookie", "session=secret"],
    ["X-Api-Key", "secret"],
    ["X-Shop-Token", "secret"],
  ];
  const token = { kind: "token", header: "x-shop-token" } as const;

  it("goes without credentials, also that of its own scheme", async () => {
    target = await startTarget();
    await forwarding(target.origin, {}, { signature: token }).send({ headers: secrets });
    expect(JSON.stringify(target.requests[0]?.rawHeaders)).not.toContain("secret");
  });

  it("has them where the source says so", async () => {
    target = await startTarget();
    await forwarding(target.origin, { passSecretHeaders: true }, { signature: token }).send({
      headers: secrets,
    });
    expect(target.requests[0]?.headers).toMatchObject({
      authorization: "Bearer secret",
      cookie: "session=secret",
      "x-api-key": "secret",
      "x-shop-token": "secret",
    });
  });

  it("has the source's extra headers in place of the sender's", async () => {
    target = await startTarget();
    const { send } = forwarding(target.origin, { headers: { "X-Tenant": "blue" } });
    await send({ headers: [["x-tenant", "red"]] });
    expect(target.requests[0]?.headers["x-tenant"]).toBe("blue");
  });

  it("survives header values that HTTP cannot carry", async () => {
    target = await startTarget();
    const { send } = forwarding(target.origin);
    expect(
      await send({
        headers: [
          ["X-Broken", "a\u0000b"],
          ["X-Snowman", "☃"],
          ["bad name", "x"],
        ],
      }),
    ).toEqual({
      outcome: "processed",
    });
    const headers = target.requests[0]?.headers ?? {};
    expect(headers["x-broken"]).toBeUndefined();
    expect(Buffer.from(String(headers["x-snowman"]), "latin1").toString("utf8")).toBe("☃");
  });

  it("keeps a Standard Webhooks sender's own id, which its signature covers", async () => {
    target = await startTarget();
    await forwarding(target.origin).send({
      headers: [
        ["Webhook-Id", "msg_1"],
        ["webhook-signature", "v1,abc"],
      ],
    });
    expect(target.requests[0]?.headers).toMatchObject({
      "webhook-id": "msg_1",
      "webhook-signature": "v1,abc",
    });
  });
});

describe("a webhook that is signed for its target", () => {
  it("passes the Standard Webhooks library, in place of the sender's signature", async () => {
    target = await startTarget();
    const { send } = forwarding(target.origin, { signing: "standard-webhooks" });
    const headers: NameValue[] = [
      ["webhook-id", "msg_1"],
      ["webhook-signature", "v1,abc"],
    ];
    expect(await send({ headers, body: '{"ø":"☃"}', id: "shop/a.b/ü" })).toEqual({ outcome: "processed" });

    const { headers: got = {}, body = Buffer.alloc(0) } = target.requests[0] ?? {};
    expect(got["webhook-id"]).toBe("shop/a%2Eb/%C3%BC");
    const library = new StandardWebhook(targetSecret);
    expect(library.verify(body.toString(), got as Record<string, string>)).toEqual({ ø: "☃" });
    expect(() => library.verify(`${body} `, got as Record<string, string>)).toThrow();
  });

  it("carries a signature for each active secret while one replaces another", async () => {
    target = await startTarget();
    const older = `whsec_${Buffer.from("ffffffffffffffffffffffff").toString("base64")}`;
    const both = JSON.stringify([targetSecret, older]);
    const { send } = forwarding(target.origin, { signing: "standard-webhooks" }, { secret: both });
    await send();

    const { headers = {}, body = Buffer.alloc(0) } = target.requests[0] ?? {};
    for (const secret of [targetSecret, older]) {
      expect(new StandardWebhook(secret).verify(body.toString(), headers as Record<string, string>)).toEqual({
        a: 1,
      });
    }
  });

  it("waits for a secret that is one, and is sent to nobody before", async () => {
    target = await startTarget();
    const { send } = forwarding(target.origin, { signing: "standard-webhooks" }, { secret: "not base64!" });
    expect(await send()).toMatchObject({
      outcome: "failed",
      reason: expect.stringContaining("is not base64"),
    });
    expect(target.requests).toEqual([]);
  });
});

describe("a forward that the function's time is too short for", () => {
  it("is not sent, so that the target does not do the work twice", async () => {
    target = await startTarget();
    const { send } = forwarding(target.origin, { timeoutSeconds: 5 }, { left: 4_999 });

    expect(await send()).toEqual({
      outcome: "failed",
      untried: true,
      reason:
        "not sent to the target: 4.9 s of the function's time were left, and forward.timeoutSeconds is 5",
    });
    expect(target.requests).toEqual([]);
  });

  it("is sent if the time is just enough", async () => {
    target = await startTarget();
    const { send } = forwarding(target.origin, { timeoutSeconds: 5 }, { left: 5_000 });

    expect(await send()).toEqual({ outcome: "processed" });
  });
});

describe("the target's answer", () => {
  it.each([200, 201, 202, 204, 299])("%d means that the webhook is processed", async (status) => {
    target = await startTarget(answering(status));
    expect(await forwarding(target.origin).send()).toEqual({ outcome: "processed" });
  });

  it.each([301, 302, 307, 308])("%d is a failure like others: redirects are not followed", async (status) => {
    target = await startTarget(answering(status, { location: "/elsewhere" }));
    expect(await forwarding(target.origin).send()).toMatchObject({
      outcome: "failed",
      reason: `ForwardError: the target answered ${status}; redirects are not followed`,
    });
    expect(target.requests).toHaveLength(1);
  });

  it.each([400, 401, 404, 429, 500, 503])(
    "%d means another try, and none of its content is told",
    async (status) => {
      target = await startTarget(answering(status, {}, "secret content"));
      const result = await forwarding(target.origin).send();
      expect(result).toMatchObject({
        outcome: "failed",
        reason: `ForwardError: the target answered ${status}`,
      });
      expect(result).not.toHaveProperty("retryAfterSeconds");
    },
  );

  it("410, or what else is for good, means that the webhook is invalid", async () => {
    target = await startTarget(answering(410));
    expect(await forwarding(target.origin).send()).toEqual({
      outcome: "invalid",
      reason: "the target answered 410, so a retry cannot help (forward.permanentStatuses)",
    });
    await target.stop();
    target = await startTarget(answering(422));
    const { send } = forwarding(target.origin, { permanentStatuses: [422] });
    expect(await send()).toMatchObject({ outcome: "invalid" });
  });

  it("says with Retry-After when to try again, in seconds or as a date, and with 429 that all have to wait", async () => {
    target = await startTarget(answering(429, { "retry-after": "120" }));
    expect(await forwarding(target.origin).send()).toMatchObject({
      outcome: "failed",
      retryAfterSeconds: 120,
      forAll: true,
    });
    await target.stop();
    target = await startTarget(answering(503, { "retry-after": new Date(now + 90_000).toUTCString() }));
    const { retryAfterSeconds, forAll } = await forwarding(target.origin).send();
    expect(forAll).toBeUndefined();
    expect(retryAfterSeconds).toBeGreaterThanOrEqual(89);
    expect(retryAfterSeconds).toBeLessThanOrEqual(90);
  });

  it("is not waited for longer than timeoutSeconds, whether it is silent or never ends", async () => {
    target = await startTarget(() => {});
    const silent = forwarding(target.origin, { timeoutSeconds: 1 });
    const startedAt = Date.now();
    expect(await silent.send()).toMatchObject({
      outcome: "failed",
      reason: "ForwardError: the target did not answer completely within 1 s (forward.timeoutSeconds)",
    });
    expect(Date.now() - startedAt).toBeLessThan(2_000);
    await target.stop();

    target = await startTarget((_, response) => void response.writeHead(200).write("still coming"));
    expect(await forwarding(target.origin, { timeoutSeconds: 1 }).send()).toMatchObject({
      outcome: "failed",
      reason: expect.stringContaining("did not answer completely within 1 s"),
    });
  });

  it("is given up when the function's time is up", async () => {
    const startedAt = Date.now();
    const arrived = Promise.withResolvers<void>();
    const hungUp = Promise.withResolvers<number>();
    target = await startTarget((_, response) => {
      response.on("close", () => hungUp.resolve(Date.now() - startedAt));
      arrived.resolve();
    });
    const { send, abort } = forwarding(target.origin);
    const result = send();
    await arrived.promise;
    abort();
    expect(await result).toMatchObject({
      outcome: "failed",
      reason: expect.stringContaining("ran out of time"),
    });
    // The request itself ends as well, long before its own timeout of five seconds.
    expect(await hungUp.promise).toBeLessThan(3_000);
  });

  it("is read for 64 KB at most, however much there is", async () => {
    let sent = 0;
    let closed = false;
    target = await startTarget((_, response) => {
      response.writeHead(200);
      response.on("close", () => {
        closed = true;
      });
      const more = () => {
        while (!closed && sent < 1e9) {
          sent += 65_536;
          if (!response.write(Buffer.alloc(65_536))) return void response.once("drain", more);
        }
      };
      more();
    });
    expect(await forwarding(target.origin).send()).toEqual({ outcome: "processed" });
    await expect.poll(() => closed).toBe(true);
    // What the two ends' buffers hold, and nothing near the gigabyte.
    expect(sent).toBeLessThan(20e6);
  });

  it("that never comes because nobody listens means another try", async () => {
    target = await startTarget();
    const { origin } = target;
    await target.stop();
    target = await startTarget();
    expect(await forwarding(origin).send()).toMatchObject({
      outcome: "failed",
      reason: expect.stringContaining("the target did not answer: connect ECONNREFUSED"),
    });
  });
});

describe("connections", () => {
  it("are used again, also after failures", async () => {
    target = await startTarget((request, response) => {
      response.writeHead(request.body.includes("fail") ? 500 : 200).end("thanks");
    });
    const { send } = forwarding(target.origin);
    for (const body of ["1", "fail", "3", "4"]) await send({ body });
    expect(target.requests).toHaveLength(4);
    expect(target.connections()).toBe(1);
  });

  it("that the target closed while nobody looked are replaced without a failure", async () => {
    target = await startTarget();
    const { send } = forwarding(target.origin);
    await send();
    target.cut();
    expect(await send()).toEqual({ outcome: "processed" });
    expect(target.connections()).toBe(2);
  });

  it("that break at the first request are a failure, and not tried twice", async () => {
    target = await startTarget();
    let accepted = 0;
    const breaking = createServer((socket) => {
      accepted++;
      socket.once("data", () => socket.resetAndDestroy());
    });
    await new Promise<void>((resolve) => breaking.listen(0, "127.0.0.1", resolve));
    const { port } = breaking.address() as { port: number };
    expect(await forwarding(`http://127.0.0.1:${port}/`).send()).toMatchObject({ outcome: "failed" });
    expect(accepted).toBe(1);
    breaking.close();
  });
});

describe("a URL with values of the webhook", () => {
  it("has them percent-encoded, so that they stay within their part of it", async () => {
    target = await startTarget();
    const { send } = forwarding(`${target.origin}/t/{header:x-tenant}/o?id={json:order.id}`);
    const body = JSON.stringify({ order: { id: "a&admin=1#x" } });
    expect(await send({ headers: [["X-Tenant", "../../admin?x=é/"]], body })).toEqual({
      outcome: "processed",
    });
    expect(target.requests[0]?.url).toBe("/t/..%2F..%2Fadmin%3Fx%3D%C3%A9%2F/o?id=a%26admin%3D1%23x");
  });

  it.each([
    ["lacks the value", [], "{}"],
    ["has an empty one", [["x-tenant", ""]], "{}"],
    ["has a .. that would lead elsewhere", [["x-tenant", ".."]], "{}"],
    ["has one that is no place for a URL", [["x-tenant", "x".repeat(1_025)]], "{}"],
  ] as [string, NameValue[], string][])("takes a webhook for invalid that %s", async (_, headers, body) => {
    target = await startTarget();
    const { send } = forwarding(`${target.origin}/t/{header:x-tenant}/hooks`);
    expect(await send({ headers, body })).toMatchObject({
      outcome: "invalid",
      reason: expect.stringContaining("forward.url"),
    });
    expect(target.requests).toEqual([]);
  });
});

describe("the private network", () => {
  it.each(["127.0.0.1", "localhost", "[::1]", "[::ffff:127.0.0.1]", "2130706433", "0x7f.1"])(
    "is not reached by way of %s unless the source allows it",
    async (host) => {
      target = await startTarget();
      const { send } = forwarding(`http://${host}:${target.port}/`, { allowPrivateNetwork: false });
      expect(await send()).toMatchObject({
        outcome: "failed",
        reason: expect.stringContaining("set forward.allowPrivateNetwork if webhooks may go there"),
      });
      expect(target.connections()).toBe(0);
    },
  );
});
