import { setTimeout as delay } from "node:timers/promises";
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import { SNSClient } from "@aws-sdk/client-sns";
import { SQSClient } from "@aws-sdk/client-sqs";
import { type AccessKey, AccessKeys, operatorKey } from "../../packages/local-aws/iam/principal.js";
import type { GraphResource } from "../../packages/local-aws/program/graph.js";
import { startFrontDoor } from "../../packages/local-aws/services/aws-endpoint.js";
import { type Cloud, startCloud } from "../../packages/local-aws/services/cloud.js";
import { graphOf, region } from "./graphs.js";

/** A cloud behind its front door, for tests that speak to it with the AWS SDK. */
export interface TestCloud {
  readonly cloud: Cloud;
  readonly origin: string;
  readonly keys: AccessKeys;
  /** SDK clients that sign with a key; the operator's, unless another is given. */
  clients(key?: AccessKey): {
    sqs: SQSClient;
    sns: SNSClient;
    dynamoDb: DynamoDBClient;
    secrets: SecretsManagerClient;
  };
  close(): Promise<void>;
}

/** @param resources makes the graph, given the origin that queue URLs start with */
export async function startTestCloud(resources: (origin: string) => GraphResource[]): Promise<TestCloud> {
  const keys = new AccessKeys();
  const door = await startFrontDoor(keys);
  const cloud = await startCloud(graphOf(resources(door.origin)));
  door.open(cloud);
  const made: { destroy(): void }[] = [];
  return {
    cloud,
    origin: door.origin,
    keys,
    clients(key = operatorKey) {
      const settings = { region, endpoint: door.origin, credentials: key, maxAttempts: 1 };
      const clients = {
        sqs: new SQSClient(settings),
        sns: new SNSClient(settings),
        dynamoDb: new DynamoDBClient(settings),
        secrets: new SecretsManagerClient(settings),
      };
      made.push(...Object.values(clients));
      return clients;
    },
    async close() {
      for (const client of made) client.destroy();
      await door.close();
      await cloud.close();
    },
  };
}

/** Waits until a probe is truthy; fails with what was waited for. */
export async function eventually<T>(
  what: string,
  probe: () => T | Promise<T>,
  timeoutMilliseconds = 10_000,
): Promise<NonNullable<T>> {
  const deadline = Date.now() + timeoutMilliseconds;
  for (;;) {
    const value = await probe();
    if (value) return value;
    if (Date.now() > deadline) throw new Error(`waited ${timeoutMilliseconds} ms in vain for ${what}`);
    await delay(20);
  }
}
