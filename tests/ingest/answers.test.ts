import { eventually, type Received, type SendOptions, sendRequest } from "local-aws";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { accessLogFormat } from "../../components/ingest/access-log.js";
import { type LocalPipeline, startPipeline } from "../../local/pipeline.js";
import { serveIngestApi } from "../support/ingest-api.js";
import { accessLine, accessLog, endOf, idIn, messagesTaken } from "../support/ingest-pipeline.js";
import { lookup } from "../support/registered.js";

const none = { signature: { scheme: "none" }, eventId: ["request-id"] };

describe("the front door of a pipeline", () => {
  let pipeline: LocalPipeline;
  beforeAll(async () => {
    pipeline = await startPipeline({
      stack: "dev",
      overrides: {
        "webhook-pipeline:sources": [
          { name: "open", ...none },
          { name: "slow", ...none, throttling: { requestsPerSecond: 1, burst: 2 } },
          // Requests come from 127.0.0.1, the one address that each system has.
          { name: "at-home", ...none, allowedCidrs: ["127.0.0.0/30", "2001:db8::/32"] },
          { name: "fenced", ...none, allowedCidrs: ["127.0.0.8/30", "2001:db8::/32"] },
          { name: "keyed", ...none, apiKey: true },
          ...["at-home", "fenced"].flatMap((place) =>
            ["dropbox", "intercom"].map((kind) => ({
              name: `${place}-${kind}`,
              ...none,
              handshake: { kind },
              allowedCidrs: [place === "fenced" ? "127.0.0.8/30" : "127.0.0.0/30"],
            })),
          ),
        ],
      },
    });
  });
  afterAll(() => pipeline?.stop());

  const post = (source: string, options: SendOptions = {}) =>
    sendRequest(pipeline.endpoints[source] ?? `${pipeline.url}/v1/webhooks/${source}`, options);

  /** Sends what must be refused: a small JSON answer with the id of the access log's line, and nothing queued. */
  const refused = async (send: () => Promise<Received>): Promise<{ status: number; message: string }> => {
    const before = messagesTaken(pipeline);
    const answer = await send();
    expect(messagesTaken(pipeline)).toBe(before);
    expect(answer.headers["content-type"]).toBe("application/json");
    const { message, ...rest } = JSON.parse(answer.body) as { message: string; id: string };
    expect(rest).toEqual({ id: answer.headers["x-amz-apigw-id"] });
    expect(accessLine(pipeline, rest.id)).toMatchObject({ status: String(answer.status) });
    return { status: answer.status, message };
  };

  it("tells an accepted webhook's sender the id that the history and the access log have", async () => {
    const answer = await post("open", { body: "{}" });
    const id = idIn(answer);

    expect([answer.status, JSON.parse(answer.body)]).toEqual([200, { id }]);
    expect(id).toBe(answer.headers["x-amz-apigw-id"]);
    expect(await endOf(pipeline, id)).toMatchObject({ source: "open", requestId: id, status: "processed" });
    expect(accessLine(pipeline, id)).toMatchObject({
      status: "200",
      integrationStatus: "200",
      resourcePath: "/webhooks/open",
      httpMethod: "POST",
      sourceIp: "127.0.0.1",
    });
  });

  it.each([
    ["application/json; charset=utf-8"],
    ["APPLICATION/JSON"],
    ["application/x-www-form-urlencoded"],
    ["text/xml;charset=iso-8859-1"],
    ["multipart/form-data; boundary=x"],
    ["application/vnd.contentful.management.v1+json"],
    [undefined],
  ])("takes the content type %s", async (type) => {
    const headers = type === undefined ? [] : ["Content-Type", type];

    expect((await post("open", { headers, body: "x" })).status).toBe(200);
  });

  it.each(["image/png", "application/jsonp", "json", "*/*"])("answers 415 to the type %s", async (type) => {
    expect(
      await refused(() => post("open", { headers: ["Content-Type", type], body: "Action=PurgeQueue" })),
    ).toEqual({
      status: 415,
      message: "This content type is not accepted here.",
    });
  });

  it.each(["nobody", "open/more", "Open", ""])("answers 404 to the source %j", async (source) => {
    expect(await refused(() => sendRequest(`${pipeline.url}/v1/webhooks/${source}`, { body: "x" }))).toEqual({
      status: 404,
      message: "No such webhook source.",
    });
  });

  it.each(["GET", "PUT", "OPTIONS"])("answers 404 to %s", async (method) => {
    expect((await refused(() => post("open", { method }))).status).toBe(404);
  });

  it("answers 404 to an unknown source that shows credentials, and does not repeat them", async () => {
    const headers = ["Authorization", 'Bearer "hidden-credential"'];
    const answer = await refused(() => sendRequest(`${pipeline.url}/v1/webhooks/nobody`, { headers }));

    expect(answer).toEqual({ status: 404, message: "No such webhook source." });
  });

  it("answers 403 to an address that is not the source's, and lets its own in", async () => {
    expect(await refused(() => post("fenced"))).toEqual({
      status: 403,
      message: "This address may not send webhooks for this source.",
    });
    expect((await post("at-home")).status).toBe(200);
    expect((await post("open")).status).toBe(200);
    // Who the sender says it is does not count.
    const forged = ["X-Forwarded-For", "127.0.0.9", "True-Client-IP", "127.0.0.9"];
    expect((await refused(() => post("fenced", { headers: forged }))).status).toBe(403);
  });

  it.each([
    ["GET", "dropbox", "?challenge=42"],
    ["HEAD", "intercom", ""],
    ["GET", "intercom", ""],
  ])(
    "answers a %s of the handshake of %s to the source's own addresses only",
    async (method, kind, query) => {
      const ask = (place: string) =>
        sendRequest(`${pipeline.endpoints[`${place}-${kind}`]}${query}`, { method });
      expect((await ask("at-home")).status).toBe(200);
      const answer = await ask("fenced");
      expect(answer.status).toBe(403);
      expect(answer.body).not.toContain("42");
    },
  );

  it("answers 403 without the source's key, and lets it in with it", async () => {
    const { state } = lookup(pipeline.graph.resources).one("aws:apigateway/apiKey:ApiKey");
    const keys = [[], ["x-api-key", ""], ["x-api-key", "guessed"]];
    for (const headers of keys) {
      expect(await refused(() => post("keyed", { headers }))).toEqual({
        status: 403,
        message: "The x-api-key header is missing or wrong.",
      });
    }
    expect((await post("keyed", { headers: ["X-Api-Key", String(state.value)] })).status).toBe(200);
  });

  it("answers 429 above a source's own limit, and takes the others' webhooks meanwhile", async () => {
    const answers = [await post("slow"), await post("slow")];
    expect(answers.map(({ status }) => status)).toEqual([200, 200]);

    expect(await refused(() => post("slow"))).toEqual({
      status: 429,
      message: "Too many requests. Send it again later.",
    });
    expect((await post("open")).status).toBe(200);
  });

  it("answers 413 to a body that cannot fit into a message", async () => {
    const before = messagesTaken(pipeline);
    const answer = await post("open", { body: Buffer.alloc(900_000) });

    expect(answer.status).toBe(413);
    expect(Object.keys(JSON.parse(answer.body))).toEqual(["message", "id"]);
    expect(accessLine(pipeline, idIn(answer))).toMatchObject({ status: "413", integrationStatus: "400" });
    expect(messagesTaken(pipeline)).toBe(before);
  });

  it("answers 413 to more than 10 MB in API Gateway's own words, which cannot be changed", async () => {
    const before = messagesTaken(pipeline);
    const answer = await post("open", { body: Buffer.alloc(10 * 1024 * 1024 + 1) });

    expect([answer.status, answer.body]).toEqual([413, "HTTP content length exceeded 10485760 bytes."]);
    expect(messagesTaken(pipeline)).toBe(before);
  });

  it("refuses more headers and longer URLs than API Gateway takes", async () => {
    const before = messagesTaken(pipeline);
    const many = await post("open", { headers: ["X-Long", "x".repeat(11 * 1024)] });
    const long = await sendRequest(`${pipeline.endpoints.open}?${"x".repeat(10_300)}`);

    expect([many.status, long.status]).toEqual([431, 414]);
    expect(messagesTaken(pipeline)).toBe(before);
  });

  it("logs a line of JSON for each request with every field, and nothing that a sender wrote", async () => {
    const mark = "content-of-a-sender";
    const headers = ["X-Mark", mark, "User-Agent", mark, "Cookie", mark, "Authorization", `Bearer "${mark}"`];
    const requests = [
      await post("open", { body: mark, headers }),
      await post("open", { body: mark, headers: [...headers, "Content-Type", mark] }),
      await post("fenced", { body: mark, headers }),
      await post("keyed", { body: mark, headers: [...headers, "x-api-key", mark] }),
      await sendRequest(`${pipeline.endpoints.open}?${mark}=${mark}`, { body: mark }),
      await sendRequest(`${pipeline.url}/v1/webhooks/${mark}`, { body: mark, headers }),
    ];
    expect(requests.map(({ status }) => status)).toEqual([200, 415, 403, 403, 200, 404]);

    const lines = pipeline.logs.filter(({ from }) => from === "access-log").map(({ line }) => line);
    expect(lines.filter((line) => line.includes(mark))).toEqual([]);
    const fields = Object.keys(JSON.parse(accessLogFormat)).sort();
    for (const line of accessLog(pipeline)) expect(Object.keys(line).sort()).toEqual(fields);
    expect(accessLine(pipeline, String(requests[1]?.headers["x-amz-apigw-id"]))).toMatchObject({
      status: "415",
      errorType: "UNSUPPORTED_MEDIA_TYPE",
      integrationStatus: "-",
    });
  });

  it("has its function see header names in any case", async () => {
    const id = idIn(await post("open", { headers: ["X-MiXeD", "1"], body: "x" }));

    expect((await endOf(pipeline, id)).status).toBe("processed");
  });

  it("left no message anywhere that it did not answer with 200", async () => {
    const accepted = () =>
      accessLog(pipeline).filter(({ status, httpMethod }) => status === "200" && httpMethod === "POST")
        .length;

    await eventually("as many messages as answers", () => messagesTaken(pipeline) === accepted());
    expect(accepted()).toBeGreaterThan(10);
  });
});

describe("a stage's own limit", () => {
  it("is answered with 429 for each source by itself", async () => {
    const api = await serveIngestApi({
      throttling: { requestsPerSecond: 1, burst: 1 },
      sources: [{ name: "one" }, { name: "other" }],
    });
    try {
      const status = async (source: string) => (await api.send(`/v1/webhooks/${source}`)).status;

      expect([await status("one"), await status("one"), await status("other")]).toEqual([200, 429, 200]);
    } finally {
      await api.close();
    }
  });
});
