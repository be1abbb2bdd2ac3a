import { connect } from "node:net";
import { afterEach, describe, expect, it } from "vitest";
import { serveRestApi } from "../../gateway/rest-api.js";
import { resourcesOfType } from "../../program/graph.js";
import { UserError } from "../../program/user-error.js";
import {
  FakeService,
  graphOf,
  operation,
  type RunningGateway,
  runGateway,
  serviceResponse,
  sqsIntegration,
  type TestApi,
} from "../support/gateway.js";

let running: RunningGateway | undefined;
afterEach(() => running?.gateway.close());

const paths = { "/hooks/a": { post: operation(sqsIntegration()) } };

describe("the access log", () => {
  const format =
    '{"id":"$context.requestId","ip":"$context.identity.sourceIp","m":"$context.httpMethod $context.resourcePath","s":$context.status,"l":"$context.responseLength","i":"$context.integration.status/$context.integrationStatus","e":"$context.error.responseType","x":"$context.authorizer.claims.sub"}';
  const serve = async () => {
    running = await runGateway({ paths, stage: { accessLogSettings: { format, destinationArn: "arn" } } });
    return running;
  };

  it("has a line for each request, in the stage's format", async () => {
    const { send, accessLog } = await serve();
    const answer = await send("/v1/hooks/a");

    expect(accessLog.map((line) => JSON.parse(line))).toEqual([
      {
        id: answer.headers["x-amzn-requestid"],
        ip: "127.0.0.1",
        m: "POST /hooks/a",
        s: 200,
        l: "11",
        i: "200/200",
        e: "-",
        x: "-",
      },
    ]);
  });

  it("has one for what is refused as well", async () => {
    const { send, accessLog } = await serve();
    await send("/v1/nope");
    await send("/v1/hooks/a", { headers: ["Content-Type", "image/png"] });

    expect(accessLog.map((line) => JSON.parse(line))).toMatchObject([
      { m: "POST -", s: 403, i: "-/-", e: "MISSING_AUTHENTICATION_TOKEN" },
      { m: "POST /hooks/a", s: 415, i: "-/-", e: "UNSUPPORTED_MEDIA_TYPE" },
    ]);
  });

  it("is not kept by a stage that names no format", async () => {
    running = await runGateway({ paths });
    await running.send("/v1/hooks/a");

    expect(running.accessLog).toEqual([]);
  });
});

it("every request of a stage is measured, with its latency by the clock", async () => {
  let now = 0;
  running = await runGateway({ paths }, () => now);
  running.service.answer = () => {
    now += 40;
    return Promise.resolve(serviceResponse(500, "{}"));
  };
  await running.send("/v1/hooks/a");
  await running.send("/v1/nope", { method: "GET" });

  expect(running.measured).toEqual([
    { stage: "v1", resource: "/hooks/a", method: "POST", status: 502, latencyMilliseconds: 40 },
    { stage: "v1", resource: "", method: "GET", status: 403, latencyMilliseconds: 0 },
  ]);
});

describe("the server", () => {
  it("says how to mend a port that is taken", async () => {
    running = await runGateway({ paths });
    const port = Number(new URL(running.gateway.url).port);
    const graph = graphOf({ paths });
    const [restApi] = resourcesOfType(graph, "aws:apigateway/restApi:RestApi");
    if (restApi === undefined) throw new Error("no API");
    const second = serveRestApi({ graph, restApi, callService: new FakeService().call }, port);

    await expect(second).rejects.toThrow(UserError);
    await expect(second).rejects.toThrow(`port ${port} is used by another program`);
  });

  it("answers what is under way before it closes, and nothing after", async () => {
    running = await runGateway({ paths });
    const { gateway, service, send } = running;
    let release = () => {};
    const called = new Promise<void>((resolve) => {
      service.answer = () => {
        resolve();
        return new Promise((answer) => {
          release = () => answer(serviceResponse(200, "{}"));
        });
      };
    });
    const answer = send("/v1/hooks/a");
    await called;
    const closed = gateway.close();
    release();

    expect((await answer).status).toBe(200);
    await closed;
    await expect(send("/v1/hooks/a")).rejects.toThrow("ECONNREFUSED");
    running = undefined;
  });

  it("queues nothing of a request whose sender goes away before its end", async () => {
    running = await runGateway({ paths });
    const { service, gateway } = running;
    const { port } = new URL(gateway.url);
    await new Promise<void>((resolve) => {
      const socket = connect(Number(port), "127.0.0.1", () => {
        socket.write("POST /v1/hooks/a HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\nabc", () =>
          socket.destroy(),
        );
      });
      socket.on("close", () => resolve());
    });
    await gateway.close();

    expect(service.requests).toEqual([]);
    running = undefined;
  });

  it("takes a request that names the whole URL, and one without a body under HTTP/1.0", async () => {
    running = await runGateway({ paths });
    const { port, host } = new URL(running.gateway.url);
    const raw = (request: string) =>
      new Promise<string>((resolve, reject) => {
        let answer = "";
        const socket = connect(Number(port), "127.0.0.1", () => socket.write(request));
        socket.on("data", (chunk) => {
          answer += chunk;
        });
        socket.on("close", () => resolve(answer));
        socket.on("error", reject);
      });

    expect(
      await raw(`POST http://${host}/v1/hooks/a HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`),
    ).toMatch(/^HTTP\/1.1 200 /);
    expect(await raw("POST /v1/hooks/a HTTP/1.0\r\n\r\n")).toMatch(/^HTTP\/1.1 200 /);
    expect(running.service.requests).toHaveLength(2);
  });
});

describe("an API that cannot be served as AWS would is refused with its reason", () => {
  const refused: [string, Partial<TestApi>, string][] = [
    ["body that is not JSON", { restApi: { body: "openapi: 3" } }, "is not an OpenAPI document in JSON"],
    ["no body", { restApi: { body: undefined } }, "reads the API from there"],
    ["Swagger 2", { restApi: { body: '{"swagger":"2.0"}' } }, "openapi"],
    [
      "an unknown extension",
      { document: { "x-amazon-apigateway-cors": {} } },
      "x-amazon-apigateway-cors: is not supported",
    ],
    [
      "an unknown extension of a method",
      { paths: { "/x": { post: operation(sqsIntegration(), { "x-amazon-apigateway-authorizer": {} }) } } },
      "paths → /x → post → x-amazon-apigateway-authorizer",
    ],
    [
      "an unknown key of an integration",
      { paths: { "/x": { post: operation(sqsIntegration({ requestTemplate: {} })) } } },
      "requestTemplate",
    ],
    [
      "an integration that is neither AWS nor mock",
      { paths: { "/x": { post: operation(sqsIntegration({ type: "http_proxy" })) } } },
      "x-amazon-apigateway-integration → type",
    ],
    [
      "a method without an integration",
      { paths: { "/x": { post: { responses: {} } } } },
      "x-amazon-apigateway-integration",
    ],
    [
      "no credentials",
      { paths: { "/x": { post: operation(sqsIntegration({ credentials: undefined })) } } },
      "POST /x: the integration has no credentials",
    ],
    [
      "a bad URI",
      { paths: { "/x": { post: operation(sqsIntegration({ uri: "sqs" })) } } },
      '"sqs" is not an integration URI',
    ],
    [
      "a template that cannot be read",
      { paths: { "/x": { post: operation(sqsIntegration({ requestTemplates: { "a/b": "#if($x)" } })) } } },
      "POST /x, request template for a/b: every #if",
    ],
    [
      "a pattern that cannot be read",
      { paths: { "/x": { post: operation(sqsIntegration({ responses: { "(": { statusCode: 200 } } })) } } },
      'POST /x, integration response "("',
    ],
    [
      "a mapping without quotes",
      {
        paths: {
          "/x": {
            post: operation(sqsIntegration({ requestParameters: { "integration.request.header.A": "b" } })),
          },
        },
      },
      'the parameter mapping "b"',
    ],
    [
      "a mapping from an undeclared parameter",
      {
        paths: {
          "/x": {
            post: operation(
              sqsIntegration({
                requestParameters: { "integration.request.header.A": "method.request.header.B" },
              }),
            ),
          },
        },
      },
      "declare method.request.header.B",
    ],
    [
      "a mapping to an undeclared header",
      {
        paths: {
          "/x": {
            post: operation(
              sqsIntegration({
                responses: {
                  default: { statusCode: 200, responseParameters: { "method.response.header.A": "'b'" } },
                },
              }),
            ),
          },
        },
      },
      "declare the header A in response 200",
    ],
    [
      "an unknown validator",
      { document: { "x-amazon-apigateway-request-validator": "v" } },
      'no request validator "v"',
    ],
    ["an unknown security scheme", { document: { security: [{ key: [] }] } }, 'no security scheme "key"'],
    ["compression", { restApi: { minimumCompressionSize: "0" } }, "minimumCompressionSize is not supported"],
    ["keys from an authorizer", { restApi: { apiKeySource: "AUTHORIZER" } }, "apiKeySource AUTHORIZER"],
    ["half a wildcard", { restApi: { binaryMediaTypes: ["image/*"] } }, '"image/*" matches nothing'],
    [
      "methods outside of the document",
      { resources: [{ type: "aws:apigateway/method:Method", name: "m", inputs: { restApi: "api" } }] },
      'aws:apigateway/method:Method "m" is not served locally',
    ],
    [
      "a stage of no deployment",
      { stage: { deployment: "other" } },
      "its deployment does not belong to this API",
    ],
    ["a canary", { stage: { canarySettings: { percentTraffic: 1 } } }, "canarySettings is not supported"],
    ["no stage", { stage: { restApi: "other" } }, "the API has no stage"],
  ];

  it.each(refused)("%s", async (_, api, message) => {
    const start = runGateway({ paths, ...api }).then((started) => {
      running = started;
    });

    await expect(start).rejects.toThrow(UserError);
    await expect(start).rejects.toThrow(message);
  });

  it("all its document's faults at once", async () => {
    const faulty = { "/x": { post: operation(sqsIntegration({ type: "x", timeoutInMillis: 1 })) } };

    await expect(runGateway({ paths: faulty })).rejects.toThrow(/type.*timeoutInMillis/s);
  });
});
