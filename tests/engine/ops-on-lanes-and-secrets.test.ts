import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { CreateTableCommand, DynamoDBClient } from "@aws-sdk/client-dynamodb";
import {
  CreateEventSourceMappingCommand,
  CreateFunctionCommand,
  GetEventSourceMappingCommand,
  LambdaClient,
} from "@aws-sdk/client-lambda";
import {
  CreateSecretCommand,
  GetSecretValueCommand,
  SecretsManagerClient,
} from "@aws-sdk/client-secrets-manager";
import { CreateQueueCommand, SQSClient } from "@aws-sdk/client-sqs";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { account, emulator, makeRole, named, region, settings } from "../support/engine/emulator.js";
import { operate } from "../support/ops.js";

describe.skipIf(emulator === undefined)(
  "the operator's command with lanes and secrets on an emulated AWS",
  () => {
    vi.stubEnv("AWS_ACCESS_KEY_ID", "test");
    vi.stubEnv("AWS_SECRET_ACCESS_KEY", "test");
    const folder = mkdtempSync(join(tmpdir(), "webhook-pipeline-ops-"));
    const outputs = join(folder, "outputs.json");
    afterAll(() => rmSync(folder, { recursive: true }));

    const lambda = new LambdaClient(settings);
    const secrets = new SecretsManagerClient(settings);
    let UUID: string;
    const SecretId = named("ops-github");

    const ops = (args: readonly string[], stdin = "") =>
      operate([...args, "--stack", "test", "--outputs", outputs], { stdin });

    beforeAll(async () => {
      const sqs = new SQSClient(settings);
      const makeQueue = async (what: string) =>
        (await sqs.send(new CreateQueueCommand({ QueueName: named(`ops-${what}`) }))).QueueUrl ?? "";
      const [queue, deadLetterQueue] = [await makeQueue("queue"), await makeQueue("dead")];
      const TableName = named("ops-history");
      await new DynamoDBClient(settings).send(
        new CreateTableCommand({
          TableName,
          BillingMode: "PAY_PER_REQUEST",
          KeySchema: [{ AttributeName: "webhook_id", KeyType: "HASH" }],
          AttributeDefinitions: [{ AttributeName: "webhook_id", AttributeType: "S" }],
        }),
      );
      await secrets.send(new CreateSecretCommand({ Name: SecretId }));

      const FunctionName = named("ops-processor");
      await lambda.send(
        new CreateFunctionCommand({
          FunctionName,
          Role: await makeRole(named("ops")),
          Runtime: "nodejs22.x",
          Handler: "index.handler",
          Code: { ZipFile: Buffer.from("UEsFBgAAAAAAAAAAAAAAAAAAAAAAAA==", "base64") },
        }),
      );
      const mapping = await lambda.send(
        new CreateEventSourceMappingCommand({
          FunctionName,
          EventSourceArn: `arn:aws:sqs:${region}:${account}:${queue.split("/").at(-1)}`,
        }),
      );
      UUID = mapping.UUID ?? "";
      const lane = {
        function: FunctionName,
        logGroup: `/aws/lambda/${FunctionName}`,
        eventSourceMapping: UUID,
        type: "standard",
        maxReceiveCount: 3,
        sources: ["github"],
        subscribers: [],
      };
      const source = {
        provider: "github",
        signature: { kind: "hmac", hash: "sha256", key: { encoding: "utf8" } },
        eventId: ["header:x-github-delivery"],
        keepPayload: "all",
        subscribers: {},
      };
      writeFileSync(
        outputs,
        JSON.stringify({
          endpoints: { github: "https://example.com/github" },
          secretNames: { github: SecretId },
          queueUrls: { webhooks: queue },
          deadLetterQueueUrls: { webhooks: deadLetterQueue },
          historyTable: TableName,
          alarmTopicArn: `arn:aws:sns:${region}:${account}:alarms`,
          operations: {
            lanes: { webhooks: lane },
            sources: { github: source },
            keyArn: `arn:aws:kms:${region}:${account}:key/1`,
          },
        }),
      );
    });

    const state = async () => (await lambda.send(new GetEventSourceMappingCommand({ UUID }))).State;
    const stored = async () => (await secrets.send(new GetSecretValueCommand({ SecretId }))).SecretString;

    it("pauses and resumes a lane, and remembers who did it", async () => {
      expect(await ops(["pause", "github", "--reason", "it's down"])).toMatchObject({ code: 0 });
      expect(await state()).toBe("Disabled");
      const again = await ops(["pause", "github"]);
      expect([again.code, again.told]).toEqual([
        4,
        expect.stringMatching(/paused by \S+@\S+ since \S+Z: it's down/),
      ]);
      expect(await ops(["resume", "github"])).toMatchObject({ code: 0 });
      expect(await state()).toBe("Enabled");
    });

    it("sets, rotates, lists and retires a secret that has no value yet", async () => {
      expect((await ops(["secret", "list"])).data).toContain("not set yet");
      expect(await ops(["secret", "set", "github"], "first\n")).toMatchObject({ code: 0 });
      expect(await stored()).toBe("first");
      expect(await ops(["secret", "set", "github", "--keep-previous"], "second")).toMatchObject({ code: 0 });
      expect(await stored()).toBe('["second","first"]');
      const [row] = JSON.parse((await ops(["secret", "list", "--json"])).data) as object[];
      expect(row).toMatchObject({ source: "github", active: 2 });
      expect(await ops(["secret", "retire", "github", "--yes"])).toMatchObject({ code: 0 });
      expect(await stored()).toBe("second");
    });
  },
);
