// biome-ignore-all lint/suspicious/noTemplateCurlyInString: Velocity's references look like JavaScript's
import { afterEach, describe, expect, it } from "vitest";
import {
  operation,
  type RunningGateway,
  runGateway,
  sqsIntegration,
  type TestApi,
} from "../../support/gateway.js";

let running: RunningGateway | undefined;
afterEach(() => running?.gateway.close());

const paths = { "/hooks/a": { post: operation(sqsIntegration()) } };
const serve = async (api: Partial<TestApi> = {}) => {
  running = await runGateway({ paths, ...api });
  return running;
};

describe("what leads nowhere", () => {
  it.each([
    [
      "an unknown path",
      "POST",
      "/v1/hooks/b",
      "Missing Authentication Token",
      "MissingAuthenticationTokenException",
    ],
    [
      "a path below one",
      "POST",
      "/v1/hooks/a/b",
      "Missing Authentication Token",
      "MissingAuthenticationTokenException",
    ],
    ["the root", "POST", "/v1", "Missing Authentication Token", "MissingAuthenticationTokenException"],
    [
      "an unknown method",
      "GET",
      "/v1/hooks/a",
      "Missing Authentication Token",
      "MissingAuthenticationTokenException",
    ],
    ["an unknown stage", "POST", "/v2/hooks/a", "Forbidden", "ForbiddenException"],
  ])("%s is a 403 and reaches no backend", async (_, method, path, message, errorType) => {
    const { send, service } = await serve();

    const answer = await send(path, { method });
    expect([answer.status, answer.body]).toEqual([403, JSON.stringify({ message })]);
    expect(answer.headers["x-amzn-errortype"]).toBe(errorType);
    expect(service.requests).toEqual([]);
  });

  it("repeats an Authorization header word for word if it is not a signature of AWS's, as AWS does", async () => {
    const { send } = await serve();

    const answer = await send("/v1/nope", { headers: ["Authorization", 'Bearer a"b'] });
    expect([answer.status, answer.headers["x-amzn-errortype"]]).toEqual([
      403,
      "IncompleteSignatureException",
    ]);
    expect(JSON.parse(answer.body).message).toBe(
      `'a"b' not a valid key=value pair (missing equal-sign) in Authorization header: 'Bearer a"b'.`,
    );
  });

  it("an any-method takes every method but those that have their own", async () => {
    const any = operation(sqsIntegration({ uri: "arn:aws:apigateway:eu-west-1:sqs:path/0/any" }));
    const { send, service } = await serve({
      paths: { "/x": { post: operation(sqsIntegration()), "x-amazon-apigateway-any-method": any } },
    });
    await send("/v1/x", { method: "PUT" });
    await send("/v1/x/", { method: "POST" });

    expect(service.requests.map(({ path }) => path)).toEqual(["/0/any", "/000000000000/orders"]);
  });
});

describe("gateway responses", () => {
  const withResponses = (responses: object) =>
    serve({
      document: { "x-amazon-apigateway-gateway-responses": responses },
      stage: { variables: { a: "stage" } },
    });

  it("replace status, headers and body of their type", async () => {
    const { send } = await withResponses({
      MISSING_AUTHENTICATION_TOKEN: {
        statusCode: 404,
        responseParameters: {
          "gatewayresponse.header.X-Const": "'c'",
          "gatewayresponse.header.X-Sent": "method.request.header.X-In",
          "gatewayresponse.header.X-None": "method.request.header.X-Out",
          "gatewayresponse.header.X-Context": "context.httpMethod",
        },
        responseTemplates: {
          "application/json":
            '{"m":$context.error.messageString,"t":"$context.error.responseType","s":"$stageVariables.a","h":"$method.request.header.X-In","n":"$context.nope"}',
        },
      },
    });

    const answer = await send("/v1/nope", { headers: ["X-In", "in"] });
    expect(answer.status).toBe(404);
    expect(JSON.parse(answer.body)).toEqual({
      m: "Missing Authentication Token",
      t: "MISSING_AUTHENTICATION_TOKEN",
      s: "stage",
      h: "in",
      n: "",
    });
    expect(answer.headers).toMatchObject({
      "x-const": "c",
      "x-sent": "in",
      "x-context": "POST",
    });
    expect(answer.headers).not.toHaveProperty("x-none");
  });

  it("know no Velocity", async () => {
    const template = "#if($context.stage)$util.base64Encode('x')#end${context.stage}";
    const { send } = await withResponses({
      DEFAULT_4XX: { responseTemplates: { "application/json": template } },
    });

    expect((await send("/v1/nope")).body).toBe("#if(v1)$util.base64Encode('x')#endv1");
  });

  it("of the default types keep each fault's own status unless they set one", async () => {
    const responseTemplates = { "application/json": '{"own":$context.error.messageString}' };
    const { send, service } = await withResponses({
      DEFAULT_4XX: { responseTemplates },
      DEFAULT_5XX: { responseTemplates, statusCode: "503" },
      UNSUPPORTED_MEDIA_TYPE: { statusCode: 406 },
    });
    service.answer = () => Promise.reject(new Error("down"));

    const unsupported = await send("/v1/hooks/a", { headers: ["Content-Type", "image/png"] });
    expect([unsupported.status, unsupported.body]).toEqual([406, '{"message":"Unsupported Media Type"}']);
    expect(await send("/v1/nope")).toMatchObject({
      status: 403,
      body: '{"own":"Missing Authentication Token"}',
    });
    expect(await send("/v1/hooks/a")).toMatchObject({
      status: 503,
      body: '{"own":"Network error communicating with endpoint"}',
    });
  });

  it("leave the answer to more than 10 MB as it is", async () => {
    const { send } = await withResponses({
      REQUEST_TOO_LARGE: { responseTemplates: { "application/json": "{}" } },
      DEFAULT_4XX: { responseTemplates: { "application/json": "{}" } },
    });

    const answer = await send("/v1/hooks/a", { body: Buffer.alloc(10 * 1024 * 1024 + 1) });
    expect([answer.status, answer.body]).toEqual([413, "HTTP content length exceeded 10485760 bytes."]);
  });

  it("of a type that AWS does not have are refused by name", async () => {
    await expect(withResponses({ TEAPOT: {} })).rejects.toThrow(
      'gateway response "TEAPOT" does not exist on AWS',
    );
  });
});

describe("a resource policy", () => {
  const allow = { Effect: "Allow", Principal: "*", Action: "execute-api:Invoke", Resource: "execute-api:/*" };
  const from = (range: string | string[]) => ({ Condition: { IpAddress: { "aws:SourceIp": range } } });
  const notFrom = (range: string) => ({ Condition: { NotIpAddress: { "aws:SourceIp": range } } });
  const policy = (...statements: object[]) => ({ Version: "2012-10-17", Statement: statements });

  // Every request comes from 127.0.0.1, the one address that each system has.
  const allowed: [string, object][] = [
    ["an allowed range", policy({ ...allow, ...from(["10.0.0.0/8", "127.0.0.0/30"]) })],
    ["an allowed single address", policy({ ...allow, ...from("127.0.0.1") })],
    ["outside of a denied rest", policy(allow, { ...allow, Effect: "Deny", ...notFrom("127.0.0.1/32") })],
    [
      "the resource's own ARN",
      policy({ ...allow, Resource: "arn:aws:execute-api:eu-west-1:000000000000:api/v1/POST/hooks/*" }),
    ],
    ["a stage and a method", policy({ ...allow, Resource: "execute-api:/v1/POST/hooks/a" })],
  ];
  it.each(allowed)("lets in %s", async (_, document) => {
    const { send } = await serve({
      restApi: { policy: JSON.stringify(document), binaryMediaTypes: ["*/*"] },
    });

    expect((await send("/v1/hooks/a")).status).toBe(200);
  });

  const denied: [string, object, string][] = [
    ["an address out of range", policy({ ...allow, ...from("127.0.0.8/30") }), ""],
    ["everybody without an allow", policy({ ...allow, Resource: "execute-api:/v1/GET/*" }), ""],
    [
      "anonymous callers where one principal is allowed",
      policy({ ...allow, Principal: { AWS: "arn:aws:iam::000000000000:role/caller" } }),
      "",
    ],
    [
      "all but what is named",
      policy({
        Effect: "Allow",
        Principal: "*",
        Action: "execute-api:Invoke",
        NotResource: "execute-api:/v1/POST/*",
      }),
      "",
    ],
    ["another action", policy({ ...allow, Action: "execute-api:ManageConnections" }), ""],
    [
      "a denied address, allowed or not",
      policy(allow, { ...allow, Effect: "Deny", ...from("127.0.0.0/8") }),
      " with an explicit deny",
    ],
  ];
  it.each(denied)("answers 403 to %s", async (_, document, suffix) => {
    const { send, service } = await serve({ document: { "x-amazon-apigateway-policy": document } });

    const answer = await send("/v1/hooks/a");
    expect([answer.status, JSON.parse(answer.body)]).toEqual([
      403,
      {
        message: `User: anonymous is not authorized to perform: execute-api:Invoke on resource: arn:aws:execute-api:eu-west-1:********0000:api/v1/POST/hooks/a${suffix}`,
      },
    ]);
    expect(answer.headers["x-amzn-errortype"]).toBe("AccessDeniedException");
    expect(service.requests).toEqual([]);
  });

  it.each([
    [
      "an unknown condition",
      policy({ ...allow, Condition: { StringEquals: { "aws:SourceVpc": "x" } } }),
      'the condition key "aws:SourceVpc"',
    ],
    ["no principal", policy({ ...allow, Principal: undefined }), "which names no Principal"],
    ["no resource", policy({ ...allow, Resource: undefined }), "which names no Resource"],
    ["both kinds of resources", policy({ ...allow, NotResource: "x" }), "Resource and NotResource"],
    [
      "an address in another key",
      policy({ ...allow, Condition: { IpAddress: { "aws:PrincipalArn": "10.0.0.0/8" } } }),
      'IpAddress of "aws:PrincipalArn", which is no address',
    ],
    ["no address", policy({ ...allow, ...from("10.0.0.0/33") }), '"10.0.0.0/33", which is no address range'],
    ["no policy", "{", "is not JSON"],
  ])("that holds %s is refused at the start", async (_, document, message) => {
    await expect(serve({ restApi: { policy: document } })).rejects.toThrow(message);
  });
});

describe("an API key", () => {
  const resources = (plan: object = {}, key: object = { value: "right" }) => [
    { type: "aws:apigateway/apiKey:ApiKey", name: "key", inputs: { ...key } },
    {
      type: "aws:apigateway/usagePlan:UsagePlan",
      name: "plan",
      inputs: { apiStages: [{ apiId: "api", stage: "v1" }], ...plan },
    },
    {
      type: "aws:apigateway/usagePlanKey:UsagePlanKey",
      name: "link",
      inputs: { keyId: "key", usagePlanId: "plan", keyType: "API_KEY" },
    },
  ];
  const api = (plan?: object, key?: object): Partial<TestApi> => ({
    paths: {
      "/closed": { post: operation(sqsIntegration(), { security: [{ key: [] }] }) },
      "/open": { post: operation(sqsIntegration(), { security: [] }) },
    },
    document: {
      security: [{ key: [] }],
      components: { securitySchemes: { key: { type: "apiKey", name: "x-api-key", in: "header" } } },
    },
    resources: resources(plan, key),
  });

  it("opens a method that asks for it", async () => {
    const { send } = await serve(api());

    expect((await send("/v1/closed", { headers: ["X-API-Key", "right"] })).status).toBe(200);
    expect((await send("/v1/open")).status).toBe(200);
  });

  it.each([[[]], [["x-api-key", "wrong"]], [["x-api-key", ""]]])(
    "keeps out a request with %j",
    async (headers) => {
      const { send, service } = await serve(api());

      const answer = await send("/v1/closed", { headers });
      expect([answer.status, answer.body]).toEqual([403, '{"message":"Forbidden"}']);
      expect(service.requests).toEqual([]);
    },
  );

  it.each([
    ["that is disabled", undefined, { value: "right", enabled: false }],
    ["whose plan is for another stage", { apiStages: [{ apiId: "api", stage: "v2" }] }, undefined],
    ["whose plan is for another API", { apiStages: [{ apiId: "other", stage: "v1" }] }, undefined],
  ])("%s opens nothing", async (_, plan, key) => {
    const { send } = await serve(api(plan, key));

    expect((await send("/v1/closed", { headers: ["x-api-key", "right"] })).status).toBe(403);
  });

  it("is throttled by its usage plan", async () => {
    const { send } = await serve(api({ throttleSettings: { rateLimit: 0, burstLimit: 1 } }));
    const call = async () => (await send("/v1/closed", { headers: ["x-api-key", "right"] })).status;

    expect([await call(), await call()]).toEqual([200, 429]);
  });

  it.each([
    [{ quotaSettings: { limit: 1, period: "DAY" } }, undefined, "quotas"],
    [undefined, {}, "has no value"],
  ])("is refused at the start with plan %j and key %j", async (plan, key, message) => {
    await expect(serve(api(plan, key))).rejects.toThrow(message);
  });
});

describe("a request validator", () => {
  const schema = {
    type: "object",
    required: ["id"],
    properties: { id: { type: "string", minLength: 1 }, part: { $ref: "#/components/schemas/Part" } },
  };
  const api = (rest: object, content: object = { "application/json": { schema } }): Partial<TestApi> => ({
    paths: {
      "/x": {
        post: operation(sqsIntegration({ contentHandling: undefined }), {
          parameters: [
            { name: "X-Sig", in: "header", required: true },
            { name: "q", in: "query", required: true },
            { name: "X-Other", in: "header" },
          ],
          requestBody: { content },
          "x-amazon-apigateway-request-validator": "check",
        }),
      },
    },
    document: {
      "x-amazon-apigateway-request-validators": { check: rest },
      components: { schemas: { Part: { type: "object", properties: { n: { type: "integer" } } } } },
    },
    restApi: { binaryMediaTypes: [] },
  });
  const parameters = { validateRequestParameters: true };
  const body = { validateRequestBody: true };

  it.each([
    [[], "/v1/x", 400, "[X-Sig, q]"],
    [["X-Sig", " "], "/v1/x?q=1", 400, "[X-Sig]"],
    [["X-Sig", "1"], "/v1/x?q", 400, "[q]"],
    [["X-Sig", "1"], "/v1/x?q=1", 200, ""],
  ])("with headers %j and path %s answers %d", async (headers, path, status, missing) => {
    const { send } = await serve(api(parameters));

    const answer = await send(path, { headers });
    expect(answer.status).toBe(status);
    if (status === 400)
      expect(JSON.parse(answer.body)).toEqual({ message: `Missing required request parameters: ${missing}` });
  });

  it.each([
    ['{"id":"1","part":{"n":1}}', 200],
    ['{"id":"1","extra":true}', 200],
    ['{"id":""}', 400],
    ['{"id":"1","part":{"n":1.5}}', 400],
    ["{}", 400],
    ["", 400],
    ["no JSON", 400],
  ])("answers a body %s with %d", async (text, status) => {
    const { send, service } = await serve(api(body));

    const answer = await send("/v1/x", { body: text });
    expect(answer.status).toBe(status);
    expect(service.requests).toHaveLength(status === 200 ? 1 : 0);
    if (status === 400) expect(answer.body).toBe('{"message":"Invalid request body"}');
  });

  it("checks a type without a model against $default, or not at all", async () => {
    const headers = ["Content-Type", "text/plain"];
    await serve(api(body));
    expect((await running?.send("/v1/x", { headers, body: "no JSON" }))?.status).toBe(200);
    await running?.gateway.close();

    await serve(api(body, { $default: { schema } }));
    expect((await running?.send("/v1/x", { headers, body: "no JSON" }))?.status).toBe(400);
  });

  it("checks nothing that it is not told to", async () => {
    const { send } = await serve(api({}));

    expect((await send("/v1/x", { body: "no JSON" })).status).toBe(200);
  });

  it.each([
    [
      "a keyword that is not checked",
      { "application/json": { schema: { not: { type: "string" } } } },
      '"not"',
    ],
    [
      "one deep down",
      { "application/json": { schema: { properties: { a: { items: { format: "x" } } } } } },
      '"format"',
    ],
    ["an unknown reference", { "application/json": { schema: { $ref: "#/components/schemas/No" } } }, "No"],
  ])("with a model that has %s is refused at the start", async (_, content, message) => {
    await expect(serve(api(body, content))).rejects.toThrow(message);
  });

  it("with a model for a binary type is refused at the start", async () => {
    await expect(serve({ ...api(body), restApi: {} })).rejects.toThrow("which is a binary media type");
  });
});

describe("a custom domain", () => {
  const mapping = (basePath?: string) => ({
    type: "aws:apigateway/basePathMapping:BasePathMapping",
    name: `mapping-${basePath}`,
    inputs: { restApi: "api", stageName: "v1", domainName: "hooks.example.com", basePath },
  });
  const host = ["Host", "Hooks.Example.com:443"];

  it("leads to its stage, with and without a base path", async () => {
    const { send } = await serve({ resources: [mapping(), mapping("in")] });

    expect((await send("/hooks/a", { headers: host })).status).toBe(200);
    expect((await send("/in/hooks/a", { headers: host })).status).toBe(200);
    expect((await send("/v1/hooks/a", { headers: host })).status).toBe(403);
    expect((await send("/v1/hooks/a")).status).toBe(200);
  });

  it("is the only way in when the API's own endpoint is disabled", async () => {
    const { send } = await serve({
      resources: [mapping()],
      restApi: { disableExecuteApiEndpoint: true, binaryMediaTypes: ["*/*"] },
    });

    expect((await send("/hooks/a", { headers: host })).status).toBe(200);
    const own = await send("/v1/hooks/a");
    expect([own.status, own.body]).toEqual([403, '{"message":"Forbidden"}']);
  });
});
