import type { CloudWatchClient } from "@aws-sdk/client-cloudwatch";
import type { CloudWatchLogsClient } from "@aws-sdk/client-cloudwatch-logs";
import type { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import type { LambdaClient } from "@aws-sdk/client-lambda";
import type { S3Client } from "@aws-sdk/client-s3";
import type { SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import type { SNSClient } from "@aws-sdk/client-sns";
import type { SQSClient } from "@aws-sdk/client-sqs";

/** What is needed to reach a service of AWS. */
export interface AwsAccess {
  readonly region: string;
  /** Where the services answer instead of AWS. Default: AWS, or what `AWS_ENDPOINT_URL` says. */
  readonly endpoint?: string;
  /** Default: what the SDK finds in the environment, in profiles and on the instance. */
  readonly credentials?: { readonly accessKeyId: string; readonly secretAccessKey: string };
}

/** The clients of a stage's services. Each is loaded when it is asked for: a command needs two or three of them. */
export interface AwsClients {
  dynamoDb(): Promise<DynamoDBClient>;
  sqs(): Promise<SQSClient>;
  lambda(): Promise<LambdaClient>;
  secretsManager(): Promise<SecretsManagerClient>;
  s3(): Promise<S3Client>;
  cloudWatch(): Promise<CloudWatchClient>;
  logs(): Promise<CloudWatchLogsClient>;
  sns(): Promise<SNSClient>;
}

export function awsClients(access: AwsAccess): AwsClients {
  return {
    dynamoDb: once(async () => new (await import("@aws-sdk/client-dynamodb")).DynamoDBClient(access)),
    sqs: once(async () => new (await import("@aws-sdk/client-sqs")).SQSClient(access)),
    lambda: once(async () => new (await import("@aws-sdk/client-lambda")).LambdaClient(access)),
    secretsManager: once(
      async () => new (await import("@aws-sdk/client-secrets-manager")).SecretsManagerClient(access),
    ),
    // The local services have one address for all buckets.
    s3: once(
      async () =>
        new (await import("@aws-sdk/client-s3")).S3Client({
          ...access,
          ...(access.endpoint === undefined ? {} : { forcePathStyle: true }),
        }),
    ),
    cloudWatch: once(async () => new (await import("@aws-sdk/client-cloudwatch")).CloudWatchClient(access)),
    logs: once(
      async () => new (await import("@aws-sdk/client-cloudwatch-logs")).CloudWatchLogsClient(access),
    ),
    sns: once(async () => new (await import("@aws-sdk/client-sns")).SNSClient(access)),
  };
}

function once<Client>(make: () => Promise<Client>): () => Promise<Client> {
  let made: Promise<Client> | undefined;
  return () => {
    made ??= make();
    return made;
  };
}
