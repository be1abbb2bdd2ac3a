import { describe, expect, it } from "vitest";
import { SqsIngestApi, type SqsIngestApiArgs } from "../../components/sqs-ingest-api.js";
import { restApiArgs } from "../support/default-args.js";
import { allowedBy, policyIn, refused, registered, untagged } from "../support/registered.js";

const restApiType = "aws:apigateway/restApi:RestApi";
const deploymentType = "aws:apigateway/deployment:Deployment";
const stageType = "aws:apigateway/stage:Stage";
const rolePolicyType = "aws:iam/rolePolicy:RolePolicy";
const logGroupType = "aws:cloudwatch/logGroup:LogGroup";

const queueArn = "arn:aws:sqs:eu-west-1:000000000000:events-queue";

function api(args: Partial<SqsIngestApiArgs> = {}): SqsIngestApi {
  return new SqsIngestApi("events", {
    ...restApiArgs,
    sources: [{ name: "github" }, { name: "stripe" }],
    queues: { github: { arn: queueArn }, stripe: { arn: queueArn } },
    ...args,
  });
}

/** The one deployment's trigger. */
async function trigger(args: Partial<SqsIngestApiArgs>): Promise<unknown> {
  const { one } = await registered(() => api(args));
  return one(deploymentType).inputs.triggers;
}

describe("SqsIngestApi", () => {
  it("posts each source's webhooks to the one queue, with its own role", async () => {
    const { one } = await registered(() => api());

    const { paths } = JSON.parse(String(one(restApiType).inputs.body));
    expect(Object.keys(paths)).toEqual(["/webhooks/github", "/webhooks/stripe"]);
    for (const path of Object.values<Record<string, object>>(paths)) {
      expect(Object.keys(path)).toEqual(["post"]);
      expect(path.post).toMatchObject({
        "x-amazon-apigateway-integration": {
          type: "aws",
          httpMethod: "POST",
          uri: "arn:aws:apigateway:eu-west-1:sqs:path/000000000000/events-queue",
          credentials: one("aws:iam/role:Role", "events-api-role").state.arn,
        },
      });
    }
  });

  it("sees every body as bytes, in API and document alike", async () => {
    const { one } = await registered(() => api());

    const { inputs } = one(restApiType);
    expect(inputs.binaryMediaTypes).toEqual(["*/*"]);
    expect(JSON.parse(String(inputs.body))["x-amazon-apigateway-binary-media-types"]).toEqual(["*/*"]);
  });

  it("takes requests only after its role may enqueue them and the account may log them", async () => {
    const { one } = await registered(() => api({ ownsAccountLogging: true }));

    const account = one("aws:apigateway/account:Account");
    expect(one(stageType).dependsOn).toEqual(expect.arrayContaining([one(rolePolicyType).urn, account.urn]));
    // API Gateway looks at the role's permissions when it is given the role.
    expect(account.dependsOn).toEqual([one("aws:iam/rolePolicyAttachment:RolePolicyAttachment").urn]);
  });

  it("is regional", async () => {
    const { one } = await registered(() => api());

    expect(one(restApiType).inputs.endpointConfiguration).toEqual({ types: "REGIONAL" });
  });

  it("may put messages into its queue and do nothing else", async () => {
    const { one } = await registered(() => api());

    expect(allowedBy(policyIn(one(rolePolicyType)))).toEqual([`sqs:SendMessage on ${queueArn}`]);
  });

  it("puts a source's webhooks into the queue of its own, and may put them there", async () => {
    const crmArn = "arn:aws:sqs:eu-west-1:000000000000:crm-queue";
    const { one } = await registered(() =>
      api({
        sources: [{ name: "github" }, { name: "crm" }],
        queues: { github: { arn: queueArn }, crm: { arn: crmArn } },
      }),
    );

    const { paths } = JSON.parse(String(one(restApiType).inputs.body));
    const uriOf = (path: string) => paths[path].post["x-amazon-apigateway-integration"].uri;
    expect(uriOf("/webhooks/github")).toMatch(/\/events-queue$/);
    expect(uriOf("/webhooks/crm")).toMatch(/\/crm-queue$/);
    expect(allowedBy(policyIn(one(rolePolicyType)))).toEqual([
      `sqs:SendMessage on ${queueArn}`,
      `sqs:SendMessage on ${crmArn}`,
    ]);
  });

  it("may use the queue's key when there is one", async () => {
    const { one } = await registered(() => api({ queueKeyArn: "arn:aws:kms:::key/queue" }));

    expect(allowedBy(policyIn(one(rolePolicyType, "events-api-role-key-policy")))).toEqual([
      "kms:Decrypt on arn:aws:kms:::key/queue",
      "kms:GenerateDataKey on arn:aws:kms:::key/queue",
    ]);
  });

  it("is deployed anew when its content changes, and only then", async () => {
    const before = await trigger({});

    expect(await trigger({})).toEqual(before);
    expect(await trigger({ tags: { team: "payments" }, accessLogRetentionDays: 7 })).toEqual(before);
    expect(await trigger({ sources: [{ name: "github" }] })).not.toEqual(before);
    expect(await trigger({ pathPrefix: "hooks" })).not.toEqual(before);
  });

  it("answers too many requests with 429 and logs no bodies", async () => {
    const { one } = await registered(() => api({ throttling: { requestsPerSecond: 7, burst: 9 } }));

    expect(one("aws:apigateway/methodSettings:MethodSettings").inputs).toMatchObject({
      methodPath: "*/*",
      settings: {
        throttlingRateLimit: 7,
        throttlingBurstLimit: 9,
        loggingLevel: "OFF",
        dataTraceEnabled: false,
      },
    });
  });

  it("logs every request as JSON, without anything a sender wrote into headers, query or body", async () => {
    const { one } = await registered(() => api({ logKeyArn: "arn:aws:kms:::key/log" }));

    const { accessLogSettings } = one(stageType).inputs as {
      accessLogSettings: { destinationArn: string; format: string };
    };
    expect(accessLogSettings.destinationArn).toBe(one(logGroupType).state.arn);
    expect(JSON.parse(accessLogSettings.format)).toMatchObject({
      extendedRequestId: "$context.extendedRequestId",
      status: "$context.status",
    });
    expect(accessLogSettings.format).not.toMatch(/header|query|body/i);
    expect(one(logGroupType).inputs).toMatchObject({
      retentionInDays: 30,
      kmsKeyId: "arn:aws:kms:::key/log",
    });
  });

  it("names a logging role for the account, which may have none, unless told not to", async () => {
    const by = await registered(() => api());
    const without = await registered(() => api({ ownsAccountLogging: false }));

    expect(by.one("aws:apigateway/account:Account").inputs.cloudwatchRoleArn).toBe(
      by.one("aws:iam/role:Role", "events-api-logging-role").state.arn,
    );
    expect(without.all("aws:apigateway/account:Account")).toEqual([]);
  });

  it("leaves the account's logging role to whoever named one since, and to others when it goes itself", async () => {
    const { one } = await registered(() => api());

    const account = one("aws:apigateway/account:Account");
    expect(account.ignoreChanges).toEqual(["cloudwatchRoleArn"]);
    const roleAndPolicy = [
      one("aws:iam/role:Role", "events-api-logging-role"),
      one("aws:iam/rolePolicyAttachment:RolePolicyAttachment"),
    ];
    expect([account, ...roleAndPolicy].map(({ retainOnDelete }) => retainOnDelete)).toEqual([
      true,
      true,
      true,
    ]);
  });

  it("tells each source's URL", async () => {
    const { outputs } = await registered(() => ({
      ...api({ stageName: "live", pathPrefix: "in/hooks" }).endpoints,
    }));

    expect(outputs).toEqual({
      github: "https://events-api.execute-api.eu-west-1.amazonaws.com/live/in/hooks/github",
      stripe: "https://events-api.execute-api.eu-west-1.amazonaws.com/live/in/hooks/stripe",
    });
  });

  it("tags every taggable child and parents all to itself", async () => {
    const tags = { team: "payments" };
    const { resources, one } = await registered(() => api({ tags, ownsAccountLogging: true }));

    expect(untagged(resources, tags)).toEqual([]);
    const { urn } = one("webhooks:index:SqsIngestApi");
    expect(resources.filter(({ custom }) => custom).every(({ parent }) => parent === urn)).toBe(true);
  });

  it("refuses a source that it is given no queue for, and registers nothing", async () => {
    const result = await refused(() => api({ queues: { github: { arn: queueArn } } }));

    expect(result.message).toMatch(/sources\[1\] has no queue.*"stripe"/);
    expect(result.resources).toEqual([]);
  });
});
