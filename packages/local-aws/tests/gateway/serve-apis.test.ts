import { createServer } from "node:http";
import { afterEach, describe, expect, it } from "vitest";
import { type RunningApi, serveApis } from "../../gateway/serve-apis.js";
import { listenOnLoopback } from "../../loopback.js";
import type { GraphResource } from "../../program/graph.js";
import { type Cloud, startCloud } from "../../services/cloud.js";
import { MetricStore } from "../../watching/metrics.js";
import { graphOf, resource } from "../support/graphs.js";

/** A REST API that answers GET /name by itself, with its name, and other paths with the status that is given. */
function restApi(name: string, statuses: Readonly<Record<string, string>> = {}): GraphResource[] {
  const operation = (statusCode: string) => ({
    responses: { [statusCode]: {} },
    "x-amazon-apigateway-integration": {
      type: "mock",
      requestTemplates: { "application/json": `{"statusCode": ${statusCode}}` },
      responses: { default: { statusCode, responseTemplates: { "application/json": `"${name}"` } } },
    },
  });
  const paths = { "/name": "200", ...statuses };
  const body = JSON.stringify({
    openapi: "3.0.1",
    info: { title: name, version: "1" },
    paths: Object.fromEntries(
      Object.entries(paths).map(([path, statusCode]) => [path, { get: operation(statusCode) }]),
    ),
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

async function serve(
  resources: GraphResource[],
  port = 0,
  metrics = new MetricStore(60),
): Promise<RunningApi[]> {
  const cloud: Cloud = await startCloud(graphOf(resources));
  ends.push(() => cloud.close());
  const apis = await serveApis({ cloud, metrics, onAccessLog: () => {}, port });
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

  it("count requests, and those that end with 4xx and 5xx, by API and by its stage", async () => {
    const metrics = new MetricStore(60);
    const [api] = await serve(restApi("orders", { "/broken": "503", "/gone": "410" }), 0, metrics);
    for (const path of ["name", "broken", "gone", "gone"]) await fetch(`${api?.url}/v1/${path}`);

    const counted = (name: string, dimensions: Record<string, string>) =>
      metrics
        .values({ namespace: "AWS/ApiGateway", name, dimensions }, 0, Date.now() + 1)
        .reduce((sum, value) => sum + value, 0);
    for (const dimensions of [{ ApiName: "orders" }, { ApiName: "orders", Stage: "v1" }]) {
      expect([
        counted("Count", dimensions),
        counted("4XXError", dimensions),
        counted("5XXError", dimensions),
      ]).toEqual([4, 2, 1]);
    }
  });

  it("may be none", async () => {
    expect(await serve([])).toEqual([]);
  });
});
