import { outcomes } from "../../runtime/history/outcome.js";
import { type Counted, latencyMetric, writeMetrics } from "../../runtime/telemetry/metrics.js";

/**
 * The metrics AWS and our function really emit: namespace, name, all their dimensions and a statistic that fits. A misspelt name or
 * dimension makes an alarm that stays silent for ever, or an empty graph, so every one must be among these.
 *
 * - AWS/SQS: docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-available-cloudwatch-metrics.html
 * - AWS/Lambda: docs.aws.amazon.com/lambda/latest/dg/monitoring-metrics-types.html
 * - AWS/ApiGateway: docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-metrics-and-dimensions.html, and
 *   http-api-metrics.html for those in lower case
 * - AWS/DynamoDB: docs.aws.amazon.com/amazondynamodb/latest/developerguide/metrics-dimensions.html
 * - AWS/SNS: docs.aws.amazon.com/sns/latest/dg/sns-monitoring-using-cloudwatch.html
 * - AWS/Logs: docs.aws.amazon.com/AmazonCloudWatch/latest/logs/CloudWatch-Logs-Monitoring-CloudWatch-Metrics.html
 */
export const emittedMetrics: ReadonlySet<string> = new Set([
  "AWS/SQS ApproximateNumberOfMessagesVisible QueueName Maximum",
  "AWS/SQS ApproximateNumberOfMessagesNotVisible QueueName Maximum",
  "AWS/SQS ApproximateAgeOfOldestMessage QueueName Maximum",
  "AWS/SQS NumberOfMessagesSent QueueName Sum",
  "AWS/SQS NumberOfMessagesReceived QueueName Sum",
  "AWS/SQS NumberOfMessagesDeleted QueueName Sum",
  "AWS/SQS NumberOfEmptyReceives QueueName Sum",
  "AWS/Lambda Errors FunctionName Sum",
  "AWS/Lambda Throttles FunctionName Sum",
  "AWS/Lambda Duration FunctionName Sum",
  "AWS/Lambda Duration FunctionName p99",
  "AWS/Lambda ConcurrentExecutions FunctionName Maximum",
  "AWS/ApiGateway 5XXError ApiName,Stage Sum",
  "AWS/ApiGateway 5XXError ApiName,Stage Average",
  "AWS/ApiGateway 4XXError ApiName,Stage Sum",
  "AWS/ApiGateway Count ApiName,Stage SampleCount",
  "AWS/ApiGateway 5xx ApiId Sum",
  "AWS/ApiGateway 5xx ApiId Average",
  "AWS/ApiGateway 4xx ApiId Sum",
  "AWS/ApiGateway Count ApiId SampleCount",
  "AWS/DynamoDB ReadThrottleEvents TableName Sum",
  "AWS/DynamoDB WriteThrottleEvents TableName Sum",
  "AWS/DynamoDB WriteThrottleEvents GlobalSecondaryIndexName,TableName Sum",
  "AWS/DynamoDB ConsumedReadCapacityUnits TableName Sum",
  "AWS/DynamoDB ConsumedReadCapacityUnits GlobalSecondaryIndexName,TableName Sum",
  "AWS/DynamoDB ConsumedWriteCapacityUnits TableName Sum",
  "AWS/DynamoDB ConsumedWriteCapacityUnits GlobalSecondaryIndexName,TableName Sum",
  "AWS/SNS NumberOfNotificationsFailed TopicName Sum",
  "AWS/Logs IncomingBytes LogGroupName Sum",
  ...ofFunction(),
]);

/** What the function writes of a batch in which everything happens. */
function ofFunction(): string[] {
  const counted: Counted[] = [...(Object.keys(outcomes) as Counted[]), "held", "breaker-opened"];
  const lines: string[] = [];
  writeMetrics(
    counted.map((outcome) => ({ source: "github", outcome, latencyMilliseconds: 1 })),
    {
      functionName: "f",
      now: 0,
      writeLine: (line) => lines.push(line),
      counting: { bySource: true, expected: new Set(["github"]) },
    },
  );
  interface Described {
    readonly Namespace: string;
    readonly Dimensions: string[][];
    readonly Metrics: { readonly Name: string }[];
  }
  const described: Described[] = lines.flatMap((line) => JSON.parse(line)._aws.CloudWatchMetrics);
  return described.flatMap(({ Namespace, Dimensions, Metrics }) =>
    Dimensions.flatMap((dimensions) =>
      Metrics.flatMap(({ Name }) =>
        (Name === latencyMetric ? ["p50", "p95", "p99"] : ["Sum"]).map(
          (statistic) => `${Namespace} ${Name} ${dimensions.join()} ${statistic}`,
        ),
      ),
    ),
  );
}
