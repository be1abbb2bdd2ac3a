import * as pulumi from "@pulumi/pulumi";
import type { Statement } from "../support/iam.js";

/** Lambda polls with the function's own role; the function itself delays failed webhooks. */
export function takeWebhooks(queueArn: pulumi.Input<string>): Statement {
  return {
    Sid: "TakeWebhooksAndPutThemOff",
    Action: [
      "sqs:ChangeMessageVisibility",
      "sqs:DeleteMessage",
      "sqs:GetQueueAttributes",
      "sqs:ReceiveMessage",
    ],
    Resource: queueArn,
  };
}

/** Claims, ends, and the item behind a refused claim. */
export function rememberThem(tableArn: pulumi.Input<string>): Statement {
  return {
    Sid: "RememberThem",
    Action: ["dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:UpdateItem"],
    Resource: tableArn,
  };
}

/** Exactly the secrets of its own sources. */
export function readSecrets(secrets: readonly { readonly arn: pulumi.Input<string> }[]): Statement[] {
  if (secrets.length === 0) return [];
  return [
    {
      Sid: "CheckTheirSignatures",
      Action: "secretsmanager:GetSecretValue",
      Resource: secrets.map(({ arn }) => arn),
    },
  ];
}

/** They are read for a replay, which must be what was kept. */
export function keepLargePayloads(bucketArn: pulumi.Input<string>): Statement {
  return {
    Sid: "KeepLargePayloads",
    Action: ["s3:GetObject", "s3:PutObject"],
    Resource: pulumi.interpolate`${bucketArn}/*`,
  };
}

/** Into its own log group, which the program has made. */
export function writeLog(logArn: pulumi.Input<string>): Statement {
  return {
    Sid: "WriteItsLog",
    Action: ["logs:CreateLogStream", "logs:PutLogEvents"],
    Resource: pulumi.interpolate`${logArn}:*`,
  };
}

/** Lambda decrypts the environment with the function's role, Secrets Manager the secrets. */
export function readSecretsWithKey(keyArn: pulumi.Input<string>): Statement {
  return { Sid: "DecryptSecretsAndEnvironment", Action: "kms:Decrypt", Resource: keyArn };
}

/**
 * Messages are only read; what DynamoDB does with the key on the caller's behalf is
 * docs.aws.amazon.com/amazondynamodb/latest/developerguide/encryption.usagenotes.html.
 */
export function useDataKey(keyArn: pulumi.Input<string>): Statement[] {
  return [
    { Sid: "DecryptWebhooks", Action: "kms:Decrypt", Resource: keyArn },
    {
      Sid: "UseTheTablesKeyThroughDynamoDb",
      Action: [
        "kms:DescribeKey",
        "kms:Encrypt",
        "kms:GenerateDataKey",
        "kms:ReEncryptFrom",
        "kms:ReEncryptTo",
      ],
      Resource: keyArn,
      Condition: { StringLike: { "kms:ViaService": "dynamodb.*.amazonaws.com" } },
    },
  ];
}

/**
 * S3 has a data key made in the caller's name for each object; to decrypt one is allowed with the messages.
 * docs.aws.amazon.com/AmazonS3/latest/userguide/UsingKMSEncryption.html
 */
export function encryptLargePayloads(keyArn: pulumi.Input<string>): Statement {
  return {
    Sid: "EncryptLargePayloadsThroughS3",
    Action: "kms:GenerateDataKey",
    Resource: keyArn,
    Condition: { StringLike: { "kms:ViaService": "s3.*.amazonaws.com" } },
  };
}

// AWS accepts no narrower resource for these two:
// docs.aws.amazon.com/service-authorization/latest/reference/list_awsx-ray.html
export const sendTraces: Statement = {
  Sid: "SendTraces",
  Action: ["xray:PutTelemetryRecords", "xray:PutTraceSegments"],
  Resource: "*",
};

// docs.aws.amazon.com/lambda/latest/dg/configuration-vpc.html
export const attachToVpc: Statement = {
  Sid: "AttachToItsVpc",
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
