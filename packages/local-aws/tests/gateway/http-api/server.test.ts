import { afterEach, describe, expect, it } from "vitest";
import { type HttpMeasured, serveHttpApi } from "../../../gateway/http-api/server.js";
import type { GraphResource } from "../../../program/graph.js";
import { sendRequest } from "../../../testing/send-request.js";
import { FakeService, serviceResponse } from "../../support/gateway.js";
import { graphOf, resource } from "../../support/graphs.js";

const routeKey = "POST /orders";

interface TestHttpApi {
  readonly api?: Record<string, unknown>;
  readonly integration?: Record<string, unknown>;
  readonly parameters?: Record<string, string>;
  readonly route?: Record<string, unknown>;
  readonly stage?: Record<string, unknown>;
  readonly stages?: readonly string[];
}

/** An API with one route, as a program would register it. */
function httpApi({
  api = {},
  integration = {},
  parameters = {},
  route = {},
  stage = {},
  stages = ["$default"],
}: TestHttpApi = {}): GraphResource[] {
  const apiId = "api";
  return [
    resource("aws:apigatewayv2/api:Api", apiId, { protocolType: "HTTP", ...api }),
    resource("aws:apigatewayv2/integration:Integration", "github", {
      apiId,
      integrationType: "AWS_PROXY",
      integrationSubtype: "SQS-SendMessage",
      payloadFormatVersion: "1.0",
      credentialsArn: "arn:aws:iam::000000000000:role/api",
      requestParameters: { QueueUrl: "https://queue", MessageBody: "$request.body", ...parameters },
      ...integration,
    }),
    resource("aws:apigatewayv2/route:Route", "github-route", {
      apiId,
      routeKey,
      target: "integrations/github-id",
      ...route,
    }),
    ...stages.map((name) =>
      resource("aws:apigatewayv2/stage:Stage", `stage-${name}`, { apiId, name, autoDeploy: true, ...stage }),
    ),
  ];
}

const stops: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const stop of stops.splice(0)) await stop();
});

async function run(api?: TestHttpApi, clock?: () => number) {
  const service = new FakeService();
  const [accessLog, problems]: [string[], string[]] = [[], []];
  const measured: HttpMeasured[] = [];
  const gateway = await serveHttpApi({
    graph: graphOf(httpApi(api)),
    apiId: "api",
    callService: service.call,
    onAccessLog: (line) => accessLog.push(line),
    onExecutionLog: (line) => problems.push(line),
    onRequest: (request) => measured.push(request),
    ...(clock === undefined ? {} : { clock }),
  });
  stops.push(() => gateway.close());
  const post = (path: string, headers: readonly string[] = [], body = "{}") =>
    sendRequest(gateway.url + path, { headers, body });
  return { service, accessLog, problems, measured, post };
}

describe("the local HTTP API", () => {
  it("sends what the route maps, with the integration's role, in SQS's query protocol", async () => {
    const attributes = { id: { DataType: "String", StringValue: `\${request.header.x-id}` } };
    const { service, post } = await run({
      parameters: { MessageGroupId: "github", MessageAttributes: JSON.stringify(attributes) },
    });
    await post("/orders", ["X-Id", "a&Action=PurgeQueue"], "a=1&QueueUrl=https://other");

    expect(service.requests[0]).toMatchObject({
      service: "sqs",
      roleArn: "arn:aws:iam::000000000000:role/api",
    });
    expect(Object.fromEntries(new URLSearchParams(service.sent))).toEqual({
      Action: "SendMessage",
      Version: "2012-11-05",
      QueueUrl: "https://queue",
      MessageBody: "a=1&QueueUrl=https://other",
      MessageGroupId: "github",
      "MessageAttribute.1.Name": "id",
      "MessageAttribute.1.Value.DataType": "String",
      "MessageAttribute.1.Value.StringValue": "a&Action=PurgeQueue",
    });
  });

  it("tells where a request came from, whatever the sender says of itself", async () => {
    const address = { DataType: "String", StringValue: `$\{context.identity.sourceIp}` };
    const { service, post } = await run({ parameters: { MessageAttributes: JSON.stringify({ address }) } });
    await post("/orders", ["X-Forwarded-For", "6.6.6.6", "X-Real-IP", "6.6.6.6", "Forwarded", "for=6.6.6.6"]);

    const sent = new URLSearchParams(service.sent);
    expect(sent.get("MessageAttribute.1.Value.StringValue")).toBe("127.0.0.1");
  });

  it("passes SQS's status and body on, but for statuses that are mapped", async () => {
    const { service, post, measured } = await run({
      integration: {
        responseParameters: [{ statusCode: "403", mappings: { "overwrite:statuscode": "502" } }],
      },
    });
    const answers = [];
    for (const status of [200, 403, 400, 503]) {
      service.answer = () => Promise.resolve(serviceResponse(status, `answer ${status}`));
      answers.push(await post("/orders"));
    }

    expect(answers.map(({ status, body }) => [status, body])).toEqual([
      [200, "answer 200"],
      [502, "answer 403"],
      [400, "answer 400"],
      [503, "answer 503"],
    ]);
    expect(measured.map(({ status }) => status)).toEqual([200, 502, 400, 503]);
  });

  it("finds routes under the default stage, or under the stage in the path", async () => {
    const both = await run({ stages: ["$default", "live"] });
    const named = await run({ stages: ["live"] });

    expect((await both.post("/orders")).status).toBe(200);
    expect((await both.post("/live/orders")).status).toBe(200);
    expect((await both.post("/other/orders")).status).toBe(404);
    expect((await named.post("/orders")).status).toBe(404);
    expect((await named.post("/live/orders")).status).toBe(200);
  });

  it("throttles a route by its own limit, and lets it in again when time has passed", async () => {
    let now = 0;
    const settings = { throttlingRateLimit: 1, throttlingBurstLimit: 2 };
    const { post, service } = await run({ stage: { routeSettings: [{ routeKey, ...settings }] } }, () => now);
    const statuses = [];
    for (const later of [0, 0, 0, 1_000]) {
      now += later;
      statuses.push((await post("/orders")).status);
    }

    expect(statuses).toEqual([200, 200, 429, 200]);
    expect(service.requests).toHaveLength(3);
  });

  it("throttles every route by the stage's default", async () => {
    const defaultRouteSettings = { throttlingRateLimit: 1, throttlingBurstLimit: 1 };
    const { post } = await run({ stage: { defaultRouteSettings } }, () => 0);

    expect((await post("/orders")).status).toBe(200);
    expect((await post("/orders")).status).toBe(429);
  });

  it("refuses 10,240 bytes of request line and headers together, although each alone is short enough", async () => {
    const { post, service } = await run();
    const { status } = await post(`/orders?${"q".repeat(6_000)}`, ["X-Long", "h".repeat(5_000)]);

    expect(status).toBe(431);
    expect(service.requests).toEqual([]);
  });

  it("answers an error when SQS cannot be reached, or takes too long", async () => {
    const unreachable = await run();
    unreachable.service.answer = () => Promise.reject(new Error("no route to host"));
    const slow = await run({ integration: { timeoutMilliseconds: 50 } });
    slow.service.answer = () => new Promise(() => {});

    expect((await unreachable.post("/orders")).status).toBe(503);
    expect((await slow.post("/orders")).status).toBe(503);
    expect([...unreachable.problems, ...slow.problems].join()).toMatch(/no route to host.*within 50 ms/);
  });

  it("answers an error when a parameter has no value, or the attributes are no JSON", async () => {
    const missing = await run({ parameters: { MessageDeduplicationId: "$request.header.x-id" } });
    const broken = await run({ parameters: { MessageAttributes: `{"a":\${request.header.x-id}}` } });
    const answer = await missing.post("/orders");

    expect(answer.status).toBe(400);
    expect(answer.body).toContain("Unable to resolve property MessageDeduplicationId");
    expect((await broken.post("/orders", ["X-Id", "{"])).status).toBe(500);
    expect([...missing.service.requests, ...broken.service.requests]).toEqual([]);
  });

  it("logs each request of a stage in its format", async () => {
    const format = "$context.routeKey $context.status $context.integration.status $context.missing";
    const { accessLog, post } = await run({ stage: { accessLogSettings: { format } } });
    await post("/orders");
    await post("/nowhere");

    expect(accessLog).toEqual([`${routeKey} 200 200 -`, "- 404 - -"]);
  });
});

describe("an HTTP API that cannot be served here", () => {
  const refusals: [TestHttpApi, RegExp][] = [
    [{ stages: [] }, /api: has no stage/],
    [{ api: { body: "{}" } }, /serves routes, not a body/],
    [{ stage: { autoDeploy: false } }, /stage "stage-\$default": .*set autoDeploy/],
    [{ route: { routeKey: "$default" } }, /route "github-route": .*not "\$default"/],
    [{ route: { authorizationType: "JWT" } }, /authorizers are not supported locally/],
    [{ route: { target: "integrations/other" } }, /its target is not an integration of this API/],
    [
      { integration: { integrationSubtype: "Kinesis-PutRecord" } },
      /serves only AWS_PROXY with SQS-SendMessage/,
    ],
    [{ integration: { payloadFormatVersion: "2.0" } }, /must be 1\.0/],
    [{ integration: { credentialsArn: undefined } }, /has no credentialsArn/],
    [{ integration: { requestParameters: { QueueUrl: "x" } } }, /MessageBody is missing/],
    [{ parameters: { Queue: "x" } }, /Queue is not a parameter of SQS-SendMessage/],
    [
      { parameters: { MessageAttributes: `{"a":"\${context.path}${"x".repeat(512)}"}` } },
      /MessageAttributes has 535 characters; AWS takes 1 to 512 in a request parameter/,
    ],
    [{ parameters: { MessageAttributes: "{}" } }, /AWS refuses JSON without an expression/],
    [
      { integration: { responseParameters: [{ statusCode: "200", mappings: { "append:header.a": "b" } }] } },
      /supports only overwrite:statuscode/,
    ],
  ];
  it.each(refusals)("is refused for %j", async (api, message) => {
    await expect(run(api)).rejects.toThrow(message);
  });
});
