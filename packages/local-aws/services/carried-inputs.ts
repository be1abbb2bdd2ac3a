import type { Graph } from "../program/graph.js";
import { describe } from "../program/graph.js";
import { UserError } from "../program/user-error.js";

/** What local AWS does with the inputs of a resource type. */
interface InputRules {
  /** Acted on. */
  readonly carried: readonly string[];
  /** Knowingly without effect on this machine, and why. */
  readonly ignored: Readonly<Record<string, string>>;
}

const metadata = { tags: "has no effect", tagsAll: "has no effect", name: "is in the ARN already" };
const objectsInMemory = "objects are never deleted, and gone when the process ends";
const logsInMemory = "logs are kept in memory while the process runs";

/**
 * Every input of the resources that are rebuilt on this machine. One that is not listed stops the start: an attribute
 * that is silently dropped would make local AWS prove something that is not so.
 */
const inputRules: Readonly<Record<string, InputRules>> = {
  "aws:sqs/queue:Queue": {
    carried: [
      "contentBasedDeduplication",
      "deduplicationScope",
      "delaySeconds",
      "fifoQueue",
      "kmsMasterKeyId",
      "maxMessageSize",
      "messageRetentionSeconds",
      "policy",
      "receiveWaitTimeSeconds",
      "redriveAllowPolicy",
      "redrivePolicy",
      "visibilityTimeoutSeconds",
    ],
    ignored: {
      ...metadata,
      fifoThroughputLimit: "queues are not throttled",
      kmsDataKeyReusePeriodSeconds: "only the permissions on the key are checked, nothing is encrypted",
      sqsManagedSseEnabled: "messages are only in this process's memory",
      region: "there is one Region",
    },
  },
  "aws:dynamodb/table:Table": {
    carried: [
      "attributes",
      "globalSecondaryIndexes",
      "hashKey",
      "localSecondaryIndexes",
      "rangeKey",
      "serverSideEncryption",
    ],
    ignored: {
      ...metadata,
      billingMode: "capacity is free",
      readCapacity: "nothing is throttled",
      writeCapacity: "nothing is throttled",
      onDemandThroughput: "nothing is throttled",
      deletionProtectionEnabled: "tables are gone when the process ends",
      pointInTimeRecovery: "tables are gone when the process ends",
      ttl: "items are never deleted; DynamoDB may take days as well (AWS fact 6.2)",
      tableClass: "storage is free",
    },
  },
  "aws:s3/bucket:Bucket": {
    carried: ["bucket"],
    ignored: { ...metadata, forceDestroy: objectsInMemory },
  },
  "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration": {
    carried: ["bucket", "rules"],
    ignored: {},
  },
  "aws:s3/bucketPolicy:BucketPolicy": { carried: ["bucket", "policy"], ignored: {} },
  "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration": {
    carried: ["bucket"],
    ignored: { rules: objectsInMemory },
  },
  "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock": {
    carried: ["bucket"],
    ignored: {
      blockPublicAcls: "there are no ACLs",
      ignorePublicAcls: "there are no ACLs",
      blockPublicPolicy: "nobody gets in without a key of this machine",
      restrictPublicBuckets: "nobody gets in without a key of this machine",
    },
  },
  "aws:s3/bucketOwnershipControls:BucketOwnershipControls": {
    carried: ["bucket"],
    ignored: { rule: "there are no ACLs" },
  },
  "aws:lambda/function:Function": {
    carried: [
      "architectures",
      "code",
      "environment",
      "handler",
      "loggingConfig",
      "memorySize",
      "packageType",
      "reservedConcurrentExecutions",
      "role",
      "runtime",
      "timeout",
    ],
    ignored: {
      ...metadata,
      description: "has no effect",
      publish: "there is one version",
      ephemeralStorage: "/tmp is this machine's",
      kmsKeyArn: "environment variables are not encrypted here",
      sourceCodeHash: "the code runs unchanged",
      tracingConfig: "there is no X-Ray",
      vpcConfig: "there is one network: this machine's",
      skipDestroy: "has no effect",
    },
  },
  "aws:lambda/eventSourceMapping:EventSourceMapping": {
    carried: [
      "batchSize",
      "enabled",
      "eventSourceArn",
      "filterCriteria",
      "functionName",
      "functionResponseTypes",
      "maximumBatchingWindowInSeconds",
      "scalingConfig",
    ],
    ignored: {
      ...metadata,
      metricsConfig: "the mapping's own metrics are not kept",
      kmsKeyArn: "filter criteria are not encrypted here",
      provisionedPollerConfig: "there are always a few pollers",
    },
  },
  "aws:sns/topicSubscription:TopicSubscription": {
    carried: ["endpoint", "filterPolicy", "filterPolicyScope", "protocol", "rawMessageDelivery", "topic"],
    ignored: {
      endpointAutoConfirms: "nothing is sent to the endpoint",
      confirmationTimeoutInMinutes: "nothing is sent to the endpoint",
      deliveryPolicy: "nothing is sent to the endpoint",
      redrivePolicy: "nothing is sent to the endpoint",
    },
  },
  "aws:cloudwatch/eventRule:EventRule": {
    carried: ["eventBusName", "eventPattern", "isEnabled", "state"],
    ignored: {
      ...metadata,
      description: "has no effect",
      forceDestroy: "rules are gone when the process ends",
      scheduleExpression: "schedules send nothing on this machine",
    },
  },
  "aws:cloudwatch/eventTarget:EventTarget": {
    carried: ["arn", "eventBusName", "input", "roleArn", "rule", "sqsTarget"],
    ignored: {
      targetId: "targets are told apart by their resources",
      deadLetterConfig: "what a target does not take is reported, and not tried again",
      retryPolicy: "what a target does not take is reported, and not tried again",
      forceDestroy: "rules are gone when the process ends",
    },
  },
  "aws:cloudwatch/metricAlarm:MetricAlarm": {
    carried: [
      "actionsEnabled",
      "alarmActions",
      "alarmDescription",
      "comparisonOperator",
      "datapointsToAlarm",
      "dimensions",
      "evaluateLowSampleCountPercentiles",
      "evaluationPeriods",
      "extendedStatistic",
      "insufficientDataActions",
      "metricName",
      "metricQueries",
      "namespace",
      "okActions",
      "period",
      "statistic",
      "threshold",
      "thresholdMetricId",
      "treatMissingData",
    ],
    ignored: { ...metadata, unit: "metrics have one unit each" },
  },
  "aws:cloudwatch/compositeAlarm:CompositeAlarm": {
    carried: [
      "actionsEnabled",
      "actionsSuppressor",
      "alarmActions",
      "alarmDescription",
      "alarmName",
      "alarmRule",
      "insufficientDataActions",
      "okActions",
    ],
    ignored: metadata,
  },
  "aws:cloudwatch/logGroup:LogGroup": {
    carried: ["name"],
    ignored: {
      ...metadata,
      retentionInDays: logsInMemory,
      kmsKeyId: logsInMemory,
      skipDestroy: logsInMemory,
      logGroupClass: logsInMemory,
    },
  },
};

/** Throws UserError for an input that local AWS would drop without anybody having thought about it. */
export function checkInputs(graph: Graph): void {
  for (const resource of graph.resources) {
    const rules = inputRules[resource.type];
    if (rules === undefined) continue;
    for (const [name, value] of Object.entries(resource.inputs)) {
      if (value === undefined || name.startsWith("__")) continue;
      if (rules.carried.includes(name) || Object.hasOwn(rules.ignored, name)) continue;
      throw new UserError(
        `${describe(resource)}: local AWS does not know the input "${name}"; carry it over or list it with a reason in packages/local-aws/services/carried-inputs.ts`,
      );
    }
  }
}
