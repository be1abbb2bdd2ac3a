import * as pulumi from "@pulumi/pulumi";
import { namedIfTheyFit, type Statement } from "../support/iam.js";

/** Lambda polls the queue with the function's role, and the function itself delays failed webhooks. */
export function consumeQueue(queueArn: pulumi.Input<string>): Statement {
  return {
    Sid: "ConsumeQueue",
    Action: [
      "sqs:ChangeMessageVisibility",
      "sqs:DeleteMessage",
      "sqs:GetQueueAttributes",
      "sqs:ReceiveMessage",
    ],
    Resource: queueArn,
  };
}

/** A webhook that waits for its target is sent to its own queue again. */
export function sendAgain(queueArn: pulumi.Input<string>): Statement {
  return { Sid: "SendWaitingWebhooksAgain", Action: "sqs:SendMessage", Resource: queueArn };
}

/** SQS generates a data key for each message in the caller's name. The permission to decrypt is the one for reading messages. */
export function sendAgainKey(keyArn: pulumi.Input<string>, dnsSuffix: pulumi.Input<string>): Statement {
  return {
    Sid: "SendWaitingWebhooksAgainKey",
    Action: "kms:GenerateDataKey",
    Resource: keyArn,
    Condition: { StringLike: { "kms:ViaService": pulumi.interpolate`sqs.*.${dnsSuffix}` } },
  };
}

/** The function writes claims and ends, and reads the item of a refused claim. */
export function useHistoryTable(tableArn: pulumi.Input<string>): Statement {
  return {
    Sid: "HistoryTable",
    Action: ["dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:UpdateItem"],
    Resource: tableArn,
  };
}

/**
 * The secrets of its own sources. Where these are more than a policy can name, those whose names begin like theirs: each is
 * encrypted with this stack's key, which Secrets Manager uses in the caller's name, so that another stack's stay closed.
 * docs.aws.amazon.com/secretsmanager/latest/userguide/security-encryption.html
 */
export function readSourceSecrets(
  secrets: readonly { readonly arn: pulumi.Input<string> }[],
  mostCharacters: number,
): Statement[] {
  if (secrets.length === 0) return [];
  return [
    {
      Sid: "SourceSecrets",
      Action: "secretsmanager:GetSecretValue",
      Resource: pulumi
        .all(secrets.map(({ arn }) => arn))
        .apply((arns) => namedIfTheyFit(arns, mostCharacters)),
    },
  ];
}

/**
 * Payloads are read for a replay, which must equal what was kept. A bucket that takes nothing new may still be written to:
 * the function's code changes after its permissions.
 */
export function useOverflowBucket(bucketArn: pulumi.Input<string>): Statement {
  return {
    Sid: "OverflowBucket",
    Action: ["s3:GetObject", "s3:PutObject"],
    Resource: pulumi.interpolate`${bucketArn}/*`,
  };
}

/** A message for each of the subscribers to its sources, and into no other queue. */
export function handOverToSubscribers(
  queues: readonly { readonly arn: pulumi.Input<string> }[],
  mostCharacters: number,
): Statement[] {
  if (queues.length === 0) return [];
  return [
    {
      Sid: "HandOverToSubscribers",
      Action: "sqs:SendMessage",
      // Subscribers that share a queue name it only once.
      Resource: pulumi
        .all(queues.map(({ arn }) => arn))
        .apply((arns) => namedIfTheyFit([...new Set(arns)], mostCharacters)),
    },
  ];
}

/** Events about the pipeline itself. */
export function tellEventBus(busArn: pulumi.Input<string>): Statement {
  return { Sid: "TellOfThePipeline", Action: "events:PutEvents", Resource: busArn };
}

/** Only to the function's log group, which the program creates. */
export function writeFunctionLog(logArn: pulumi.Input<string>): Statement {
  return {
    Sid: "FunctionLog",
    Action: ["logs:CreateLogStream", "logs:PutLogEvents"],
    Resource: pulumi.interpolate`${logArn}:*`,
  };
}

/** Lambda decrypts the environment with the function's role, and Secrets Manager decrypts the secrets with it. */
export function useSecretsKey(keyArn: pulumi.Input<string>): Statement {
  return { Sid: "SecretsAndEnvironmentKey", Action: "kms:Decrypt", Resource: keyArn };
}

/**
 * Messages are only read. What DynamoDB does with the key on the caller's behalf:
 * docs.aws.amazon.com/amazondynamodb/latest/developerguide/encryption.usagenotes.html.
 */
export function useDataKey(keyArn: pulumi.Input<string>, dnsSuffix: pulumi.Input<string>): Statement[] {
  return [
    { Sid: "DataKey", Action: "kms:Decrypt", Resource: keyArn },
    {
      Sid: "HistoryTableKey",
      Action: [
        "kms:DescribeKey",
        "kms:Encrypt",
        "kms:GenerateDataKey",
        "kms:ReEncryptFrom",
        "kms:ReEncryptTo",
      ],
      Resource: keyArn,
      Condition: { StringLike: { "kms:ViaService": pulumi.interpolate`dynamodb.*.${dnsSuffix}` } },
    },
  ];
}

/**
 * S3 generates a data key for each object in the caller's name. The permission to decrypt is the one for the messages.
 * docs.aws.amazon.com/AmazonS3/latest/userguide/UsingKMSEncryption.html
 */
export function useOverflowBucketKey(
  keyArn: pulumi.Input<string>,
  dnsSuffix: pulumi.Input<string>,
): Statement {
  return {
    Sid: "OverflowBucketKey",
    Action: "kms:GenerateDataKey",
    Resource: keyArn,
    Condition: { StringLike: { "kms:ViaService": pulumi.interpolate`s3.*.${dnsSuffix}` } },
  };
}

/**
 * SQS encrypts a message with a data key that it makes in the sender's name. The permission to decrypt is the one for the
 * function's own messages.
 * docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-key-management.html
 */
export function useSubscriberQueuesKey(
  keyArn: pulumi.Input<string>,
  dnsSuffix: pulumi.Input<string>,
): Statement {
  return {
    Sid: "SubscriberQueuesKey",
    Action: "kms:GenerateDataKey",
    Resource: keyArn,
    Condition: { StringLike: { "kms:ViaService": pulumi.interpolate`sqs.*.${dnsSuffix}` } },
  };
}

// AWS accepts no narrower resource for these two:
// docs.aws.amazon.com/service-authorization/latest/reference/list_awsx-ray.html
export const sendTraces: Statement = {
  Sid: "XRayTraces",
  Action: ["xray:PutTelemetryRecords", "xray:PutTraceSegments"],
  Resource: "*",
};

// docs.aws.amazon.com/lambda/latest/dg/configuration-vpc.html
export const attachToVpc: Statement = {
  Sid: "VpcNetworkInterfaces",
  Action: [
    "ec2:AssignPrivateIpAddresses",
    "ec2:CreateNetworkInterface",
    "ec2:DeleteNetworkInterface",
    "ec2:DescribeNetworkInterfaces",
    "ec2:DescribeSubnets",
    "ec2:UnassignPrivateIpAddresses",
  ],
  Resource: "*",
};
