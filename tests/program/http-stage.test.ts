import type { Graph } from "local-aws";
import { beforeAll, describe, expect, it } from "vitest";
import { readProgram } from "../../local/program.js";
import { lookup, type Registered } from "../support/registered.js";
import { stageGraph } from "../support/stage-graphs.js";

const stageFile = "tests/fixtures/Pulumi.http.yaml";
const integrationType = "aws:apigatewayv2/integration:Integration";

describe("the program of a stage with api.kind http", () => {
  let graph: Graph;
  let program: Registered;

  beforeAll(async () => {
    graph = await stageGraph("http", stageFile);
    program = lookup(graph.resources, graph.outputs);
  });

  it("has an HTTP API in place of a REST API", () => {
    expect(program.all("aws:apigateway/restApi:RestApi")).toEqual([]);
    expect(program.one("aws:apigatewayv2/stage:Stage").inputs.name).toBe("$default");
  });

  it("tells each source its URL", () => {
    const origin = "https://webhooks-http-api.execute-api.eu-west-1.amazonaws.com";
    expect(graph.outputs.endpoints).toEqual({
      github: `${origin}/webhooks/github`,
      stripe: `${origin}/webhooks/stripe`,
      crm: `${origin}/webhooks/crm`,
    });
  });

  it("carries what each source's function reads, and no more", () => {
    const carried = ["github", "stripe", "crm"].map((source) => {
      const { inputs } = program.one(integrationType, `webhooks-http-api-${source}`);
      const { MessageAttributes } = inputs.requestParameters as Record<string, string>;
      const { webhook } = JSON.parse(MessageAttributes ?? "") as { webhook: { StringValue: string } };
      return webhook.StringValue.split("\n")
        .slice(1)
        .map((line) => line.slice(0, line.indexOf("=")));
    });

    expect(carried).toEqual([
      ["content-type", "x-hub-signature-256", "x-github-delivery", "x-github-event"],
      ["content-type", "stripe-signature"],
      ["content-type", "?token"],
    ]);
  });

  it("has its alarms watch the HTTP API", () => {
    const { dimensions, metricName } = program.one(
      "aws:cloudwatch/metricAlarm:MetricAlarm",
      "webhooks-api-server-errors",
    ).inputs;

    expect([metricName, dimensions]).toEqual(["5xx", { ApiId: "webhooks-http-api" }]);
  });

  it("can hang its routes on another stack's API", async () => {
    const { resources } = await readProgram({
      stack: "http",
      stageFile,
      overrides: {
        "webhook-pipeline:sources": [{ name: "github", signature: { scheme: "github" } }],
        "webhook-pipeline:api": { kind: "http", existing: { name: "shared" }, stageName: "prod" },
      },
    });
    const { one, all } = lookup(resources);

    expect(one("aws:apigatewayv2/route:Route").inputs.apiId).toBe("id-of-shared");
    expect([...all("aws:apigatewayv2/api:Api"), ...all("aws:apigatewayv2/stage:Stage")]).toEqual([]);
  });
});
