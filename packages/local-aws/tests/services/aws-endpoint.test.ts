import {
  ConditionalCheckFailedException,
  GetItemCommand,
  PutItemCommand,
  QueryCommand,
  UpdateItemCommand,
} from "@aws-sdk/client-dynamodb";
import { GetSecretValueCommand, PutSecretValueCommand } from "@aws-sdk/client-secrets-manager";
import { PublishCommand } from "@aws-sdk/client-sns";
import { ReceiveMessageCommand, SendMessageCommand } from "@aws-sdk/client-sqs";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startCloud } from "../../services/cloud.js";
import { startTestCloud, type TestCloud } from "../support/cloud.js";
import { arnOf, graphOf, policyOf, queue, resource, role, urlOf } from "../support/graphs.js";

let test: TestCloud;
let key: ReturnType<TestCloud["clients"]>;
const roleArn = "arn:aws:iam::000000000000:role/processor";
let work: ReturnType<typeof queue>;
let encrypted: ReturnType<typeof queue>;

const customerKey = resource("aws:kms/key:Key", "key", {});
const table = resource("aws:dynamodb/table:Table", "history", {
  hashKey: "id",
  attributes: [
    { name: "id", type: "S" },
    { name: "day", type: "S" },
  ],
  globalSecondaryIndexes: [{ name: "by_day", hashKey: "day", projectionType: "KEYS_ONLY" }],
});
const secret = resource("aws:secretsmanager/secret:Secret", "github");
const topic = resource("aws:sns/topic:Topic", "alarms");
const subscription = resource("aws:sns/topicSubscription:TopicSubscription", "mail", {
  topic: arnOf(topic),
  protocol: "email",
  endpoint: "ops@example.com",
});

beforeAll(async () => {
  test = await startTestCloud((origin) => {
    work = queue("work", {}, origin);
    encrypted = queue("encrypted", { kmsMasterKeyId: arnOf(customerKey) }, origin);
    return [
      work,
      encrypted,
      table,
      secret,
      topic,
      subscription,
      customerKey,
      ...role(
        "processor",
        "lambda.amazonaws.com",
        { Action: "sqs:SendMessage", Resource: [arnOf(work), arnOf(encrypted)] },
        { Action: ["dynamodb:PutItem", "dynamodb:GetItem"], Resource: arnOf(table) },
        { Action: "secretsmanager:GetSecretValue", Resource: arnOf(secret) },
      ),
    ];
  });
  key = test.clients(test.keys.issue({ kind: "role", arn: roleArn }));
});
afterAll(() => test.close());

describe("what a role may do through the endpoint", () => {
  it("is what its policies allow", async () => {
    await key.sqs.send(new SendMessageCommand({ QueueUrl: urlOf(work), MessageBody: "a" }));
    await key.dynamoDb.send(new PutItemCommand({ TableName: "history", Item: { id: { S: "1" } } }));
  });

  it("is refused in the words of each service otherwise", async () => {
    await expect(key.sqs.send(new ReceiveMessageCommand({ QueueUrl: urlOf(work) }))).rejects.toMatchObject({
      name: "AccessDenied",
      message: expect.stringContaining("is not authorized to perform: sqs:ReceiveMessage"),
      $metadata: { httpStatusCode: 403 },
    });
    const update = new UpdateItemCommand({ TableName: "history", Key: { id: { S: "1" } } });
    await expect(key.dynamoDb.send(update)).rejects.toMatchObject({ name: "AccessDeniedException" });
    await expect(
      key.secrets.send(new PutSecretValueCommand({ SecretId: "github", SecretString: "x" })),
    ).rejects.toMatchObject({ name: "AccessDeniedException" });
    await expect(
      key.sns.send(new PublishCommand({ TopicArn: arnOf(topic), Message: "x" })),
    ).resolves.toMatchObject({ MessageId: expect.any(String) });
  });

  it("does not reach an index by the permission on its table", async () => {
    const query = new QueryCommand({
      TableName: "history",
      IndexName: "by_day",
      KeyConditionExpression: "#d = :d",
      ExpressionAttributeNames: { "#d": "day" },
      ExpressionAttributeValues: { ":d": { S: "x" } },
    });
    await expect(key.dynamoDb.send(query)).rejects.toMatchObject({
      message: expect.stringContaining(`${arnOf(table)}/index/by_day`),
    });
    await expect(test.clients().dynamoDb.send(query)).resolves.toMatchObject({ Count: 0 });
  });

  it("is asked over connections that rest for a minute, so that a function need not open new ones for each batch", async () => {
    const response = await fetch(test.origin);
    await response.arrayBuffer();
    expect(response.headers.get("keep-alive")).toBe("timeout=60");
  });

  it("includes the customer's key that encrypts the queue", async () => {
    await expect(
      key.sqs.send(new SendMessageCommand({ QueueUrl: urlOf(encrypted), MessageBody: "a" })),
    ).rejects.toMatchObject({ message: expect.stringContaining("kms:GenerateDataKey") });
  });

  it("is recorded, refusals included", () => {
    const asked = test.cloud.authoriser.records
      .filter(({ principal }) => principal.kind === "role")
      .map(({ action, allowed }) => `${allowed ? "allowed" : "denied"} ${action}`);
    expect(asked).toEqual(
      expect.arrayContaining([
        "allowed sqs:SendMessage",
        "denied sqs:ReceiveMessage",
        "denied kms:GenerateDataKey",
      ]),
    );
  });

  it("is nothing with a key that was not handed out here", async () => {
    const stranger = test.clients({ accessKeyId: "AKIASTRANGER", secretAccessKey: "x" });
    await expect(
      stranger.sqs.send(new SendMessageCommand({ QueueUrl: urlOf(work), MessageBody: "a" })),
    ).rejects.toMatchObject({ name: "UnrecognizedClientException" });
  });

  it("stays refused to a caller without a signature", async () => {
    const response = await fetch(test.origin, {
      method: "POST",
      headers: { "x-amz-target": "AmazonSQS.ListQueues", "content-type": "application/x-amz-json-1.0" },
      body: "{}",
    });
    expect(response.status).toBe(403);
  });
});

describe("a protocol that this machine does not speak with a service", () => {
  it("is refused by the service's name, instead of being misread", async () => {
    const scope = "20260101/us-east-1/monitoring/aws4_request";
    const response = await fetch(test.origin, {
      method: "POST",
      headers: { authorization: `AWS4-HMAC-SHA256 Credential=LOCALOPERATOR/${scope}, Signature=x` },
      body: "Action=DescribeAlarms&Version=2010-08-01&AlarmNames.member.1=a",
    });
    expect(response.status).toBe(501);
    expect(await response.text()).toContain("speaks the JSON protocol with cloudwatch");
  });
});

describe("DynamoDB behind the endpoint", () => {
  it("puts the existing item into a failed condition, for a put and for an update", async () => {
    const { dynamoDb } = test.clients();
    const item = { id: { S: "claimed" }, token: { S: "t1" } };
    await dynamoDb.send(new PutItemCommand({ TableName: "history", Item: item }));
    const calls = [
      new PutItemCommand({
        TableName: "history",
        Item: { id: { S: "claimed" } },
        ConditionExpression: "attribute_not_exists(id)",
        ReturnValuesOnConditionCheckFailure: "ALL_OLD",
      }),
      new UpdateItemCommand({
        TableName: "history",
        Key: { id: { S: "claimed" } },
        UpdateExpression: "SET done = :t",
        ConditionExpression: "attribute_not_exists(id)",
        ExpressionAttributeValues: { ":t": { BOOL: true } },
        ReturnValuesOnConditionCheckFailure: "ALL_OLD",
      }),
    ];
    for (const call of calls) {
      const error = await dynamoDb.send(call as PutItemCommand).catch((caught: unknown) => caught);
      expect(error).toBeInstanceOf(ConditionalCheckFailedException);
      expect((error as ConditionalCheckFailedException).Item).toEqual(item);
    }
  });

  it("leaves the item out where it is not asked for", async () => {
    const error = await test
      .clients()
      .dynamoDb.send(
        new PutItemCommand({
          TableName: "history",
          Item: { id: { S: "claimed" } },
          ConditionExpression: "attribute_not_exists(id)",
        }),
      )
      .catch((caught: unknown) => caught);
    expect((error as ConditionalCheckFailedException).Item).toBeUndefined();
  });

  it("names a table that is not there", async () => {
    const get = new GetItemCommand({ TableName: "nowhere", Key: { id: { S: "1" } } });
    await expect(test.clients().dynamoDb.send(get)).rejects.toMatchObject({
      name: "ResourceNotFoundException",
    });
  });
});

describe("Secrets Manager behind the endpoint", () => {
  it("has no value until one is put, then the latest, by name and by ARN", async () => {
    const { secrets } = test.clients();
    const read = () => key.secrets.send(new GetSecretValueCommand({ SecretId: "github" }));
    await expect(read()).rejects.toMatchObject({ name: "ResourceNotFoundException" });
    await secrets.send(new PutSecretValueCommand({ SecretId: "github", SecretString: "one" }));
    await secrets.send(new PutSecretValueCommand({ SecretId: arnOf(secret), SecretString: "two" }));
    expect(await read()).toMatchObject({ SecretString: "two", VersionStages: ["AWSCURRENT"] });
    const previous = new GetSecretValueCommand({ SecretId: "github", VersionStage: "AWSPREVIOUS" });
    expect(await secrets.send(previous)).toMatchObject({ SecretString: "one" });
  });
});

describe("SNS behind the endpoint", () => {
  it("keeps what people would get, and who they are", async () => {
    await test
      .clients()
      .sns.send(new PublishCommand({ TopicArn: arnOf(topic), Subject: "hello", Message: "<&>" }));
    expect(test.cloud.sns.inbox.at(-1)).toMatchObject({
      subject: "hello",
      message: "<&>",
      subscribers: ["email ops@example.com"],
    });
  });

  it("names a topic that is not there", async () => {
    const publish = new PublishCommand({ TopicArn: `${arnOf(topic)}-2`, Message: "x" });
    await expect(test.clients().sns.send(publish)).rejects.toMatchObject({ name: "NotFoundException" });
  });
});

describe("a program that cannot be run faithfully", () => {
  it.each([
    ['Queue q: local AWS does not know the input "shinyNewThing"', [queue("q", { shinyNewThing: 1 })]],
    [
      "Queue q: redrivePolicy must name a queue of the same type",
      [
        queue("dead"),
        queue("q", {
          fifoQueue: true,
          redrivePolicy: JSON.stringify({ deadLetterTargetArn: arnOf(queue("dead")), maxReceiveCount: 3 }),
        }),
      ],
    ],
    [
      "Queue q: redrivePolicy is not allowed by the redriveAllowPolicy of Queue dead",
      [
        queue("dead", { redriveAllowPolicy: JSON.stringify({ redrivePermission: "denyAll" }) }),
        queue("q", {
          redrivePolicy: JSON.stringify({ deadLetterTargetArn: arnOf(queue("dead")), maxReceiveCount: 3 }),
        }),
      ],
    ],
    [
      "QueuePolicy p: the local IAM cannot judge the condition operator",
      [
        queue("q"),
        resource("aws:sqs/queuePolicy:QueuePolicy", "p", {
          queueUrl: urlOf(queue("q")),
          policy: policyOf({
            Principal: "*",
            Action: "sqs:*",
            Resource: "*",
            Condition: { DateLessThan: {} },
          }),
        }),
      ],
    ],
  ])("is refused with: %s", async (message, resources) => {
    await expect(startCloud(graphOf(resources))).rejects.toThrow(message);
  });

  it("is refused when a role that is used has a policy that cannot be read here", () => {
    const [made] = role("r", "lambda.amazonaws.com");
    const attachment = resource("aws:iam/rolePolicyAttachment:RolePolicyAttachment", "a", {
      role: made?.id,
      policyArn: "arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole",
    });
    const resources = made === undefined ? [] : [made, attachment];
    return startCloud(graphOf(resources)).then(async (cloud) => {
      expect(() => cloud.authoriser.prepare(String(made?.state.arn))).toThrow(
        "the managed policy arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole cannot be read",
      );
      await cloud.close();
    });
  });
});
