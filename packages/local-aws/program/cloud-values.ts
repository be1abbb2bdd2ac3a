import { createHash } from "node:crypto";
import type * as pulumi from "@pulumi/pulumi";
import { partitionOf } from "./partition.js";

/** Where the pretended cloud is. */
export interface CloudPlace {
  readonly account: string;
  readonly region: string;
  /** Origin of the queue URLs; local AWS puts its own address here. */
  readonly endpoint: string;
}

/**
 * The id and the properties that AWS would give a new resource. Where the program chooses no name, it is as long as the one
 * that Pulumi makes: the logical one, `-` and seven hexadecimal digits, which are the same at each reading here.
 * pulumi.com/docs/iac/concepts/resources/names/#autonaming
 */
export function createdInCloud(
  { type, name, inputs }: pulumi.runtime.MockResourceArgs,
  { account, region, endpoint }: CloudPlace,
): { id: string; state: Record<string, unknown> } {
  const { name: partition, dnsSuffix } = partitionOf(region);
  const arn = (service: string, rest: string) => `arn:${partition}:${service}:${region}:${account}:${rest}`;
  const fifo = inputs.fifoQueue === true ? ".fifo" : "";
  const autoName = `${name}-${createHash("sha256").update(`${type}::${name}`).digest("hex").slice(0, 7)}`;
  const named: string = inputs.name ?? `${autoName}${fifo}`;
  const made = (id: string, state: Record<string, unknown> = {}) => ({
    id,
    state: { name: named, ...inputs, ...state },
  });

  switch (type) {
    case "aws:sqs/queue:Queue": {
      const url = `${endpoint}/${account}/${named}`;
      return made(url, { name: named, arn: arn("sqs", named), url });
    }
    case "aws:dynamodb/table:Table":
      return made(named, { arn: arn("dynamodb", `table/${named}`) });
    case "aws:s3/bucket:Bucket": {
      const bucket: string = inputs.bucket ?? autoName;
      return made(bucket, { bucket, arn: `arn:${partition}:s3:::${bucket}` });
    }
    case "aws:sns/topic:Topic":
      return made(arn("sns", named), { arn: arn("sns", named) });
    case "aws:sns/topicSubscription:TopicSubscription": {
      const subscription = `${inputs.topic}:${uuidOf(name)}`;
      return made(subscription, { arn: subscription });
    }
    case "aws:lambda/function:Function":
      return made(named, { arn: arn("lambda", `function:${named}`) });
    case "aws:lambda/eventSourceMapping:EventSourceMapping": {
      const uuid = uuidOf(name);
      return made(uuid, { uuid, arn: arn("lambda", `event-source-mapping:${uuid}`) });
    }
    case "aws:cloudwatch/eventBus:EventBus":
      return made(named, { arn: arn("events", `event-bus/${named}`) });
    case "aws:cloudwatch/eventRule:EventRule": {
      const { eventBusName = "default" } = inputs;
      const bus = eventBusName.split("/").at(-1);
      return made(named, {
        arn: arn("events", bus === "default" ? `rule/${named}` : `rule/${bus}/${named}`),
      });
    }
    case "aws:sfn/stateMachine:StateMachine":
      return made(arn("states", `stateMachine:${named}`), { arn: arn("states", `stateMachine:${named}`) });
    case "aws:kinesis/stream:Stream":
      return made(arn("kinesis", `stream/${named}`), { arn: arn("kinesis", `stream/${named}`) });
    case "aws:kinesis/firehoseDeliveryStream:FirehoseDeliveryStream":
      return made(arn("firehose", `deliverystream/${named}`), {
        arn: arn("firehose", `deliverystream/${named}`),
      });
    case "aws:iam/role:Role":
      return made(named, { arn: `arn:${partition}:iam::${account}:role/${named}` });
    case "aws:cloudwatch/logGroup:LogGroup":
      return made(named, { arn: arn("logs", `log-group:${named}`) });
    case "aws:cloudwatch/metricAlarm:MetricAlarm":
      return made(named, { arn: arn("cloudwatch", `alarm:${named}`) });
    case "aws:cloudwatch/compositeAlarm:CompositeAlarm": {
      const { alarmName } = inputs;
      return made(alarmName, { arn: arn("cloudwatch", `alarm:${alarmName}`) });
    }
    case "aws:secretsmanager/secret:Secret":
      return made(arn("secretsmanager", `secret:${named}-AbCdEf`), {
        arn: arn("secretsmanager", `secret:${named}-AbCdEf`),
      });
    case "aws:kms/key:Key":
      return made(name, { arn: arn("kms", `key/${name}`), keyId: name });
    case "aws:apigateway/restApi:RestApi":
      return made(name, {
        arn: `arn:${partition}:apigateway:${region}::/restapis/${name}`,
        executionArn: arn("execute-api", name),
      });
    case "aws:apigateway/stage:Stage": {
      const stage = `${inputs.restApi}/${inputs.stageName}`;
      return made(`ags-${inputs.restApi}-${inputs.stageName}`, {
        arn: `arn:${partition}:apigateway:${region}::/restapis/${inputs.restApi}/stages/${inputs.stageName}`,
        executionArn: arn("execute-api", stage),
        invokeUrl: `https://${inputs.restApi}.execute-api.${region}.${dnsSuffix}/${inputs.stageName}`,
      });
    }
    case "aws:apigateway/apiKey:ApiKey":
      return made(name, { value: createHash("sha256").update(name).digest("base64url").slice(0, 40) });
    case "aws:apigateway/domainName:DomainName":
      return made(named, { regionalDomainName: `d-${name}.execute-api.${region}.${dnsSuffix}` });
    case "aws:apigatewayv2/api:Api":
      return made(name, {
        arn: `arn:${partition}:apigateway:${region}::/apis/${name}`,
        apiEndpoint: `https://${name}.execute-api.${region}.${dnsSuffix}`,
        executionArn: arn("execute-api", name),
      });
    case "aws:ec2/vpcEndpoint:VpcEndpoint":
    case "aws:ec2/securityGroup:SecurityGroup":
      return made(name, { arn: arn("ec2", `${type.split(":").at(-1)}/${name}`) });
    case "awsx:ec2:Vpc":
      return made(name, {
        vpcId: `${name}-vpc`,
        routeTables: [],
        privateSubnetIds: [`${name}-private-1`, `${name}-private-2`],
        isolatedSubnetIds: [`${name}-isolated-1`, `${name}-isolated-2`],
        publicSubnetIds: [`${name}-public-1`, `${name}-public-2`],
      });
    default:
      return made(`${name}-id`, { arn: arn(type.split(/[:/]/)[1] ?? "unknown", name) });
  }
}

/** A UUID that is the same at each reading. */
function uuidOf(name: string): string {
  const digits = createHash("sha256").update(name).digest("hex");
  return digits.replace(/^(.{8})(.{4}).(.{3}).(.{3})(.{12}).*$/, "$1-$2-4$3-8$4-$5");
}

/** What AWS would answer a data source; undefined for one that the program did not use so far. */
export function answeredByCloud(
  { token, inputs }: pulumi.runtime.MockCallArgs,
  { account, region }: CloudPlace,
): Record<string, unknown> | undefined {
  const { name: partition, dnsSuffix, reverseDnsPrefix } = partitionOf(region);
  switch (token) {
    case "aws:index/getCallerIdentity:getCallerIdentity":
      return {
        accountId: account,
        arn: `arn:${partition}:iam::${account}:root`,
        userId: account,
        id: account,
      };
    case "aws:index/getRegion:getRegion":
      return { region, name: region, id: region, description: region };
    case "aws:index/getPartition:getPartition":
      return { partition, dnsSuffix, reverseDnsPrefix, id: partition };
    case "aws:ec2/getSubnet:getSubnet":
      return { ...inputs, vpcId: `vpc-of-${inputs.id}` };
    // An HTTP API of another stack: there is one of every name and id.
    case "aws:apigatewayv2/getApis:getApis":
      return { ...inputs, ids: [`id-of-${inputs.name}`], id: region };
    case "aws:apigatewayv2/getApi:getApi":
      return {
        ...inputs,
        id: inputs.apiId,
        protocolType: "HTTP",
        apiEndpoint: `https://${inputs.apiId}.execute-api.${region}.${dnsSuffix}`,
      };
    default:
      return undefined;
  }
}
