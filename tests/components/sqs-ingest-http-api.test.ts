import { describe, expect, it } from "vitest";
import { httpApi, onlyApi } from "../../components/ingest/http/existing-api.js";
import { SqsIngestHttpApi, type SqsIngestHttpApiArgs } from "../../components/sqs-ingest-http-api.js";
import { httpApiArgs } from "../support/default-args.js";
import { allowedBy, policyIn, refused, registered, untagged } from "../support/registered.js";

const apiType = "aws:apigatewayv2/api:Api";
const integrationType = "aws:apigatewayv2/integration:Integration";
const routeType = "aws:apigatewayv2/route:Route";
const stageType = "aws:apigatewayv2/stage:Stage";
const logGroupType = "aws:cloudwatch/logGroup:LogGroup";

const queueNamed = (name: string) => ({
  arn: `arn:aws:sqs:eu-west-1:000000000000:${name}`,
  url: `https://sqs.eu-west-1.amazonaws.com/000000000000/${name}`,
});
const shared = queueNamed("events-queue");

const github = { name: "github", headers: ["x-hub-signature-256", "x-github-delivery"] };
const stripe = { name: "stripe", headers: ["stripe-signature"] };

function api(args: Partial<SqsIngestHttpApiArgs> = {}): SqsIngestHttpApi {
  return new SqsIngestHttpApi("events", {
    ...httpApiArgs,
    sources: [github, stripe],
    queues: { github: shared, stripe: shared },
    ...args,
  });
}

describe("SqsIngestHttpApi", () => {
  it("has routes only after its role may enqueue, and a stage only after its routes", async () => {
    const { one, all } = await registered(() => api());

    const policy = one("aws:iam/rolePolicy:RolePolicy").urn;
    expect(all(routeType).map(({ dependsOn }) => dependsOn)).toEqual([[policy], [policy]]);
    expect(one(stageType).dependsOn).toEqual(all(routeType).map(({ urn }) => urn));
  });

  it("routes each source's POST, and nothing else, to SQS with its own role", async () => {
    const { one, all } = await registered(() => api());

    expect(all(routeType).map(({ inputs }) => [inputs.apiId, inputs.routeKey, inputs.target])).toEqual([
      [one(apiType).id, "POST /webhooks/github", "integrations/events-http-api-github-id"],
      [one(apiType).id, "POST /webhooks/stripe", "integrations/events-http-api-stripe-id"],
    ]);
    for (const { inputs } of all(integrationType)) {
      expect(inputs).toMatchObject({
        apiId: one(apiType).id,
        integrationType: "AWS_PROXY",
        integrationSubtype: "SQS-SendMessage",
        payloadFormatVersion: "1.0",
        credentialsArn: one("aws:iam/role:Role").state.arn,
        requestParameters: { QueueUrl: shared.url, MessageBody: "$request.body" },
      });
    }
    expect(one(apiType).inputs.protocolType).toBe("HTTP");
  });

  it("tells no sender 2xx or 4xx for what SQS refuses", async () => {
    const { one } = await registered(() => api());

    expect(one(integrationType, "events-http-api-github").inputs.responseParameters).toEqual(
      ["400", "403", "404"].map((statusCode) => ({
        statusCode,
        mappings: { "overwrite:statuscode": "502" },
      })),
    );
  });

  it("may put messages into its queues and do nothing else", async () => {
    const { one } = await registered(() => api());

    expect(allowedBy(policyIn(one("aws:iam/rolePolicy:RolePolicy")))).toEqual([
      `sqs:SendMessage on ${shared.arn}`,
    ]);
  });

  it("sends a source with a queue of its own there, and may send to both", async () => {
    const own = queueNamed("stripe-queue");
    const { one } = await registered(() => api({ queues: { github: shared, stripe: own } }));

    expect(one(integrationType, "events-http-api-stripe").inputs.requestParameters).toMatchObject({
      QueueUrl: own.url,
    });
    expect(allowedBy(policyIn(one("aws:iam/rolePolicy:RolePolicy")))).toEqual([
      `sqs:SendMessage on ${shared.arn}`,
      `sqs:SendMessage on ${own.arn}`,
    ]);
  });

  it("may use the queues' key when there is one", async () => {
    const { one } = await registered(() => api({ queueKeyArn: "arn:aws:kms:::key/queue" }));

    const policy = one("aws:iam/rolePolicy:RolePolicy", "events-http-api-role-key-policy");
    expect(allowedBy(policyIn(policy))).toEqual([
      "kms:Decrypt on arn:aws:kms:::key/queue",
      "kms:GenerateDataKey on arn:aws:kms:::key/queue",
    ]);
  });

  it("lets no request in before its role may send, and names no route's settings before the route is there", async () => {
    const { resources } = await registered(() => api());

    const places = (type: string) =>
      resources.flatMap((resource, index) => (resource.type === type ? [index] : []));
    const policies = places("aws:iam/rolePolicy:RolePolicy");
    const routes = places(routeType);
    expect(Math.min(...places(integrationType))).toBeGreaterThan(Math.max(...policies));
    expect(Math.min(...routes)).toBeGreaterThan(Math.max(...policies));
    expect(Math.min(...places("aws:apigatewayv2/stage:Stage"))).toBeGreaterThan(Math.max(...routes));
  });

  it("deploys itself and answers too many requests with 429, a source's own limit before the stage's", async () => {
    const throttling = { requestsPerSecond: 5, burst: 6 };
    const { one } = await registered(() => api({ sources: [github, { ...stripe, throttling }] }));

    expect(one(stageType).inputs).toMatchObject({
      name: "$default",
      autoDeploy: true,
      defaultRouteSettings: { throttlingRateLimit: 1_000, throttlingBurstLimit: 2_000 },
      routeSettings: [{ routeKey: "POST /webhooks/stripe", throttlingRateLimit: 5, throttlingBurstLimit: 6 }],
    });
  });

  it("takes other limits, another stage, another path and another log retention", async () => {
    const { one, all } = await registered(() =>
      api({
        api: { throttling: { requestsPerSecond: 7, burst: 9 }, accessLogRetentionDays: 3 },
        stageName: "live",
        pathPrefix: "in/hooks",
      }),
    );

    expect(one(stageType).inputs).toMatchObject({
      name: "live",
      defaultRouteSettings: { throttlingRateLimit: 7, throttlingBurstLimit: 9 },
    });
    expect(one(logGroupType).inputs.retentionInDays).toBe(3);
    expect(all(routeType).map(({ inputs }) => inputs.routeKey)).toEqual([
      "POST /in/hooks/github",
      "POST /in/hooks/stripe",
    ]);
  });

  it("logs every request as JSON, without anything a sender wrote into headers, query or body", async () => {
    const { one } = await registered(() => api({ logKeyArn: "arn:aws:kms:::key/log" }));

    const { destinationArn, format } = one(stageType).inputs.accessLogSettings as Record<string, string>;
    expect(destinationArn).toBe(one(logGroupType).state.arn);
    expect(JSON.parse(format ?? "")).toMatchObject({
      requestId: "$context.requestId",
      status: "$context.status",
      routeKey: "$context.routeKey",
    });
    expect(format).not.toMatch(/header|query|body/i);
    expect(one(logGroupType).inputs).toMatchObject({
      retentionInDays: 30,
      kmsKeyId: "arn:aws:kms:::key/log",
    });
  });

  it("logs to a group whose name needs no entry of its own in the account's policy, and keeps one that has another", async () => {
    const { one } = await registered(() => api());

    const group = one(logGroupType);
    expect(group.inputs.name).toMatch(/^\/aws\/vendedlogs\//);
    // No other stage of the account has an API with this id.
    expect(group.inputs.name).toContain(one(apiType).id);
    expect(group.ignoreChanges).toContain("name");
  });

  it("tells each source's URL, with the stage in it unless that is the default one", async () => {
    const byDefault = await registered(() => ({ ...api().endpoints }));
    const named = await registered(() => ({ ...api({ stageName: "live" }).endpoints }));

    const origin = "https://events-http-api.execute-api.eu-west-1.amazonaws.com";
    expect(byDefault.outputs).toEqual({
      github: `${origin}/webhooks/github`,
      stripe: `${origin}/webhooks/stripe`,
    });
    expect(named.outputs.github).toBe(`${origin}/live/webhooks/github`);
  });

  it("tags every taggable child and parents all to itself", async () => {
    const tags = { team: "payments" };
    const { resources, one } = await registered(() => api({ tags }));

    expect(untagged(resources, tags)).toEqual([]);
    const { urn } = one("webhooks:index:SqsIngestHttpApi");
    expect(resources.filter(({ custom }) => custom).every(({ parent }) => parent === urn)).toBe(true);
  });

  it("refuses a source that it is given no queue for, and registers nothing", async () => {
    const result = await refused(() => api({ sources: [{ name: "other", headers: [] }] }));

    expect(result.message).toMatch(/sources\[0\] has no queue.*"other"/);
    expect(result.resources).toEqual([]);
  });
});

describe("SqsIngestHttpApi on an API of another stack", () => {
  it("adds routes to the API with that id, and makes neither API nor stage nor log", async () => {
    const { resources, all, outputs } = await registered(() => ({
      ...api({ api: { existing: { id: "abc123" } }, stageName: "prod" }).endpoints,
    }));

    expect(all(routeType).map(({ inputs }) => inputs.apiId)).toEqual(["abc123", "abc123"]);
    expect(outputs.github).toBe("https://abc123.execute-api.eu-west-1.amazonaws.com/prod/webhooks/github");
    const made = new Set(resources.filter(({ custom }) => custom).map(({ type }) => type));
    expect([...made].sort()).toEqual(
      [integrationType, routeType, "aws:iam/role:Role", "aws:iam/rolePolicy:RolePolicy"].sort(),
    );
  });

  it("finds the API by its name", async () => {
    const { all } = await registered(() => api({ api: { existing: { name: "shared" } } }));

    expect(all(integrationType).map(({ inputs }) => inputs.apiId)).toEqual(["id-of-shared", "id-of-shared"]);
  });

  it("stops with one line when there is no API of that name, or several, or one of another kind", () => {
    expect(onlyApi("shared", ["one"])).toBe("one");
    expect(() => onlyApi("shared", [])).toThrow(/api\.existing\.name.*have no HTTP API "shared"/);
    expect(() => onlyApi("shared", ["two", "one"])).toThrow(
      /have 2 HTTP APIs "shared" \(one, two\): set api\.existing\.id to the id of one/,
    );
    expect(() => httpApi("chat", "WEBSOCKET")).toThrow("chat is a WEBSOCKET API");
  });
});
