import { type Graph, resourcesOfType } from "../program/graph.js";
import { httpApiIds } from "../program/http-api-ids.js";
import type { MetricIdentity, MetricStore } from "./metrics.js";

/** A set of dimensions a metric comes with, and what each of them names. */
interface Shape {
  readonly names: readonly string[];
  readonly dimensions: Readonly<Record<string, (graph: Graph) => readonly string[] | "any">>;
}

const namesOf = (type: string) => (graph: Graph) =>
  resourcesOfType(graph, type).map(({ state }) => String(state.name));
const stageNames = (graph: Graph) =>
  resourcesOfType(graph, "aws:apigateway/stage:Stage").map(({ inputs }) => String(inputs.stageName));
const indexNames = (graph: Graph) =>
  resourcesOfType(graph, "aws:dynamodb/table:Table").flatMap(({ inputs }) =>
    ((inputs.globalSecondaryIndexes ?? []) as { readonly name: string }[]).map(({ name }) => name),
  );
const any = () => "any" as const;

const queueName = { QueueName: namesOf("aws:sqs/queue:Queue") };
const functionName = { FunctionName: namesOf("aws:lambda/function:Function") };
const apiName = { ApiName: namesOf("aws:apigateway/restApi:RestApi") };
const tableName = { TableName: namesOf("aws:dynamodb/table:Table") };

const functionMetrics = [
  "Invocations",
  "Errors",
  "Throttles",
  "Duration",
  "ConcurrentExecutions",
  "DeadLetterErrors",
];
const restMetrics = ["Count", "4XXError", "5XXError", "Latency", "IntegrationLatency"];

/**
 * The metrics that AWS publishes about what programs here are made of, each with the dimensions it comes with (AWS facts 5.1,
 * 5.7; docs: sqs-available-cloudwatch-metrics, monitoring-metrics-types, api-gateway-metrics-and-dimensions,
 * http-api-metrics, metrics-dimensions of DynamoDB, sns-monitoring-using-cloudwatch). An alarm on anything else under
 * these namespaces never has data, and with `notBreaching` stays OK for ever.
 */
const awsMetrics: Readonly<Record<string, readonly Shape[]>> = {
  "AWS/SQS": [
    {
      names: [
        "ApproximateNumberOfMessagesVisible",
        "ApproximateNumberOfMessagesNotVisible",
        "ApproximateNumberOfMessagesDelayed",
        "ApproximateAgeOfOldestMessage",
        "ApproximateNumberOfNoisyGroups",
        "ApproximateNumberOfMessagesVisibleInQuietGroups",
        "ApproximateNumberOfMessagesNotVisibleInQuietGroups",
        "ApproximateNumberOfMessagesDelayedInQuietGroups",
        "ApproximateAgeOfOldestMessageInQuietGroups",
        "ApproximateNumberOfGroupsWithInflightMessages",
        "NumberOfMessagesSent",
        "NumberOfMessagesReceived",
        "NumberOfMessagesDeleted",
        "NumberOfEmptyReceives",
        "NumberOfDeduplicatedSentMessages",
        "SentMessageSize",
      ],
      dimensions: queueName,
    },
  ],
  "AWS/Lambda": [
    { names: functionMetrics, dimensions: functionName },
    { names: functionMetrics, dimensions: { ...functionName, Resource: any } },
    { names: [...functionMetrics, "UnreservedConcurrentExecutions"], dimensions: {} },
  ],
  "AWS/ApiGateway": [
    { names: restMetrics, dimensions: apiName },
    { names: restMetrics, dimensions: { ...apiName, Stage: stageNames } },
    { names: restMetrics, dimensions: { ...apiName, Stage: stageNames, Resource: any, Method: any } },
    {
      names: ["Count", "4xx", "5xx", "Latency", "IntegrationLatency", "DataProcessed"],
      dimensions: { ApiId: httpApiIds },
    },
    {
      names: ["Count", "4xx", "5xx", "Latency", "IntegrationLatency", "DataProcessed"],
      dimensions: { ApiId: httpApiIds, Stage: any },
    },
  ],
  "AWS/DynamoDB": [
    {
      names: [
        "ConsumedReadCapacityUnits",
        "ConsumedWriteCapacityUnits",
        "ReadThrottleEvents",
        "WriteThrottleEvents",
      ],
      dimensions: tableName,
    },
    {
      names: [
        "ConsumedReadCapacityUnits",
        "ConsumedWriteCapacityUnits",
        "ReadThrottleEvents",
        "WriteThrottleEvents",
      ],
      dimensions: { ...tableName, GlobalSecondaryIndexName: indexNames },
    },
    {
      names: ["SuccessfulRequestLatency", "SystemErrors", "ThrottledRequests"],
      dimensions: { ...tableName, Operation: any },
    },
    { names: ["UserErrors"], dimensions: {} },
  ],
  "AWS/SNS": [
    {
      names: ["NumberOfMessagesPublished", "NumberOfNotificationsDelivered", "NumberOfNotificationsFailed"],
      dimensions: { TopicName: namesOf("aws:sns/topic:Topic") },
    },
  ],
};

/** Why an alarm will never see data; undefined where nothing speaks against it. */
export function whyUnknown(metric: MetricIdentity, graph: Graph, store: MetricStore): string | undefined {
  const { namespace, name, dimensions } = metric;
  const label = `${namespace} ${name} {${Object.entries(dimensions)
    .map(([key, value]) => `${key}=${value}`)
    .join(", ")}}`;
  if (!namespace.startsWith("AWS/")) {
    return store.has(metric) ? undefined : `${label}: nothing has recorded this metric so far`;
  }
  const shapes = awsMetrics[namespace];
  if (shapes === undefined) return `${label}: local AWS knows no metrics of ${namespace}`;
  const named = shapes.filter(({ names }) => names.includes(name));
  if (named.length === 0) return `${label}: ${namespace} has no metric "${name}"`;
  const keys = Object.keys(dimensions).sort().join();
  const shape = named.find((candidate) => Object.keys(candidate.dimensions).sort().join() === keys);
  if (shape === undefined) {
    const wanted = named.map((candidate) => Object.keys(candidate.dimensions).join(" and ") || "none");
    return `${label}: this metric comes with the dimensions ${wanted.join(", or ")}`;
  }
  for (const [key, known] of Object.entries(shape.dimensions)) {
    const values = known(graph);
    if (values !== "any" && !values.includes(dimensions[key] ?? "")) {
      return `${label}: the program has no resource with the name ${dimensions[key]}`;
    }
  }
  return undefined;
}
