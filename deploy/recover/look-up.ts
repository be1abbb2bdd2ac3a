import type { AwsClients } from "../../ops/stage/clients.js";
import type { PendingOperation } from "../engine/stage.js";

/** What AWS has of a resource that was being made. */
export type Found =
  /** The id is Pulumi's, by which it is imported. */
  | { readonly kind: "there"; readonly id: string }
  | { readonly kind: "missing" }
  /** It is only set on another resource, so that the next update sets the same again. */
  | { readonly kind: "set-again" }
  /** There is no way to ask for it by its name. */
  | { readonly kind: "unknown" };

type LookUp = (name: string, clients: AwsClients) => Promise<string | undefined>;

/** How AWS is asked for a resource by the name that Pulumi has given it. Each tells Pulumi's id of it. */
const lookUps: Readonly<Record<string, { readonly named: string; readonly lookUp: LookUp }>> = {
  "aws:sqs/queue:Queue": {
    named: "name",
    lookUp: async (name, clients) => {
      const [sqs, { GetQueueUrlCommand }] = await Promise.all([clients.sqs(), import("@aws-sdk/client-sqs")]);
      return (await sqs.send(new GetQueueUrlCommand({ QueueName: name }))).QueueUrl;
    },
  },
  "aws:dynamodb/table:Table": {
    named: "name",
    lookUp: async (name, clients) => {
      const [dynamoDb, { DescribeTableCommand }] = await Promise.all([
        clients.dynamoDb(),
        import("@aws-sdk/client-dynamodb"),
      ]);
      return (await dynamoDb.send(new DescribeTableCommand({ TableName: name }))).Table?.TableName;
    },
  },
  "aws:lambda/function:Function": {
    named: "name",
    lookUp: async (name, clients) => {
      const [lambda, { GetFunctionCommand }] = await Promise.all([
        clients.lambda(),
        import("@aws-sdk/client-lambda"),
      ]);
      return (await lambda.send(new GetFunctionCommand({ FunctionName: name }))).Configuration?.FunctionName;
    },
  },
  "aws:secretsmanager/secret:Secret": {
    named: "name",
    lookUp: async (name, clients) => {
      const [secretsManager, { DescribeSecretCommand }] = await Promise.all([
        clients.secretsManager(),
        import("@aws-sdk/client-secrets-manager"),
      ]);
      return (await secretsManager.send(new DescribeSecretCommand({ SecretId: name }))).ARN;
    },
  },
  "aws:s3/bucket:Bucket": {
    named: "bucket",
    lookUp: async (name, clients) => {
      const [s3, { HeadBucketCommand }] = await Promise.all([clients.s3(), import("@aws-sdk/client-s3")]);
      await s3.send(new HeadBucketCommand({ Bucket: name }));
      return name;
    },
  },
  "aws:cloudwatch/metricAlarm:MetricAlarm": {
    named: "name",
    lookUp: async (name, clients) => {
      const [cloudWatch, { DescribeAlarmsCommand }] = await Promise.all([
        clients.cloudWatch(),
        import("@aws-sdk/client-cloudwatch"),
      ]);
      const { MetricAlarms = [] } = await cloudWatch.send(new DescribeAlarmsCommand({ AlarmNames: [name] }));
      return MetricAlarms[0]?.AlarmName;
    },
  },
  "aws:sns/topic:Topic": {
    named: "name",
    lookUp: async (name, clients) => {
      const [sns, { paginateListTopics }] = await Promise.all([clients.sns(), import("@aws-sdk/client-sns")]);
      for await (const { Topics = [] } of paginateListTopics({ client: sns }, {})) {
        const topic = Topics.find(({ TopicArn }) => TopicArn?.endsWith(`:${name}`));
        if (topic?.TopicArn !== undefined) return topic.TopicArn;
      }
      return undefined;
    },
  },
  "aws:cloudwatch/logGroup:LogGroup": {
    named: "name",
    lookUp: async (name, clients) => {
      const [logs, { DescribeLogGroupsCommand }] = await Promise.all([
        clients.logs(),
        import("@aws-sdk/client-cloudwatch-logs"),
      ]);
      const { logGroups = [] } = await logs.send(new DescribeLogGroupsCommand({ logGroupNamePrefix: name }));
      return logGroups.find(({ logGroupName }) => logGroupName === name)?.logGroupName;
    },
  },
};

/** What is set on another resource, and makes nothing of its own. */
const setOnOthers = new Set([
  "aws:sqs/queuePolicy:QueuePolicy",
  "aws:sqs/redriveAllowPolicy:RedriveAllowPolicy",
  "aws:sns/topicPolicy:TopicPolicy",
  "aws:s3/bucketPolicy:BucketPolicy",
  "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock",
  "aws:s3/bucketOwnershipControls:BucketOwnershipControls",
  "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration",
  "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration",
  "aws:apigateway/methodSettings:MethodSettings",
  "aws:iam/rolePolicyAttachment:RolePolicyAttachment",
]);

/** Names of errors by which AWS says that there is no such thing. */
const missing = /^(NotFound|NoSuchBucket|QueueDoesNotExist|ResourceNotFoundException|.*NonExistentQueue)$/;

/** Looks up in AWS what an interrupted update was making. */
export async function lookUp({ resource }: PendingOperation, clients: AwsClients): Promise<Found> {
  if (setOnOthers.has(resource.type)) return { kind: "set-again" };
  const way = lookUps[resource.type];
  const name = way === undefined ? undefined : resource.inputs?.[way.named];
  if (way === undefined || typeof name !== "string") return { kind: "unknown" };
  try {
    const id = await way.lookUp(name, clients);
    return id === undefined ? { kind: "missing" } : { kind: "there", id };
  } catch (error) {
    if (missing.test((error as Error).name)) return { kind: "missing" };
    throw error;
  }
}
