import { eventually, sendRequest } from "local-aws";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { type LocalPipeline, startPipeline } from "../../local/pipeline.js";
import { type IngestApi, serveIngestApi } from "../support/ingest-api.js";
import { accessLine, endOf, hasBody } from "../support/ingest-pipeline.js";

describe.each(["bytes", "text"] as const)("Meta's question, in the body mode %s", (bodyMode) => {
  let api: IngestApi;
  beforeAll(async () => {
    const handshake = { kind: "meta", verifyToken: "a-token-of-ours" } as const;
    api = await serveIngestApi({ bodyMode, sources: [{ name: "meta", handshake }, { name: "github" }] });
  });
  afterAll(() => api.close());
  beforeEach(() => api.clear());

  const ask = (parameters: Record<string, string>, headers: readonly string[] = []) =>
    api.send(`/v1/webhooks/meta?${new URLSearchParams(parameters)}`, { method: "GET", headers });
  const right = { "hub.mode": "subscribe", "hub.verify_token": "a-token-of-ours" };

  it.each([
    "1158201444",
    '"}<script>alert(1)</script>',
    "$context.apiId#set($x = 1)#end$util.urlEncode('x')",
    "a b&c=d%2B\r\nSet-Cookie: x=y",
    "é😀",
  ])("is answered with its challenge, as plain text: %s", async (challenge) => {
    const answer = await ask({ ...right, "hub.challenge": challenge });

    expect([answer.status, answer.headers["content-type"], answer.body]).toEqual([
      200,
      "text/plain",
      challenge,
    ]);
    expect(answer.headers).not.toHaveProperty("set-cookie");
    expect(api.service.requests).toEqual([]);
  });

  it("is answered whatever the asker accepts", async () => {
    const answer = await ask({ ...right, "hub.challenge": "42" }, ["Accept", "text/html,*/*"]);

    expect([answer.status, answer.headers["content-type"], answer.body]).toEqual([200, "text/plain", "42"]);
  });

  it.each([
    ["a wrong token", { ...right, "hub.verify_token": "a-token-of-theirs" }],
    ["the token in capitals", { ...right, "hub.verify_token": "A-TOKEN-OF-OURS" }],
    ["an empty token", { ...right, "hub.verify_token": "" }],
    ["Velocity for a token", { ...right, "hub.verify_token": '"||"1"=="1' }],
    ["another mode", { ...right, "hub.mode": "unsubscribe" }],
    ["no mode", { "hub.verify_token": "a-token-of-ours" }],
    ["no token", { "hub.mode": "subscribe" }],
    ["no parameters", {}],
  ])("is refused with %s", async (_, parameters) => {
    const answer = await ask({ ...parameters, "hub.challenge": "1158201444" } as Record<string, string>);

    expect(answer.status).toBe(403);
    expect(JSON.parse(answer.body)).toEqual({
      message: "Not the token of this stage.",
      id: answer.headers["x-amz-apigw-id"],
    });
  });

  it("is answered with nothing if it lacks a challenge", async () => {
    const answer = await ask(right);

    expect([answer.status, answer.body]).toEqual([200, ""]);
  });

  it("leaves its webhooks and other sources as they are", async () => {
    const taken = await api.send("/v1/webhooks/meta", { body: '{"object":"page"}' });
    expect([taken.status, api.sent().envelope.body.toString()]).toEqual([200, '{"object":"page"}']);
    expect((await api.send("/v1/webhooks/github", { method: "GET" })).status).toBe(404);
  });
});

describe.each(["bytes", "text"] as const)("Slack's question, in the body mode %s", (bodyMode) => {
  let api: IngestApi;
  beforeAll(async () => {
    const handshake = { kind: "slack" } as const;
    api = await serveIngestApi({ bodyMode, sources: [{ name: "slack", handshake }, { name: "github" }] });
  });
  afterAll(() => api.close());
  beforeEach(() => api.clear());

  const post = (body: string, source = "slack") => api.send(`/v1/webhooks/${source}`, { body });
  const question = (challenge: unknown) =>
    JSON.stringify({ token: "t", challenge, type: "url_verification" });

  it.each([
    "3eZbrw1aBm2rZgRNFdxV2595E9CY3gmdALWMmHkvFXO7tYXAYM8P",
    `it's "quoted" \\ and / $context.apiId #end`,
    "</script>\n\t\u0001 é😀\u2028",
  ])("is answered with its challenge and queued: %s", async (challenge) => {
    const answer = await post(question(challenge));

    expect(answer.status).toBe(200);
    expect(JSON.parse(answer.body)).toEqual({ challenge });
    expect(api.sent().envelope.body.toString()).toBe(question(challenge));
    expect(api.sent().parameters).toEqual(["Action", "Version", "MessageGroupId", "MessageBody"]);
  });

  it.each([
    ["an event", '{"type":"event_callback","event_id":"Ev1","challenge":"x"}'],
    ["an event that holds the words", '{"type":"event_callback","text":"url_verification"}'],
    ["a form", "type=url_verification&challenge=x"],
    ["a list", '[{"type":"url_verification","challenge":"x"}]'],
    ["no challenge", '{"type":"url_verification"}'],
    ["a null", '{"type":"url_verification","challenge":null}'],
    ["nothing", ""],
  ])("leaves %s as it is", async (_, body) => {
    const answer = await post(body);

    expect(answer.status).toBe(200);
    expect(JSON.parse(answer.body)).toEqual({ id: answer.headers["x-amz-apigw-id"] });
    expect(api.sent().operation).toBe("SendMessage");
  });

  it("is not answered where it was not queued", async () => {
    api.service.answer = () => Promise.resolve({ status: 503, headers: {}, body: Buffer.from("{}") });
    const answer = await post(question("x"));
    api.service.answer = () => Promise.resolve({ status: 200, headers: {}, body: Buffer.from("{}") });

    expect(answer.status).toBe(502);
    expect(answer.body).not.toContain("challenge");
  });

  it("is not answered for a source that is not Slack", async () => {
    const answer = await post(question("x"), "github");

    expect(Object.keys(JSON.parse(answer.body))).toEqual(["id"]);
  });
});

describe.each(["bytes", "text"] as const)("the questions of others, in the body mode %s", (bodyMode) => {
  let api: IngestApi;
  beforeAll(async () => {
    api = await serveIngestApi({
      bodyMode,
      sources: [
        { name: "dropbox", handshake: { kind: "dropbox" } },
        { name: "okta", handshake: { kind: "okta" } },
        { name: "asana", handshake: { kind: "asana" } },
        { name: "graph", handshake: { kind: "microsoft-graph" } },
        { name: "intercom", handshake: { kind: "intercom" } },
        {
          name: "own",
          handshake: {
            kind: "echo",
            method: "POST",
            challenge: "json:data.challenge",
            answer: "json:reply",
            requires: { "json:type": "ping" },
            token: "header:X-Token",
            verifyToken: "a-token-of-ours",
          },
        },
      ],
    });
  });
  afterAll(() => api.close());
  beforeEach(() => api.clear());

  const hostile = [`</script>"\\' #end $context.apiId`, "é😀", "a b+c&d"];
  const encoded = encodeURIComponent;

  it.each(hostile)(
    "Dropbox gets its challenge as plain text that no browser renders: %s",
    async (challenge) => {
      const answer = await api.send(`/v1/webhooks/dropbox?challenge=${encoded(challenge)}`, {
        method: "GET",
      });

      expect([answer.status, answer.body]).toEqual([200, challenge]);
      expect(answer.headers).toMatchObject({
        "content-type": "text/plain",
        "x-content-type-options": "nosniff",
      });
      expect(api.service.requests).toEqual([]);
    },
  );

  it.each(["X-Okta-Verification-Challenge", "x-okta-verification-challenge"])(
    "Okta gets the header %s as JSON",
    async (header) => {
      const challenge = `Me_rShK8"\\'}`;
      const answer = await api.send("/v1/webhooks/okta", { method: "GET", headers: [header, challenge] });

      expect(answer.status).toBe(200);
      expect(answer.headers).toMatchObject({ "content-type": "application/json" });
      expect(JSON.parse(answer.body)).toEqual({ verification: challenge });
      expect(api.service.requests).toEqual([]);
    },
  );

  it("Asana gets its secret back in a header, and the question is queued", async () => {
    const secret = "b537207f20cbfa02357cf448134da559";
    const answer = await api.send("/v1/webhooks/asana", { headers: ["x-hook-secret", secret], body: "" });

    expect([answer.status, answer.headers["x-hook-secret"]]).toEqual([200, secret]);
    expect(answer.body).not.toContain(secret);
    expect(api.sent().operation).toBe("SendMessage");

    api.clear();
    expect((await api.send("/v1/webhooks/asana", { body: '{"events":[]}' })).headers).not.toHaveProperty(
      "x-hook-secret",
    );
  });

  it.each(hostile)(
    "Microsoft Graph gets its token as plain text that no browser renders: %s",
    async (token) => {
      const answer = await api.send(`/v1/webhooks/graph?validationToken=${encoded(token)}`, { body: "" });

      expect([answer.status, answer.body]).toEqual([200, token]);
      expect(answer.headers).toMatchObject({
        "content-type": "text/plain",
        "x-content-type-options": "nosniff",
      });
      expect(api.sent().operation).toBe("SendMessage");
    },
  );

  it("Microsoft Graph's events get the usual answer", async () => {
    const answer = await api.send("/v1/webhooks/graph", { body: '{"value":[]}' });

    expect(JSON.parse(answer.body)).toEqual({ id: answer.headers["x-amz-apigw-id"] });
    expect(answer.headers["content-type"]).toBe("application/json");
  });

  it.each(["HEAD", "GET"])("Intercom's %s is answered 200, and nothing is queued", async (method) => {
    expect((await api.send("/v1/webhooks/intercom", { method })).status).toBe(200);
    expect(api.service.requests).toEqual([]);
  });

  it.each([
    ["right", "a-token-of-ours", "ping", { reply: "it's" }],
    ["wrong", "another-token", "ping", undefined],
    ["right, of an event", "a-token-of-ours", "order", undefined],
  ])("a question of one's own is answered where its token is %s", async (_, token, type, expected) => {
    const body = JSON.stringify({ type, data: { challenge: "it's" } });
    const answer = await api.send("/v1/webhooks/own", { headers: ["x-token", token], body });

    expect(JSON.parse(answer.body)).toEqual(expected ?? { id: answer.headers["x-amz-apigw-id"] });
    expect(JSON.stringify([api.accessLog, api.executionLog])).not.toContain(token);
  });
});

describe("a pipeline with Slack's handshake", () => {
  let pipeline: LocalPipeline;
  beforeAll(async () => {
    pipeline = await startPipeline({
      stack: "dev",
      overrides: {
        "webhook-pipeline:sources": [
          {
            name: "slack",
            signature: { scheme: "none" },
            eventId: ["request-id"],
            handshake: { kind: "slack" },
          },
        ],
      },
    });
  });
  afterAll(() => pipeline?.stop());

  it("answers the question and records it", async () => {
    const body = '{"type":"url_verification","challenge":"c1"}';
    const answer = await sendRequest(pipeline.endpoints.slack ?? "", { body });
    expect([answer.status, JSON.parse(answer.body)]).toEqual([200, { challenge: "c1" }]);

    const id = String(answer.headers["x-amz-apigw-id"]);
    expect(await hasBody(pipeline, await endOf(pipeline, id), Buffer.from(body))).toBe(true);
    await eventually("its line in the access log", () => accessLine(pipeline, id)?.status === "200");
  });
});
