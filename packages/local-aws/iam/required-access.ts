import { bucketEncryption } from "../program/bucket-encryption.js";
import { arnOf, type Graph, type GraphResource, resourcesOfType } from "../program/graph.js";
import { partitionOf } from "../program/partition.js";
import { queuesRedrivingTo } from "../program/redrive-policy.js";
import { cloudWatchAccess, lambdaAccess, logsAccess } from "./operations-access.js";
import type { ConditionKey } from "./policy.js";
import { busArn, firehoseArn, queueArn, streamArn } from "./resources-elsewhere.js";
import { readTaskHandle } from "./task-handle.js";

/** An API call as the AWS endpoint understood it. */
export interface ApiCall {
  /** Service as in the credential scope: `sqs`, `dynamodb`, `states`. */
  readonly service: string;
  /** `SendMessageBatch`. */
  readonly operation: string;
  readonly input: Readonly<Record<string, unknown>>;
}

/** One permission that a call needs; a call may need several. */
export interface RequiredAccess {
  readonly action: string;
  readonly resource: string;
  readonly context?: Partial<Record<ConditionKey, string>>;
}

/**
 * The permissions that AWS asks for before it makes a call: the service's own, and those on the customer's KMS key that
 * encrypts what the call touches (AWS fact 5.6). The service authorization reference lists the actions:
 * docs.aws.amazon.com/service-authorization/latest/reference/.
 */
export function requiredAccess(graph: Graph, call: ApiCall): RequiredAccess[] {
  const own = ownAccess(graph, call);
  return [...own, ...own.flatMap((access) => keyAccess(graph, call.service, access))];
}

function ownAccess(graph: Graph, { service, operation, input }: ApiCall): RequiredAccess[] {
  const arn = (rest: string) =>
    `arn:${partitionOf(graph.region).name}:${service}:${graph.region}:${graph.account}:${rest}`;
  const on = (resource: string, ...names: string[]) =>
    names.map((name) => ({ action: `${service}:${name}`, resource }));
  switch (service) {
    case "sqs":
      return sqsAccess(graph, operation, input, arn, on);
    case "dynamodb":
      return dynamoAccess(operation, input, arn, on);
    case "secretsmanager":
      return on(
        withoutSecret.includes(operation) ? "*" : secretArn(graph, String(input.SecretId)),
        operation,
      );
    case "sns":
      return on(String(input.TopicArn ?? "*"), operation === "PublishBatch" ? "Publish" : operation);
    case "s3": {
      const { Bucket, Key } = input;
      return on(
        `arn:${partitionOf(graph.region).name}:s3:::${Bucket}${Key === undefined ? "" : `/${Key}`}`,
        s3Actions[`${operation}${input.VersionId === undefined ? "" : " of a version"}`] ?? operation,
      );
    }
    case "events":
      if (operation !== "PutEvents") return on("*", operation);
      return ((input.Entries ?? []) as { EventBusName?: string }[]).flatMap(({ EventBusName }) =>
        on(busArn(graph, EventBusName), operation),
      );
    case "states":
      return on(String(input.stateMachineArn ?? "*"), operation);
    case "lambda":
      return lambdaAccess(operation, input, arn);
    case "cloudwatch":
      return cloudWatchAccess(graph, operation, input, arn);
    case "logs":
      return logsAccess(operation, input, arn);
    // Everybody may ask who they are.
    case "sts":
      return [];
    case "kinesis": {
      const named = input.StreamName !== undefined || input.StreamARN !== undefined;
      return on(named ? streamArn(graph, input) : "*", operation);
    }
    case "firehose": {
      const { DeliveryStreamName: name } = input;
      return on(name === undefined ? "*" : firehoseArn(graph, name), operation);
    }
    default:
      return on("*", operation);
  }
}

/** Permissions of S3 that are not called as the operation is: docs.aws.amazon.com/AmazonS3/latest/userguide/using-with-s3-policy-actions.html */
const s3Actions: Readonly<Record<string, string>> = {
  HeadObject: "GetObject",
  "GetObject of a version": "GetObjectVersion",
  "HeadObject of a version": "GetObjectVersion",
  "DeleteObject of a version": "DeleteObjectVersion",
  ListObjectsV2: "ListBucket",
  ListObjectVersions: "ListBucketVersions",
};

type ArnOf = (rest: string) => string;
type On = (resource: string, ...operations: string[]) => RequiredAccess[];

/**
 * Redrives need more than their own action:
 * docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-configure-dead-letter-queue-redrive.html.
 */
function sqsAccess(
  graph: Graph,
  operation: string,
  input: ApiCall["input"],
  arn: ArnOf,
  on: On,
): RequiredAccess[] {
  switch (operation) {
    case "ListQueues":
      return on("*", operation);
    case "GetQueueUrl":
      return on(arn(String(input.QueueName)), operation);
    case "StartMessageMoveTask": {
      const { SourceArn, DestinationArn } = input;
      const destinations =
        DestinationArn === undefined ? queuesRedrivingTo(graph, String(SourceArn)) : [String(DestinationArn)];
      return [
        ...on(String(SourceArn), operation, ...emptyQueue),
        ...destinations.flatMap((destination) => on(destination, "SendMessage")),
      ];
    }
    case "ListMessageMoveTasks":
      return on(String(input.SourceArn), operation, ...emptyQueue);
    case "CancelMessageMoveTask": {
      const sourceArn = readTaskHandle(String(input.TaskHandle))?.sourceArn;
      // A handle that names no queue needs no permission, because SQS refuses it.
      return sourceArn === undefined ? [] : on(sourceArn, operation, ...emptyQueue);
    }
    default:
      // A batch needs the permission of its single call: there is no action for batches.
      return on(queueArn(graph, input.QueueUrl ?? ""), operation.replace(/Batch$/, ""));
  }
}

const emptyQueue = ["ReceiveMessage", "DeleteMessage", "GetQueueAttributes"];

const transactionActions: Readonly<Record<string, string>> = {
  Put: "PutItem",
  Update: "UpdateItem",
  Delete: "DeleteItem",
  ConditionCheck: "ConditionCheckItem",
  Get: "GetItem",
};

function dynamoAccess(operation: string, input: ApiCall["input"], arn: ArnOf, on: On): RequiredAccess[] {
  const table = (name: unknown) => arn(`table/${name}`);
  switch (operation) {
    case "ListTables":
      return on("*", operation);
    case "BatchGetItem":
    case "BatchWriteItem":
      return Object.keys((input.RequestItems ?? {}) as object).flatMap((name) => on(table(name), operation));
    case "TransactGetItems":
    case "TransactWriteItems":
      return ((input.TransactItems ?? []) as Record<string, { TableName: string }>[]).flatMap((item) =>
        Object.entries(item).flatMap(([kind, { TableName }]) =>
          on(table(TableName), transactionActions[kind] ?? kind),
        ),
      );
    default: {
      if (input.TableName === undefined) return on(String(input.ResourceArn ?? "*"), operation);
      const index = input.IndexName === undefined ? "" : `/index/${input.IndexName}`;
      return on(`${table(input.TableName)}${index}`, operation);
    }
  }
}

/** A secret can be asked for by name, by ARN, or by ARN without the random end. */
export function secretArn(graph: Graph, id: string): string {
  const secret = resourcesOfType(graph, "aws:secretsmanager/secret:Secret").find(
    (each) => each.state.name === id || arnOf(each) === id || arnOf(each).replace(/-[^-]{6}$/, "") === id,
  );
  return secret === undefined
    ? `arn:${partitionOf(graph.region).name}:secretsmanager:${graph.region}:${graph.account}:secret:${id}`
    : arnOf(secret);
}

/** Calls that ask for no secret in particular, which a policy can only allow on `*`. */
const withoutSecret = ["ListSecrets", "GetRandomPassword", "BatchGetSecretValue"];

const read = ["kms:Decrypt"];
const write = ["kms:GenerateDataKey", "kms:Decrypt"];
// AWS's guide lists what DynamoDB does with a key in its caller's name, but not which call needs what. The split is that of
// the AWS CDK's Table.grantReadData and Table.grantWriteData: github.com/aws/aws-cdk/pull/19102,
// docs.aws.amazon.com/amazondynamodb/latest/developerguide/encryption.usagenotes.html.
const readTable = ["kms:Decrypt", "kms:DescribeKey"];
const writeTable = [
  ...readTable,
  "kms:Encrypt",
  "kms:GenerateDataKey",
  "kms:ReEncryptFrom",
  "kms:ReEncryptTo",
];

/** What a customer's key must allow, by the service's action; services call KMS in the caller's name. */
const keyActions: Readonly<Record<string, readonly string[]>> = {
  "sqs:SendMessage": write,
  "sqs:ReceiveMessage": read,
  "sns:Publish": write,
  "kinesis:PutRecord": ["kms:GenerateDataKey"],
  "kinesis:PutRecords": ["kms:GenerateDataKey"],
  "secretsmanager:GetSecretValue": read,
  "secretsmanager:PutSecretValue": write,
  "dynamodb:PutItem": writeTable,
  "dynamodb:UpdateItem": writeTable,
  "dynamodb:DeleteItem": writeTable,
  "dynamodb:BatchWriteItem": writeTable,
  "dynamodb:GetItem": readTable,
  "dynamodb:BatchGetItem": readTable,
  "dynamodb:ConditionCheckItem": readTable,
  "dynamodb:Query": readTable,
  "dynamodb:Scan": readTable,
  "s3:GetObject": read,
  "s3:PutObject": ["kms:GenerateDataKey"],
};

function keyAccess(graph: Graph, service: string, { action, resource }: RequiredAccess): RequiredAccess[] {
  const actions = keyActions[action];
  const key = actions === undefined ? undefined : keyOf(graph, service, resource);
  if (actions === undefined || key === undefined) return [];
  const context = { "kms:viaservice": `${service}.${graph.region}.${partitionOf(graph.region).dnsSuffix}` };
  return actions.map((name) => ({ action: name, resource: key, context }));
}

const keyInputs: readonly {
  service: string;
  type: string;
  key: (owner: GraphResource, graph: Graph) => unknown;
}[] = [
  { service: "sqs", type: "aws:sqs/queue:Queue", key: ({ inputs }) => inputs.kmsMasterKeyId },
  { service: "kinesis", type: "aws:kinesis/stream:Stream", key: ({ inputs }) => inputs.kmsKeyId },
  { service: "sns", type: "aws:sns/topic:Topic", key: ({ inputs }) => inputs.kmsMasterKeyId },
  {
    service: "secretsmanager",
    type: "aws:secretsmanager/secret:Secret",
    key: ({ inputs }) => inputs.kmsKeyId,
  },
  {
    service: "dynamodb",
    type: "aws:dynamodb/table:Table",
    key: ({ inputs }) => (inputs.serverSideEncryption as Inputs | undefined)?.kmsKeyArn,
  },
  {
    service: "s3",
    type: "aws:s3/bucket:Bucket",
    key: (bucket, graph) => bucketEncryption(graph, bucket).key,
  },
];
type Inputs = Readonly<Record<string, unknown>>;

/** The keys that AWS manages: open to the account's own principals through the service, closed to everybody else. */
export const awsManagedKey = /(^|:)alias\/aws\//;

/** ARN of the KMS key that encrypts a resource; undefined where the service encrypts by itself. */
function keyOf(graph: Graph, service: string, arn: string): string | undefined {
  const plain = service === "s3" ? arn.replace(/\/.*$/s, "") : arn.replace(/\/index\/.*$/, "");
  for (const { type, key } of keyInputs.filter((entry) => entry.service === service)) {
    const owner = resourcesOfType(graph, type).find((resource) => arnOf(resource) === plain);
    if (owner !== undefined) return keyArn(graph, key(owner, graph));
  }
  return undefined;
}

/** Resolves a key's ARN, id or alias. Undefined if no key is set. */
function keyArn(graph: Graph, reference: unknown): string | undefined {
  if (typeof reference !== "string") return undefined;
  if (awsManagedKey.test(reference)) {
    return `arn:${partitionOf(graph.region).name}:kms:${graph.region}:${graph.account}:${reference.replace(/^.*:/, "")}`;
  }
  const alias = resourcesOfType(graph, "aws:kms/alias:Alias").find(({ state }) =>
    [state.name, state.arn].includes(reference),
  );
  const target = alias === undefined ? reference : alias.inputs.targetKeyId;
  const key = resourcesOfType(graph, "aws:kms/key:Key").find((each) =>
    [arnOf(each), each.id, each.state.keyId].includes(target),
  );
  return key === undefined ? reference : arnOf(key);
}
