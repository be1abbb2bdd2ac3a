import { historySchema } from "../../runtime/history/schema.js";
import { logGroupsOf } from "../history/attempt-logs.js";
import { lanesOf } from "../lanes/find-lane.js";
import { queueName } from "../lanes/queue-state.js";
import type { Stage } from "../stage/stage.js";
import type { PolicyDocument, PolicyStatement } from "./policy-document.js";

/**
 * What an operator of a stage may do: exactly what the commands ask for, on the stage's own resources.
 *
 * @param isReadOnly only what shows. It reads webhooks, but no secret
 */
export function operatorPolicy(
  { outputs, account, region }: Pick<Stage, "outputs" | "account" | "region">,
  isReadOnly: boolean,
): PolicyDocument {
  const { operations, historyTable, secretNames, alarmTopicArn } = outputs;
  const [, partition = "aws"] = alarmTopicArn.split(":");
  const arn = (service: string, rest: string) => `arn:${partition}:${service}:${region}:${account}:${rest}`;
  const lanes = lanesOf(outputs);
  const queues = lanes.map(({ queueUrl }) => arn("sqs", queueName(queueUrl)));
  const deadLetterQueues = lanes.map(({ deadLetterQueueUrl }) => arn("sqs", queueName(deadLetterQueueUrl)));
  const table = arn("dynamodb", `table/${historyTable}`);
  const indexes = [historySchema.bySource.index, historySchema.byAttention.index].map(
    (index) => `${table}/index/${index}`,
  );
  const mappings = lanes.map(({ eventSourceMapping }) =>
    arn("lambda", `event-source-mapping:${eventSourceMapping}`),
  );
  const functions = lanes.map((lane) => arn("lambda", `function:${lane.function}`));
  // AWS puts six random characters behind the name.
  const secrets = Object.values(secretNames).map((name) => arn("secretsmanager", `secret:${name}-??????`));
  const { overflowBucket, keyArn, dataKeyArn } = operations;
  const buckets = overflowBucket === undefined ? [] : [`arn:${partition}:s3:::${overflowBucket}`];
  const objects = buckets.map((bucket) => `${bucket}/*`);
  // The streams of a group stand behind its name.
  const logGroups = logGroupsOf(outputs).map((group) => arn("logs", `log-group:${group}:*`));

  const allow = (Sid: string, Action: string[], Resource: readonly string[]): PolicyStatement[] =>
    Resource.length === 0 ? [] : [{ Sid, Effect: "Allow", Action, Resource }];
  const dataKeys = dataKeyArn === undefined ? [] : [dataKeyArn];
  return {
    Version: "2012-10-17",
    Statement: [
      ...allow("SeeHistory", ["dynamodb:BatchGetItem", "dynamodb:GetItem"], [table]),
      ...allow("FindInHistory", ["dynamodb:Query"], indexes),
      ...allow("SeeLargePayloads", ["s3:GetObject"], objects),
      // Without it S3 answers that access is denied for an object that has expired:
      // docs.aws.amazon.com/AmazonS3/latest/API/API_GetObject.html
      ...allow("SeeThatPayloadsAreGone", ["s3:ListBucket"], buckets),
      ...allow("SeeAttempts", ["logs:FilterLogEvents"], logGroups),
      ...allow("SeeQueues", ["sqs:GetQueueAttributes"], [...queues, ...deadLetterQueues]),
      ...allow("SeePauses", ["lambda:GetEventSourceMapping"], mappings),
      ...allow("SeeAlarms", ["cloudwatch:DescribeAlarms"], [arn("cloudwatch", "alarm:*")]),
      // CloudWatch knows no narrower resource for it.
      ...allow("SeeMetrics", ["cloudwatch:GetMetricData"], ["*"]),
      ...allow("SeeSecretsButNotTheirValues", ["secretsmanager:DescribeSecret"], secrets),
      ...allow("ReadWithDataKey", ["kms:Decrypt", "kms:DescribeKey"], dataKeys),
      ...(isReadOnly
        ? []
        : [
            ...allow("Pause", ["lambda:UpdateEventSourceMapping"], mappings),
            ...allow("RememberPausesAndReplays", ["dynamodb:DeleteItem", "dynamodb:PutItem"], [table]),
            ...allow("ErasePayloads", ["dynamodb:UpdateItem"], [table]),
            ...allow("FindVersions", ["s3:ListBucketVersions"], buckets),
            ...allow("EraseVersions", ["s3:DeleteObjectVersion"], objects),
            ...allow("SeeDeployments", ["lambda:GetFunctionConfiguration"], functions),
            ...allow(
              "Redrive",
              [
                "sqs:CancelMessageMoveTask",
                "sqs:DeleteMessage",
                "sqs:ListMessageMoveTasks",
                "sqs:ReceiveMessage",
                "sqs:StartMessageMoveTask",
              ],
              deadLetterQueues,
            ),
            ...allow("SendToQueues", ["sqs:SendMessage"], queues),
            ...allow(
              "SetSecrets",
              ["secretsmanager:GetSecretValue", "secretsmanager:PutSecretValue"],
              secrets,
            ),
            ...allow(
              "UseSecretsKey",
              ["kms:Decrypt", "kms:GenerateDataKey"],
              secrets.length === 0 ? [] : [keyArn],
            ),
            // What DynamoDB does with the key for whoever writes: docs.aws.amazon.com/amazondynamodb/latest/developerguide/encryption.usagenotes.html
            ...allow(
              "WriteWithDataKey",
              ["kms:Encrypt", "kms:GenerateDataKey", "kms:ReEncryptFrom", "kms:ReEncryptTo"],
              dataKeys,
            ),
          ]),
    ],
  };
}
