import { beforeAll, describe, expect, it } from "vitest";
import { type Graph, readGraph } from "../../local/graph.js";
import { lookup, type Policy, policyIn, type Registered } from "../support/registered.js";

const stages: Record<string, string | undefined> = {
  dev: undefined,
  prod: undefined,
  vpc: "tests/fixtures/Pulumi.vpc.yaml",
  http: "tests/fixtures/Pulumi.http.yaml",
};

/** Statements whose resource AWS accepts only as "*", by their Sid; the component says why beside each. */
const wildcardResourceAccepted = new Set([
  "DecidedByPoliciesOfTheAccount",
  "AlarmsPublishToEncryptedTopics",
  "LogGroupsOfTheAccount",
  "SendTraces",
  "AttachToItsVpc",
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
    graph = await readGraph({ stack, ...(stageFile === undefined ? {} : { stageFile }) });
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
      "aws:dynamodb/table:Table": (inputs) => (inputs.serverSideEncryption as { enabled: boolean }).enabled,
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

    expect(alarms).toHaveLength(8);
    expect(alarms.every(({ inputs }) => inputs.treatMissingData === "notBreaching")).toBe(true);
    expect(
      alarms.every(({ inputs }) => JSON.stringify(inputs.alarmActions) === JSON.stringify([topic])),
    ).toBe(true);
  });

  it("hides a delivered webhook at least six times as long as the function may run", () => {
    const { visibilityTimeoutSeconds } = program.one("aws:sqs/queue:Queue", "webhooks-queue").inputs;
    const { timeout } = program.one("aws:lambda/function:Function").inputs;

    expect(Number(visibilityTimeoutSeconds)).toBeGreaterThanOrEqual(6 * Number(timeout));
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
      serverSideEncryption: { kmsKeyArn: prod.one("aws:kms/key:Key").state.arn },
    });
    expect(dev.one("aws:sqs/queue:Queue", "webhooks-queue").inputs).toMatchObject({
      sqsManagedSseEnabled: true,
    });
  });

  it("give the same function code for the same settings, twice", async () => {
    const [first, second] = [await readStage("dev"), await readStage("dev")];
    const code = (stage: Registered) => stage.one("aws:lambda/function:Function").inputs.code;

    expect(JSON.stringify(code(first))).toEqual(JSON.stringify(code(second)));
  });

  it("put the function of a VPC stage into private subnets with ways to the services it calls", async () => {
    const { one, all } = lookup(
      (await readGraph({ stack: "vpc", stageFile: "tests/fixtures/Pulumi.vpc.yaml" })).resources,
    );

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
  return lookup((await readGraph({ stack })).resources);
}
