import { CloudWatchClient } from "@aws-sdk/client-cloudwatch";
import { CloudWatchLogsClient } from "@aws-sdk/client-cloudwatch-logs";
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { LambdaClient } from "@aws-sdk/client-lambda";
import { SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import { SNSClient } from "@aws-sdk/client-sns";
import { SQSClient } from "@aws-sdk/client-sqs";
import { type AccessKey, AccessKeys, operatorKey } from "../../iam/principal.js";
import type { GraphResource } from "../../program/graph.js";
import { startAwsEndpoint } from "../../services/aws-endpoint.js";
import { type Cloud, type CloudOptions, startCloud } from "../../services/cloud.js";
import { graphOf, region } from "./graphs.js";

/** A cloud behind its endpoint, for tests that speak to it with the AWS SDK. */
export interface TestCloud {
  readonly cloud: Cloud;
  readonly origin: string;
  readonly keys: AccessKeys;
  /** SDK clients that sign with a key; the operator's, unless another is given. */
  clients(key?: AccessKey): TestClients;
  close(): Promise<void>;
}

export interface TestClients {
  readonly sqs: SQSClient;
  readonly sns: SNSClient;
  readonly dynamoDb: DynamoDBClient;
  readonly secrets: SecretsManagerClient;
  readonly cloudWatch: CloudWatchClient;
  readonly logs: CloudWatchLogsClient;
  readonly lambda: LambdaClient;
}

/** SDK clients of an endpoint. */
export function testClients(endpoint: string, credentials: AccessKey = operatorKey): TestClients {
  const settings = { region, endpoint, credentials, maxAttempts: 1 };
  return {
    sqs: new SQSClient(settings),
    sns: new SNSClient(settings),
    dynamoDb: new DynamoDBClient(settings),
    secrets: new SecretsManagerClient(settings),
    cloudWatch: new CloudWatchClient(settings),
    logs: new CloudWatchLogsClient(settings),
    lambda: new LambdaClient(settings),
  };
}

/** @param resources makes the graph, given the origin that queue URLs start with */
export async function startTestCloud(
  resources: (origin: string) => GraphResource[],
  options: CloudOptions = {},
): Promise<TestCloud> {
  const keys = new AccessKeys();
  const endpoint = await startAwsEndpoint(keys);
  const cloud = await startCloud(graphOf(resources(endpoint.origin)), options);
  endpoint.open(cloud);
  const made: { destroy(): void }[] = [];
  return {
    cloud,
    origin: endpoint.origin,
    keys,
    clients(key) {
      const clients = testClients(endpoint.origin, key);
      made.push(...Object.values(clients));
      return clients;
    },
    async close() {
      for (const client of made) client.destroy();
      await endpoint.close();
      await cloud.close();
    },
  };
}
