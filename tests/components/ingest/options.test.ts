import * as pulumi from "@pulumi/pulumi";
import { describe, expect, it } from "vitest";
import { SqsIngestApi, type SqsIngestApiArgs } from "../../../components/sqs-ingest-api.js";
import { restApiArgs } from "../../support/default-args.js";
import { registered, untagged } from "../../support/registered.js";

const queueArn = "arn:aws:sqs:eu-west-1:000000000000:events-queue";
const certificateArn = "arn:aws:acm:eu-west-1:000000000000:certificate/a";
const webAclArn = "arn:aws:wafv2:eu-west-1:000000000000:regional/webacl/a/b";
const tags = { team: "payments" };

/** What the front door registers with these arguments. */
function registeredWith(changes: Partial<SqsIngestApiArgs>) {
  return registered(() => ({
    ...new SqsIngestApi("events", {
      ...restApiArgs,
      queues: { github: { arn: queueArn }, "crm-2": { arn: queueArn } },
      sources: [{ name: "github" }, { name: "crm-2" }],
      tags,
      ...changes,
    }).endpoints,
  }));
}

describe("a source's own limits", () => {
  it("are those of its method, whose path has ~1 for each slash", async () => {
    const { all } = await registeredWith({
      pathPrefix: "in/hooks",
      sources: [{ name: "github" }, { name: "crm-2", throttling: { requestsPerSecond: 3, burst: 4 } }],
    });

    expect(
      all("aws:apigateway/methodSettings:MethodSettings").map(({ inputs }) => inputs.methodPath),
    ).toEqual(["*/*", "~1in~1hooks~1crm-2/POST"]);
    for (const { inputs } of all("aws:apigateway/methodSettings:MethodSettings"))
      expect(inputs.settings).toMatchObject({ loggingLevel: "OFF", dataTraceEnabled: false });
  });
});

describe("a domain of one's own", () => {
  const customDomain = { domainName: "hooks.example.com", certificateArn };

  it("is regional, takes TLS 1.2 or newer, and leads to the stage", async () => {
    const { one, resources } = await registeredWith({ customDomain });

    expect(one("aws:apigateway/domainName:DomainName").inputs).toMatchObject({
      domainName: "hooks.example.com",
      regionalCertificateArn: certificateArn,
      endpointConfiguration: { types: "REGIONAL" },
      securityPolicy: "TLS_1_2",
      tags,
    });
    const mapping = one("aws:apigateway/basePathMapping:BasePathMapping").inputs;
    expect(mapping).toMatchObject({ domainName: "hooks.example.com", stageName: "v1" });
    expect(mapping).not.toHaveProperty("basePath");
    expect(untagged(resources, tags).filter((each) => !each.includes("basePathMapping"))).toEqual([]);
  });

  it("stands in every source's URL in place of the stage", async () => {
    const [root, below] = [
      await registeredWith({ customDomain }),
      await registeredWith({ customDomain: { ...customDomain, basePath: "in" } }),
    ];

    expect(root.outputs.github).toBe("https://hooks.example.com/webhooks/github");
    expect(below.outputs.github).toBe("https://hooks.example.com/in/webhooks/github");
    expect(below.one("aws:apigateway/basePathMapping:BasePathMapping").inputs.basePath).toBe("in");
  });
});

describe("a web ACL", () => {
  it("is put before the stage", async () => {
    const { one } = await registeredWith({ webAclArn });

    expect(one("aws:wafv2/webAclAssociation:WebAclAssociation").inputs).toEqual({
      resourceArn: one("aws:apigateway/stage:Stage").state.arn,
      webAclArn,
    });
  });
});

describe("API keys", () => {
  it("are made for the sources that ask for one, and count through a usage plan of the stage", async () => {
    const { one } = await registeredWith({ sources: [{ name: "github" }, { name: "crm-2", apiKey: true }] });
    const key = one("aws:apigateway/apiKey:ApiKey");

    expect(key.name).toBe("events-crm-2-api-key");
    // AWS makes the value: none of ours gets into Pulumi's state.
    expect(key.inputs).not.toHaveProperty("value");
    expect(one("aws:apigateway/usagePlan:UsagePlan").inputs.apiStages).toEqual([
      { apiId: one("aws:apigateway/restApi:RestApi").id, stage: "v1" },
    ]);
    expect(one("aws:apigateway/usagePlanKey:UsagePlanKey").inputs).toMatchObject({
      keyId: key.id,
      keyType: "API_KEY",
    });
  });
});

describe("without being asked", () => {
  it.each([
    "aws:apigateway/domainName:DomainName",
    "aws:apigateway/basePathMapping:BasePathMapping",
    "aws:wafv2/webAclAssociation:WebAclAssociation",
    "aws:apigateway/apiKey:ApiKey",
    "aws:apigateway/usagePlan:UsagePlan",
  ])("the front door makes no %s", async (type) => {
    expect((await registeredWith({})).all(type)).toEqual([]);
  });
});

describe("a handshake's token", () => {
  const verifyToken = "a-token-of-ours";
  const withToken: Partial<SqsIngestApiArgs> = {
    sources: [{ name: "github" }, { name: "crm-2", handshake: { kind: "meta", verifyToken } }],
  };

  /** Whether the state would hold the document encrypted. */
  async function hidden(changes: Partial<SqsIngestApiArgs>): Promise<unknown> {
    const { outputs } = await registered(() => {
      const { restApi } = new SqsIngestApi("events", {
        ...restApiArgs,
        queues: { github: { arn: queueArn }, "crm-2": { arn: queueArn } },
        sources: [{ name: "github" }, { name: "crm-2" }],
        ...changes,
      });
      return { hidden: pulumi.isSecret(restApi.body) };
    });
    return outputs.hidden;
  }

  it("makes the document in which it stands a secret of Pulumi's state, which it is not otherwise", async () => {
    expect(await hidden(withToken)).toBe(true);
    expect(await hidden({})).toBe(false);
  });

  it("stands nowhere else, a hash of it at most", async () => {
    const { resources } = await registeredWith(withToken);
    const holders = resources.filter(({ inputs }) => JSON.stringify(inputs).includes(verifyToken));

    expect(holders.map(({ type }) => type)).toEqual(["aws:apigateway/restApi:RestApi"]);
  });
});
