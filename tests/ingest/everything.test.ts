import { createHmac } from "node:crypto";
import { sendRequest } from "local-aws";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type LocalPipeline, startPipeline } from "../../local/pipeline.js";
import { accessLog, endOf, idIn } from "../support/ingest-pipeline.js";
import { lookup } from "../support/registered.js";

describe("the stage with all that the front door offers", () => {
  let pipeline: LocalPipeline;
  beforeAll(async () => {
    pipeline = await startPipeline({
      stack: "rest-everything",
      stageFile: "tests/fixtures/Pulumi.rest-everything.yaml",
    });
  });
  afterAll(() => pipeline?.stop());

  const signature = (source: string, body: string) =>
    createHmac("sha256", pipeline.secrets.values[source] ?? "")
      .update(body)
      .digest("hex");

  it("tells each source's address under its own domain", () => {
    const base = "https://hooks.example.com/partners/in/hooks";

    expect(pipeline.graph.outputs.endpoints).toEqual({
      slack: `${base}/slack`,
      whatsapp: `${base}/whatsapp`,
      github: `${base}/github`,
      partner: `${base}/partner`,
    });
  });

  it("can be posted to on this machine at the addresses that the pipeline tells", async () => {
    const body = '{"object":"page"}';
    const headers = ["X-Hub-Signature-256", `sha256=${signature("whatsapp", body)}`];
    const answer = await sendRequest(pipeline.endpoints.whatsapp ?? "", { body, headers });

    expect(answer.status).toBe(200);
    expect(await endOf(pipeline, idIn(answer))).toMatchObject({ source: "whatsapp", status: "processed" });
  });

  it("can be posted to under its domain, and under API Gateway's own address", async () => {
    const { state } = lookup(pipeline.graph.resources).one("aws:apigateway/apiKey:ApiKey");
    const post = (path: string, id: string, ...more: string[]) => {
      const body = JSON.stringify({ id, order: { number: 7, state: "paid" } });
      const own = ["X-Api-Key", String(state.value), "X-Partner-Signature", signature("partner", body)];
      return sendRequest(pipeline.url + path, { body, headers: [...own, ...more] });
    };

    const answers = [
      await post("/partners/in/hooks/partner", "1", "Host", "hooks.example.com"),
      await post("/live/in/hooks/partner", "2"),
    ];
    for (const answer of answers) {
      expect(await endOf(pipeline, idIn(answer))).toMatchObject({ source: "partner", status: "processed" });
    }
    expect(accessLog(pipeline).filter(({ status }) => status === "200")).toHaveLength(3);
  });

  it("refuses what each source has ruled out", async () => {
    const post = async (source: string, body: string, ...headers: string[]) =>
      (await sendRequest(`${pipeline.url}/live/in/hooks/${source}`, { body, headers })).status;
    const { state } = lookup(pipeline.graph.resources).one("aws:apigateway/apiKey:ApiKey");

    expect(await post("github", "{}")).toBe(403);
    expect(await post("partner", "{}")).toBe(403);
    expect(await post("partner", '{"id":"1"}', "X-Api-Key", String(state.value))).toBe(400);
    expect(await post("slack", "<x/>", "Content-Type", "application/xml")).toBe(415);
  });

  it("answers both handshakes", async () => {
    const meta = `${pipeline.url}/live/in/hooks/whatsapp?hub.mode=subscribe&hub.challenge=42&hub.verify_token=`;
    const ask = async (token: string) => (await sendRequest(meta + token, { method: "GET" })).body;
    const slack = await sendRequest(`${pipeline.url}/live/in/hooks/slack`, {
      body: '{"type":"url_verification","challenge":"c"}',
    });

    expect(await ask("a-token-of-this-stage")).toBe("42");
    expect(await ask("another-token")).not.toBe("42");
    expect(JSON.parse(slack.body)).toEqual({ challenge: "c" });
  });
});
