import { createServer } from "node:http";
import { afterEach, describe, expect, it } from "vitest";
import { type RunningApi, serveApis } from "../../gateway/serve-apis.js";
import { listenOnLoopback } from "../../loopback.js";
import type { GraphResource } from "../../program/graph.js";
import { type Cloud, startCloud } from "../../services/cloud.js";
import { MetricStore } from "../../watching/metrics.js";
import { graphOf, resource } from "../support/graphs.js";

/** A REST API that answers GET /name by itself, with its name. */
function restApi(name: string): GraphResource[] {
  const integration = {
    type: "mock",
    requestTemplates: { "application/json": '{"statusCode": 200}' },
    responses: { default: { statusCode: "200", responseTemplates: { "application/json": `"${name}"` } } },
  };
  const get = { responses: { "200": {} }, "x-amazon-apigateway-integration": integration };
  const body = JSON.stringify({
    openapi: "3.0.1",
    info: { title: name, version: "1" },
    paths: { "/name": { get } },
  });
  const api = resource("aws:apigateway/restApi:RestApi", name, { body });
  const deployment = resource("aws:apigateway/deployment:Deployment", `${name}-deployment`, {
    restApi: api.id,
  });
  const stage = resource("aws:apigateway/stage:Stage", `${name}-stage`, {
    restApi: api.id,
    deployment: deployment.id,
    stageName: "v1",
  });
  return [api, deployment, stage];
}

const ends: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
});

async function serve(resources: GraphResource[], port = 0): Promise<RunningApi[]> {
  const cloud: Cloud = await startCloud(graphOf(resources));
  ends.push(() => cloud.close());
  const apis = await serveApis({ cloud, metrics: new MetricStore(60), onAccessLog: () => {}, port });
  ends.push(() => Promise.all(apis.map((api) => api.close())));
  return apis;
}

/** A port that was free a moment ago. */
async function freePort(): Promise<number> {
  const { origin, close } = await listenOnLoopback(createServer());
  await close();
  return Number(new URL(origin).port);
}

describe("the APIs of a program", () => {
  it("answer each on a port of its own, the first on the one that is asked for", async () => {
    const port = await freePort();
    const apis = await serve([...restApi("orders"), ...restApi("returns")], port);

    expect(apis.map(({ name }) => name)).toEqual(["RestApi orders", "RestApi returns"]);
    expect(apis[0]?.url).toBe(`http://127.0.0.1:${port}`);
    const answers = await Promise.all(apis.map(async ({ url }) => (await fetch(`${url}/v1/name`)).json()));
    expect(answers).toEqual(["orders", "returns"]);
  });

  it("do not keep the port when one of them cannot be served", async () => {
    const port = await freePort();
    const [broken = resource("", "")] = restApi("returns");
    await expect(serve([...restApi("orders"), broken], port)).rejects.toThrow("the API has no stage");

    const { close } = await listenOnLoopback(createServer(), port);
    await close();
  });

  it("may be none", async () => {
    expect(await serve([])).toEqual([]);
  });
});
