import { afterEach, describe, expect, it } from "vitest";
import type { SendOptions } from "../../../testing/send-request.js";
import {
  operation,
  type RunningGateway,
  runGateway,
  serviceResponse,
  sqsIntegration,
  type TestApi,
  textIntegration,
} from "../../support/gateway.js";

let running: RunningGateway | undefined;
afterEach(() => running?.gateway.close());

/** Serves one POST /x with this integration. */
async function serve(
  integration: object,
  rest: Omit<TestApi, "paths"> & { operation?: object } = {},
): Promise<RunningGateway> {
  await running?.gateway.close();
  const post = operation(integration, rest.operation);
  running = await runGateway({ paths: { "/x": { post } }, ...rest });
  return running;
}

const text = { restApi: { binaryMediaTypes: [] } };

/** What a template makes of a request, with no binary types. */
async function rendered(template: string, options: SendOptions = {}, path = "/v1/x"): Promise<string> {
  const { send, service } = await serve(textIntegration(template), text);
  const answer = await send(path, options);
  if (answer.status !== 200) return `${answer.status} ${answer.body}`;
  return Buffer.from(service.requests[0]?.body ?? []).toString("utf8");
}

describe("$input", () => {
  it.each([
    // Recorded on AWS: AWS facts 1.1 to 1.4.
    ["$util.urlEncode($input.body)", "", "%7B%7D"],
    ["$input.body|$input.body.prop", "a=b", "a=b|"],
    ["[$input.path('$')]", '{"foo":"bar"}', "[{foo=bar}]"],
    ["$input.path('$.l')", '{"l":[{"c":5}]}', '[{"c":5}]'],
    ["\"$input.path('$')\"", "a=b", '"a=b"'],
    ["\"$input.path('$')\"", '"a=b"', '"a=b"'],
    ["$input.json('$')", "a=b", '"a=b"'],
    ["$input.json('$')", "", "{}"],
    ["\"$input.path('$')\"", "null{", '"null{"'],
    ["#set($m = $input.path('$.no'))#if($m == $null)n#end#if($m == \"\")e#end[$m]", '{"a":1}', "ne[]"],
    ["$input$util$input.params$util.urlEncode", "", "{}"],
    // A template that prints nothing.
    ["$nope", "x", "{}"],
    ["$input.json('$.a')|$input.json('$.no')", '{"a":{"b":1.0}}', '{"b":1.0}|""'],
    ["$input.path('$.id')", '{"id":12345678901234567890}', "12345678901234567890"],
    ["#foreach($i in $input.path('$.items'))$i.id;#end", '{"items":[{"id":1},{"id":2}]}', "1;2;"],
  ])("renders %s of %j", async (template, body, expected) => {
    expect(await rendered(template, { body })).toBe(expected);
  });

  it.each(["{a", "[a", '{"a":1'])("answers 400 to $input.path on the malformed body %s", async (body) => {
    expect(await rendered("$input.path('$')", { body })).toContain(
      '400 {"message":"Could not process payload',
    );
  });

  it("finds a parameter in the path, then the query, then the headers, minding case", async () => {
    const template = "$input.params('a')|$input.params('h')|$input.params('H')|$input.params('no')|";
    const { send, service, gateway } = await runGateway({
      paths: { "/x/{a}": { post: operation(textIntegration(template)) } },
      ...text,
    });
    await send("/v1/x/path%20a?a=query&h=query", { headers: ["a", "header", "H", "header"] });

    expect(service.sent).toBe("path a|query|header||");
    await gateway.close();
  });

  it("gives all parameters as maps", async () => {
    const template = "$input.params().querystring.q $input.params().header.get('X-A') $input.params().path";

    expect(await rendered(template, { headers: ["X-A", "1"] }, "/v1/x?q=2")).toBe("2 1 {}");
  });
});

describe("$util", () => {
  it.each([
    ['$util.urlEncode("a b&c=~")', "a+b%26c%3D%7E"],
    ["$util.urlDecode('a+b%26')", "a b&"],
    ["$util.base64Encode('é')", "w6k="],
    ["$util.base64Decode('w6k=')", "é"],
    ['$util.escapeJavaScript("it\'s").replaceAll("\\\\\'","\'")', "it's"],
    ['#set($p = $util.parseJson(\'{"a":{"b":[1,2]}}\'))$p.a.b[1]', "2"],
    ["[$util.urlEncode($nope)]", "[]"],
  ])("%s gives %s", async (template, expected) => {
    expect(await rendered(template)).toBe(expected);
  });

  it.each(["$util.base64Decode('%')", "$util.urlDecode('%')", "$util.parseJson('{')", "$util.nope('x')"])(
    "%s fails the request with a 500 and says why in the execution log",
    async (template) => {
      expect(await rendered(template)).toBe('500 {"message":"Internal server error"}');
      expect(running?.executionLog.join()).toContain("the request template failed");
    },
  );
});

describe("$context", () => {
  it("has the fields that AWS shows", async () => {
    const names = [
      ...["resourcePath", "httpMethod", "path", "accountId", "protocol", "stage", "domainPrefix", "apiId"],
      ...["domainName", "deploymentId", "identity.sourceIp", "identity.userAgent"],
    ];
    const template = names.map((name) => `$context.${name}`).join("|");

    expect(await rendered(template, { headers: ["User-Agent", "curl/8"] }, "/v1/x?q")).toBe(
      "/x|POST|/v1/x|000000000000|HTTP/1.1|v1|api|api|api.execute-api.eu-west-1.amazonaws.com|deployment|127.0.0.1|curl/8",
    );
  });

  it("tells the time and gives each request ids of its own", async () => {
    const template =
      "$context.requestTime|$context.requestTimeEpoch|$context.requestId|$context.extendedRequestId";
    const clock = () => Date.UTC(2025, 0, 5, 9, 8, 7);
    running = await runGateway(
      { paths: { "/x": { post: operation(textIntegration(template)) } }, ...text },
      clock,
    );
    const answers = [await running.send("/v1/x"), await running.send("/v1/x")];
    const [first = [], second = []] = running.service.requests.map(({ body }) =>
      Buffer.from(body).toString().split("|"),
    );

    expect(first.slice(0, 2)).toEqual(["05/Jan/2025:09:08:07 +0000", "1736068087000"]);
    expect(first[2]).toBe(answers[0]?.headers["x-amzn-requestid"]);
    expect(first[3]).toBe(answers[0]?.headers["x-amz-apigw-id"]);
    expect(first[3]).toMatch(/^[\w+/]{15}=$/);
    expect(new Set([...first.slice(2), ...second.slice(2)]).size).toBe(4);
  });

  it("goes with the stage's variables", async () => {
    const { send, service } = await serve(
      textIntegration("$stageVariables.a|$stageVariables.get('b')|$stageVariables.c|"),
      {
        ...text,
        stage: { variables: { a: "1", b: "2" } },
      },
    );
    await send("/v1/x");

    expect(service.sent).toBe("1|2||");
  });

  it("lets a template override the backend's parameters and the answer's status", async () => {
    const template = [
      "#set($context.requestOverride.header.X-Own = 'h')##",
      "#set($context.requestOverride.header['content-type'] = 'text/own')##",
      "#set($context.requestOverride.querystring.q = 'a b')##",
      "#set($context.responseOverride.status = 413)##",
      "x",
    ].join("\n");
    const { send, service } = await serve(textIntegration(template), text);

    expect((await send("/v1/x")).status).toBe(413);
    expect(service.requests[0]).toMatchObject({
      path: "/000000000000/orders?q=a%20b",
      headers: { "x-own": "h", "content-type": "text/own" },
    });
  });

  it("takes each override once", async () => {
    const twice = "#set($context.responseOverride.status = 200)#set($context.responseOverride.status = 201)";

    expect(await rendered(twice)).toMatch(/^500 /);
  });
});

describe("a body of a type without a template", () => {
  const png = { headers: ["Content-Type", "image/png"], body: "Action=x" };
  it.each([
    ["never", { "application/json": "t" }, 415],
    ["never", {}, 415],
    ["when_no_templates", { "application/json": "t" }, 415],
    ["WHEN_NO_TEMPLATES", {}, 200],
    ["when_no_match", { "application/json": "t" }, 200],
    [undefined, { "application/json": "t" }, 200],
  ])(
    "under passthroughBehavior %s with templates %j is answered %d",
    async (behaviour, requestTemplates, status) => {
      const { send, service } = await serve(
        textIntegration("", { passthroughBehavior: behaviour, requestTemplates }),
        text,
      );

      expect((await send("/v1/x", png)).status).toBe(status);
      // What goes through goes through raw, under the client's own type if nothing is mapped.
      if (status === 200) expect(service.sent).toBe("Action=x");
      else expect(service.requests).toEqual([]);
    },
  );
});

describe("a request's body", () => {
  const bytes = Buffer.from([0xff, 0xfe, 0x41]);
  const base64 = bytes.toString("base64");
  const echo = "$input.body";
  const handling = (contentHandling?: string, requestTemplates: object = { "application/json": echo }) =>
    textIntegration(echo, { contentHandling, requestTemplates, passthroughBehavior: "when_no_templates" });
  const binary = { restApi: { binaryMediaTypes: ["application/octet-stream", "application/json"] } };

  it.each([
    // contentHandling, template, binary media types, body, what the backend gets
    ["text, decoded as UTF-8", undefined, echo, text, bytes, Buffer.from("\ufffd\ufffdA")],
    ["text as it is", "CONVERT_TO_TEXT", echo, text, Buffer.from("é\ufeff"), Buffer.from("é\ufeff")],
    ["text to binary", "CONVERT_TO_BINARY", undefined, text, Buffer.from(base64), bytes],
    ["binary to text", "CONVERT_TO_TEXT", echo, binary, bytes, Buffer.from(base64)],
    [
      "Base64 to text, once more",
      "CONVERT_TO_TEXT",
      echo,
      binary,
      Buffer.from("QQ=="),
      Buffer.from("UVE9PQ=="),
    ],
    ["binary as it is", undefined, undefined, binary, bytes, bytes],
    ["binary to binary", "CONVERT_TO_BINARY", undefined, binary, bytes, bytes],
  ])("goes on: %s", async (_, contentHandling, template, api, body, expected) => {
    const templates = template === undefined ? {} : { "application/json": template };
    const { send, service } = await serve(handling(contentHandling, templates), api);

    expect((await send("/v1/x", { body })).status).toBe(200);
    expect(Buffer.from(service.requests[0]?.body ?? [])).toEqual(expected);
  });

  it.each([
    ["a template cannot work on bytes", undefined, { "application/json": echo }, binary, "x"],
    ["not even on none", undefined, { "application/json": echo }, binary, ""],
    ["text that is to be binary is no Base64", "CONVERT_TO_BINARY", {}, text, "%"],
  ])("is a 500 when %s", async (_, contentHandling, templates, api, body) => {
    const { send, service } = await serve(handling(contentHandling, templates), api);

    const answer = await send("/v1/x", { body });
    expect([answer.status, answer.body]).toEqual([500, '{"message":"Internal server error"}']);
    expect(answer.headers["x-amzn-errortype"]).toBe("InternalServerErrorException");
    expect(service.requests).toEqual([]);
  });
});

describe("request parameters", () => {
  it("are mapped from the request, the context and the stage", async () => {
    const { send, service } = await serve(
      textIntegration("$input.body", {
        uri: "arn:aws:apigateway:eu-west-1:sqs:path/000000000000/{queue}",
        requestParameters: {
          "integration.request.header.Content-Type": "'text/own'",
          "integration.request.header.X-From": "method.request.header.X-In",
          "integration.request.header.X-All": "method.request.multivalueheader.X-In",
          "integration.request.header.X-None": "method.request.querystring.q",
          "integration.request.header.X-Api": "context.apiId",
          "integration.request.header.X-Stage": "stageVariables.a",
          "integration.request.header.X-Body": "method.request.body",
          "integration.request.header.X-Part": "method.request.body.a.b[0]",
          "integration.request.path.queue": "'a b'",
          "integration.request.querystring.Action": "'Send&Message'",
        },
      }),
      {
        ...text,
        stage: { variables: { a: "1" } },
        operation: {
          parameters: [
            { name: "X-In", in: "header" },
            { name: "q", in: "query" },
          ],
        },
      },
    );
    await send("/v1/x", { headers: ["X-In", "1", "X-In", "2"], body: '{"a":{"b":["c"]}}' });

    expect(service.requests[0]).toMatchObject({
      path: "/000000000000/a%20b?Action=Send%26Message",
      headers: {
        "content-type": "text/own",
        "x-from": "2",
        "x-all": "1,2",
        "x-api": "api",
        "x-stage": "1",
        "x-body": '{"a":{"b":["c"]}}',
        "x-part": "c",
      },
    });
    expect(service.requests[0]?.headers).not.toHaveProperty("x-none");
  });

  it.each([
    "Authorization",
    "Connection",
    "content-length",
    "Expect",
    "Proxy-Authenticate",
    "TE",
    "Transfer-Encoding",
  ])("that map to the header %s are a 500", async (name) => {
    const requestParameters = { [`integration.request.header.${name}`]: "'x'" };
    const { send } = await serve(textIntegration("x", { requestParameters }), text);

    expect((await send("/v1/x")).status).toBe(500);
  });

  it("go without a client's content type as JSON", async () => {
    const { send, service } = await serve(textIntegration("x", { requestParameters: {} }), text);
    await send("/v1/x");

    expect(service.requests[0]?.headers["content-type"]).toBe("application/json");
  });

  it("put the action of an action URI into the query", async () => {
    const uri = "arn:aws:apigateway:eu-west-1:sqs:action/SendMessage";
    const { send, service } = await serve(textIntegration("x", { uri }), text);
    await send("/v1/x");

    expect(service.requests[0]?.path).toBe("/?Action=SendMessage");
  });
});

describe("the integration's response", () => {
  const responses = (responses: object, rest: Omit<TestApi, "paths"> & { operation?: object } = text) =>
    serve(textIntegration("x", { responses }), rest);

  it.each([
    ["20", 500],
    ["200", 200],
    ["2\\d{2}", 200],
    ["200|4\\d\\d", 200],
    [".*", 200],
    ["00", 500],
  ])("with only the pattern %s answers a backend's 200 with %d", async (pattern, status) => {
    const { send } = await responses({ [pattern]: { statusCode: "200" } });

    expect((await send("/v1/x")).status).toBe(status);
  });

  it("is a 500 when the method has no response of its status", async () => {
    const { send, executionLog } = await responses({ default: { statusCode: "201" } });

    expect((await send("/v1/x")).status).toBe(500);
    expect(executionLog.join()).toContain("the method has no response 201");
  });

  it("is chosen by the backend's status, and a lone default takes a 400 for success", async () => {
    const { send, service } = await responses({ default: { statusCode: "200" } });
    service.answer = () => Promise.resolve(serviceResponse(400, "refused"));

    const answer = await send("/v1/x");
    expect([answer.status, answer.body]).toEqual([200, "refused"]);
  });

  it.each([
    [undefined, "json"],
    ["application/xml", "xml"],
    ["application/xml;q=0.9, application/json", "xml"],
    ["image/png", "json"],
    ["*/*", "json"],
  ])("has the template that Accept %j asks for", async (accept, expected) => {
    const responseTemplates = { "application/xml": "xml", "application/json": "json" };
    const { send } = await responses({ default: { statusCode: "200", responseTemplates } });

    expect((await send("/v1/x", { headers: accept === undefined ? [] : ["Accept", accept] })).body).toBe(
      expected,
    );
  });

  it("has the first template when there is none for JSON either", async () => {
    const responseTemplates = { "text/plain": "first", "text/html": "second" };
    const { send } = await responses({ default: { statusCode: "200", responseTemplates } });

    expect((await send("/v1/x")).body).toBe("first");
  });

  it("can read the backend's body, the request's parameters and set the status and headers", async () => {
    const template =
      "#set($context.responseOverride.status = 201)#set($context.responseOverride.header.X-O = 'o')$input.path('$.a')$input.params('q')";
    const { send, service } = await responses({
      default: { statusCode: "200", responseTemplates: { "application/json": template } },
    });
    service.answer = () => Promise.resolve(serviceResponse(200, '{"a":1}'));

    const answer = await send("/v1/x?q=2");
    expect([answer.status, answer.body, answer.headers["x-o"]]).toEqual([201, "12", "o"]);
  });

  it("has a JSON content type unless it is mapped, its own ids, and only those of the backend's headers that are mapped", async () => {
    const { send, service } = await responses(
      {
        default: {
          statusCode: "200",
          responseParameters: {
            "method.response.header.X-Const": "'c'",
            "method.response.header.X-Back": "integration.response.header.X-Back",
            "method.response.header.X-Part": "integration.response.body.a",
            "method.response.header.Date": "'d'",
            "method.response.header.WWW-Authenticate": "'w'",
          },
        },
      },
      {
        ...text,
        operation: {
          responses: {
            "200": {
              description: "",
              headers: { "X-Const": {}, "X-Back": {}, "X-Part": {}, Date: {}, "WWW-Authenticate": {} },
            },
          },
        },
      },
    );
    service.answer = () =>
      Promise.resolve({
        status: 200,
        headers: { "x-back": "b", "x-other": "o" },
        body: Buffer.from('{"a":"p"}'),
      });

    const { headers, rawHeaders } = await send("/v1/x");
    expect(headers).toMatchObject({
      "content-type": "application/json",
      "x-const": "c",
      "x-back": "b",
      "x-part": "p",
      "x-amzn-remapped-date": "d",
      "x-amzn-remapped-www-authenticate": "w",
    });
    expect(headers).not.toHaveProperty("x-other");
    expect(headers).not.toHaveProperty("x-amzn-errortype");
    expect(rawHeaders).toEqual(
      expect.arrayContaining(["x-amzn-RequestId", "x-amz-apigw-id", "X-Amzn-Trace-Id"]),
    );
  });

  it("is a 500 when a mapped header cannot be sent", async () => {
    const { send, service } = await responses(
      {
        default: {
          statusCode: "200",
          responseParameters: { "method.response.header.X": "integration.response.body" },
        },
      },
      { ...text, operation: { responses: { "200": { description: "", headers: { X: {} } } } } },
    );
    service.answer = () => Promise.resolve(serviceResponse(200, "a\r\nSet-Cookie: b"));

    const answer = await send("/v1/x");
    expect(answer.status).toBe(500);
    expect(answer.headers).not.toHaveProperty("set-cookie");
  });

  describe("under binary media types", () => {
    const body = Buffer.from([0xff, 0x00]);
    const template = { responseTemplates: { "application/json": "static $input.body" } };
    const all = { restApi: { binaryMediaTypes: ["*/*"] } };
    const images = { restApi: { binaryMediaTypes: ["image/png"] } };
    const integration = (response: object) =>
      sqsIntegration({ responses: { default: { statusCode: "200", ...response } } });

    it("is a 500 with a template and no contentHandling", async () => {
      const { send, executionLog } = await serve(integration(template), all);

      expect((await send("/v1/x")).status).toBe(500);
      expect(executionLog.join()).toContain("Unable to transform response");
    });

    it("is Base64 to the template with CONVERT_TO_TEXT", async () => {
      const { send, service } = await serve(
        integration({ ...template, contentHandling: "CONVERT_TO_TEXT" }),
        all,
      );
      service.answer = () => Promise.resolve({ status: 200, headers: {}, body });

      expect((await send("/v1/x")).body).toBe(`static ${body.toString("base64")}`);
    });

    it.each([
      ["image/png", "image/png", undefined, body, body],
      ["image/png", "text/plain", undefined, body, Buffer.from(body.toString("base64"))],
      ["image/png", "text/plain, image/png", undefined, body, Buffer.from(body.toString("base64"))],
      ["image/png", "text/plain", "CONVERT_TO_BINARY", body, body],
      ["text/plain", "image/png", undefined, Buffer.from(body.toString("base64")), body],
      ["text/plain", "image/png", "CONVERT_TO_TEXT", Buffer.from("é"), Buffer.from("é")],
      ["text/plain", "text/plain", "CONVERT_TO_BINARY", Buffer.from(body.toString("base64")), body],
      ["text/plain", "text/plain", undefined, Buffer.from([0xff]), Buffer.from("\ufffd")],
    ])(
      "of type %s, for a client that accepts %s, under %s",
      async (type, accept, contentHandling, sent, received) => {
        const { send, service } = await serve(integration({ contentHandling }), images);
        service.answer = () =>
          Promise.resolve({ status: 200, headers: { "content-type": type }, body: sent });

        const answer = await send("/v1/x", { headers: ["Accept", accept] });
        expect([answer.status, answer.bytes]).toEqual([200, received]);
      },
    );
  });
});

describe("a backend that does not answer", () => {
  it("is a 504 after the timeout", async () => {
    const { send, service } = await serve(textIntegration("x", { timeoutInMillis: 50 }), text);
    service.answer = () => new Promise(() => {});

    const answer = await send("/v1/x");
    expect([answer.status, answer.body]).toEqual([504, '{"message":"Endpoint request timed out"}']);
  });
});

describe("a mock integration", () => {
  const mock = (template: string, responses: object, rest: object = {}) => ({
    type: "mock",
    requestTemplates: { "application/json": template },
    passthroughBehavior: "never",
    responses,
    ...rest,
  });
  const challenge = { responseTemplates: { "text/plain": "$input.params('hub.challenge')" } };

  it("answers by the status in its request template, and calls nothing", async () => {
    const { send, service } = await serve(
      mock("{\"statusCode\": #if($input.params('t') == 'right')200#{else}502#end}", {
        "200": { statusCode: "200", ...challenge },
        default: { statusCode: "502" },
      }),
      text,
    );

    const right = await send("/v1/x?t=right&hub.challenge=42");
    expect([right.status, right.body]).toEqual([200, "42"]);
    expect(right.headers).not.toHaveProperty("x-amzn-trace-id");
    expect((await send("/v1/x?t=wrong")).status).toBe(502);
    expect(service.requests).toEqual([]);
  });

  it("takes a status from the request template's override", async () => {
    const template = '#set($context.responseOverride.status = 444){"statusCode": 200}';
    const { send } = await serve(mock(template, { default: { statusCode: "200" } }), text);

    expect((await send("/v1/x")).status).toBe(444);
  });

  it("needs contentHandling under binary media types, on both ways", async () => {
    const toText = { contentHandling: "CONVERT_TO_TEXT" };
    const json = '{"statusCode": 200}';
    const statusOf = async (request: object, response: object) => {
      const { send } = await serve(
        mock(json, { default: { statusCode: "200", ...challenge, ...response } }, request),
      );
      return (await send("/v1/x")).status;
    };

    expect(await statusOf({}, {})).toBe(500);
    expect(await statusOf(toText, {})).toBe(500);
    expect(await statusOf(toText, toText)).toBe(200);
  });

  it.each(["{}", "no JSON", '{"statusCode":"200"}', "null"])(
    "is a 500 when its template gives %s",
    async (template) => {
      const { send } = await serve(mock(template, { default: { statusCode: "200" } }), text);

      expect((await send("/v1/x")).status).toBe(500);
    },
  );
});
