import { isDeepStrictEqual } from "node:util";
import { archiveFiles, type Graph, isArchive } from "local-aws";
import { beforeAll, describe, expect, it } from "vitest";
import { readProgram } from "../../local/program.js";
import { allowedBy, lookup, type Policy, policyIn, type Registered } from "../support/registered.js";
import { stageGraph } from "../support/stage-graphs.js";

const stages: Record<string, string | undefined> = {
  dev: undefined,
  prod: undefined,
  vpc: "tests/fixtures/Pulumi.vpc.yaml",
  http: "tests/fixtures/Pulumi.http.yaml",
  "rest-everything": "tests/fixtures/Pulumi.rest-everything.yaml",
  fifo: "tests/fixtures/Pulumi.fifo.yaml",
  dedicated: "tests/fixtures/Pulumi.dedicated.yaml",
};

/** Statements whose resource AWS accepts only as "*", by their Sid; the component says why beside each. */
const wildcardResourceAccepted = new Set([
  "AccountPolicies",
  "CloudWatchAlarms",
  "CloudWatchLogs",
  "XRayTraces",
  "VpcNetworkInterfaces",
]);

/** All policy documents a stage registers. */
function policiesOf({ resources }: Graph): { name: string; policy: Policy }[] {
  return resources.flatMap((resource) =>
    ["policy", "assumeRolePolicy"].flatMap((input) =>
      typeof resource.inputs[input] === "string"
        ? [{ name: resource.name, policy: policyIn(resource, input) }]
        : [],
    ),
  );
}

describe.each(Object.entries(stages))("the program of stage %s", (stack, stageFile) => {
  let graph: Graph;
  let program: Registered;

  beforeAll(async () => {
    graph = await stageGraph(stack, stageFile);
    program = lookup(graph.resources, graph.outputs);
  });

  it("allows no action by wildcard, and no resource by wildcard where AWS takes a narrower one", () => {
    const allowed = policiesOf(graph).flatMap(({ policy }) =>
      policy.Statement.filter(({ Effect }) => Effect === "Allow"),
    );

    expect(allowed.flatMap(({ Action }) => Action).filter((action) => action.includes("*"))).toEqual([]);
    expect(
      allowed
        .filter(({ Resource }) => [Resource].flat().includes("*"))
        .map(({ Sid }) => Sid)
        .filter((sid) => !wildcardResourceAccepted.has(sid)),
    ).toEqual([]);
  });

  it("encrypts every queue, topic, table, log group and secret", () => {
    const key = program.one("aws:kms/key:Key").state.arn;
    const encrypted: Record<string, (inputs: Record<string, unknown>) => boolean> = {
      "aws:sqs/queue:Queue": (inputs) =>
        inputs.sqsManagedSseEnabled === true || inputs.kmsMasterKeyId === key,
      "aws:sns/topic:Topic": (inputs) => inputs.kmsMasterKeyId === key,
      // "Not enabled" is encryption with a key that DynamoDB owns.
      "aws:dynamodb/table:Table": ({ serverSideEncryption }) =>
        isDeepStrictEqual(serverSideEncryption, { enabled: false }) ||
        isDeepStrictEqual(serverSideEncryption, { enabled: true, kmsKeyArn: key }),
      "aws:cloudwatch/logGroup:LogGroup": (inputs) => inputs.kmsKeyId === key,
      "aws:secretsmanager/secret:Secret": (inputs) => inputs.kmsKeyId === key,
    };

    for (const [type, holds] of Object.entries(encrypted)) {
      expect(program.all(type).length, `${type} resources`).toBeGreaterThan(0);
      expect(
        program
          .all(type)
          .filter(({ inputs }) => !holds(inputs))
          .map(({ name }) => name),
      ).toEqual([]);
    }
  });

  it("keeps every log for a limited time", () => {
    for (const { inputs } of program.all("aws:cloudwatch/logGroup:LogGroup")) {
      expect(inputs.retentionInDays).toBeGreaterThan(0);
    }
  });

  it("has the alarms tell the topic, and none of them wait for data", () => {
    const alarms = program.all("aws:cloudwatch/metricAlarm:MetricAlarm");
    const topic = program.one("aws:sns/topic:Topic").state.arn;

    // Fourteen for each queue with its function, three for the API, three for the history, one for the topic.
    expect(alarms).toHaveLength(14 * program.all("aws:lambda/function:Function").length + 7);
    expect(alarms.every(({ inputs }) => inputs.treatMissingData === "notBreaching")).toBe(true);
    expect(
      alarms.every(({ inputs }) => JSON.stringify(inputs.alarmActions) === JSON.stringify([topic])),
    ).toBe(true);
  });

  it("hides a delivered webhook at least six times as long as the function may run", () => {
    const hidden = program
      .all("aws:sqs/queue:Queue")
      .flatMap(({ inputs }) => (inputs.redrivePolicy === undefined ? [] : [inputs.visibilityTimeoutSeconds]));
    const timeouts = program.all("aws:lambda/function:Function").map(({ inputs }) => Number(inputs.timeout));

    expect(Math.min(...hidden.map(Number))).toBeGreaterThanOrEqual(6 * Math.max(...timeouts));
  });

  it("parents every resource to the component that made it", () => {
    expect(
      graph.resources
        .filter(({ custom, parent }) => custom && !parent?.includes("webhooks:index:"))
        .map(({ name }) => name),
    ).toEqual([]);
  });

  it("has no secret's value in it", () => {
    expect(graph.resources.filter(({ type }) => /secretVersion/i.test(type))).toEqual([]);
  });
});

describe("the stages", () => {
  it("differ in what prod protects: its data from deletion and loss, with its own key", async () => {
    const dev = await readStage("dev");
    const prod = await readStage("prod");

    const protectedTypes = (stage: Registered) =>
      [
        ...new Set(
          stage.resources.filter(({ custom, protect }) => custom && protect).map(({ type }) => type),
        ),
      ].sort();
    expect(protectedTypes(dev)).toEqual([]);
    expect(protectedTypes(prod)).toEqual(
      expect.arrayContaining([
        "aws:dynamodb/table:Table",
        "aws:kms/key:Key",
        "aws:s3/bucket:Bucket",
        "aws:secretsmanager/secret:Secret",
        "aws:sqs/queue:Queue",
      ]),
    );
    expect(prod.one("aws:dynamodb/table:Table").inputs).toMatchObject({
      pointInTimeRecovery: { enabled: true },
      deletionProtectionEnabled: true,
      serverSideEncryption: { kmsKeyArn: prod.one("aws:kms/key:Key").state.arn },
    });
    expect(dev.one("aws:sqs/queue:Queue", "webhooks-queue").inputs).toMatchObject({
      sqsManagedSseEnabled: true,
    });
  });

  it("give the same function code for the same settings, twice", async () => {
    const [first, second] = [await readProgram({ stack: "dev" }), await readProgram({ stack: "dev" })];
    const files = async ({ resources }: Pick<Graph, "resources">) => {
      const { code } = lookup(resources).one("aws:lambda/function:Function").inputs;
      if (!isArchive(code)) throw new Error("the function's code is no archive");
      return [...(await archiveFiles(code))].map(([name, content]) => [name, content.toString("utf8")]);
    };

    expect(await files(second)).toEqual(await files(first));
    expect(await files(await readStage("http"))).not.toEqual(await files(first));
  });

  it("make FIFO queues in high-throughput mode, each message with a group, where a stage asks for order", async () => {
    const { one, all } = await readStage("fifo");
    const template = String(one("aws:apigateway/restApi:RestApi").inputs.body);

    for (const { inputs } of all("aws:sqs/queue:Queue")) {
      expect(inputs).toMatchObject({
        fifoQueue: true,
        contentBasedDeduplication: false,
        deduplicationScope: "messageGroup",
        fifoThroughputLimit: "perMessageGroupId",
      });
    }
    expect(template).toContain("&MessageGroupId=$util.urlEncode($group)&MessageDeduplicationId=");
    expect(one("aws:lambda/eventSourceMapping:EventSourceMapping").inputs.batchSize).toBeLessThanOrEqual(10);
  });

  it("tell where the domain's DNS record must point if there is a domain, and have no such output otherwise", async () => {
    const [dev, everything] = [await readStage("dev"), await readStage("rest-everything")];

    expect(Object.keys(dev.outputs)).not.toContain("dnsTarget");
    expect(everything.outputs.dnsTarget).toBeTypeOf("string");
  });

  it("put all that a stage asks for before its front door, and keep a handshake's token out of its outputs", async () => {
    const { one, all, outputs } = await readStage("rest-everything");

    expect(one("aws:apigateway/restApi:RestApi").inputs.binaryMediaTypes).toEqual([]);
    expect(one("aws:apigateway/domainName:DomainName").inputs.securityPolicy).toBe("TLS_1_2");
    expect(one("aws:wafv2/webAclAssociation:WebAclAssociation").inputs.webAclArn).toContain(
      ":regional/webacl/",
    );
    expect(one("aws:apigateway/account:Account").inputs.cloudwatchRoleArn).toBe(
      one("aws:iam/role:Role", "webhooks-api-logging-role").state.arn,
    );
    expect(
      all("aws:apigateway/methodSettings:MethodSettings").map(({ inputs }) => inputs.methodPath),
    ).toEqual(["*/*", "~1in~1hooks~1github/POST", "~1in~1hooks~1partner/POST"]);
    expect(JSON.stringify(outputs)).not.toContain("a-token-of-this-stage");
  });

  it("give a source its own queues, function and alarms, and leave its secret where it is", async () => {
    const { all, one, outputs } = await readStage("dedicated");

    const lanes = ["webhooks", "webhooks-stripe", "webhooks-crm"];
    expect(Object.keys(outputs.queueUrls as object)).toEqual(lanes);
    expect(outputs.retries).toEqual({
      webhooks: "tried 14 times over about 5 hours",
      "webhooks-stripe": "tried 14 times over about 9 minutes",
      "webhooks-crm": "tried 14 times over about 5 hours",
    });
    expect(
      all("aws:lambda/function:Function")
        .map(({ name }) => name)
        .sort(),
    ).toEqual(lanes.map((name) => `${name}-processor`).sort());
    const alarmed = all("aws:cloudwatch/metricAlarm:MetricAlarm").map(({ name }) => name);
    expect(alarmed).toEqual(expect.arrayContaining(lanes.map((name) => `${name}-dead-letters`)));
    expect(all("aws:secretsmanager/secret:Secret").map(({ name }) => name)).toEqual([
      "webhooks-github-secret",
      "webhooks-stripe-secret",
      "webhooks-stripe-forward-secret",
      "webhooks-crm-secret",
    ]);

    const { paths } = JSON.parse(String(one("aws:apigateway/restApi:RestApi").inputs.body));
    const queueOf = (source: string) =>
      paths[`/webhooks/${source}`].post["x-amazon-apigateway-integration"].uri.split("/").at(-1);
    expect([queueOf("github"), queueOf("stripe"), queueOf("crm")]).toEqual(
      lanes.map((name) => one("aws:sqs/queue:Queue", `${name}-queue`).state.name),
    );
  });

  it("let a dedicated function read its own secrets and put large payloads into the bucket, and no more", async () => {
    const { one } = await readStage("dedicated");

    const allowed = allowedBy(
      policyIn(one("aws:iam/rolePolicy:RolePolicy", "webhooks-stripe-processor-role-policy")),
    );
    expect(allowed.filter((what) => what.startsWith("secretsmanager:"))).toEqual(
      ["stripe", "stripe-forward"].map(
        (name) =>
          `secretsmanager:GetSecretValue on ${one("aws:secretsmanager/secret:Secret", `webhooks-${name}-secret`).state.arn}`,
      ),
    );
    expect(allowed).toContain(`s3:PutObject on ${one("aws:s3/bucket:Bucket").state.arn}/*`);
  });

  it("put the function of a VPC stage into private subnets with ways to the services it calls", async () => {
    const { one, all } = lookup((await stageGraph("vpc", "tests/fixtures/Pulumi.vpc.yaml")).resources);

    expect(one("awsx:ec2:Vpc").inputs).toMatchObject({
      cidrBlock: "10.20.0.0/16",
      numberOfAvailabilityZones: 2,
      natGateways: { strategy: "None" },
    });
    expect(
      all("aws:ec2/vpcEndpoint:VpcEndpoint").map(({ inputs }) => [
        inputs.serviceName,
        inputs.vpcEndpointType,
      ]),
    ).toEqual([
      ["com.amazonaws.eu-west-1.dynamodb", "Gateway"],
      ["com.amazonaws.eu-west-1.s3", "Gateway"],
      ["com.amazonaws.eu-west-1.sqs", "Interface"],
      ["com.amazonaws.eu-west-1.secretsmanager", "Interface"],
    ]);
    expect(one("aws:lambda/function:Function").inputs.vpcConfig).toMatchObject({
      subnetIds: ["webhooks-vpc-private-1", "webhooks-vpc-private-2"],
    });
  });
});

async function readStage(stack: string): Promise<Registered> {
  const graph = await stageGraph(stack, stages[stack]);
  return lookup(graph.resources, graph.outputs);
}
