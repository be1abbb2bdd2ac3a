import { Server } from "node:net";
import { fileURLToPath } from "node:url";
import { DynamoDBClient, GetItemCommand } from "@aws-sdk/client-dynamodb";
import { SendMessageCommand, SQSClient } from "@aws-sdk/client-sqs";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { eventually, type LocalAws, startLocalAws, unusedActions } from "../index.js";

const program = fileURLToPath(new URL("./fixtures/thumbnails", import.meta.url));

let running: LocalAws;
const listened: unknown[] = [];
let sqs: SQSClient;
let dynamoDb: DynamoDBClient;

beforeAll(async () => {
  const listen = Server.prototype.listen;
  vi.spyOn(Server.prototype, "listen").mockImplementation(function (this: Server, ...args: unknown[]) {
    const server = listen.apply(this, args as never);
    server.once("listening", () => listened.push(server.address()));
    return server;
  });
  running = await startLocalAws({ program, stack: "dev", overrides: { "thumbnails:widthPixels": 640 } });
  const { endpoint, region, key } = running.aws;
  const settings = { endpoint, region, credentials: key };
  sqs = new SQSClient(settings);
  dynamoDb = new DynamoDBClient(settings);
});
afterAll(async () => {
  vi.restoreAllMocks();
  sqs?.destroy();
  dynamoDb?.destroy();
  await running?.stop();
});

const output = (name: string) => String(running.graph.outputs[name]);
const ask = (job: object) =>
  sqs.send(new SendMessageCommand({ QueueUrl: output("queueUrl"), MessageBody: JSON.stringify(job) }));
async function stored(image: string) {
  const Key = { image: { S: image } };
  const { Item } = await dynamoDb.send(new GetItemCommand({ TableName: output("tableName"), Key }));
  return Item;
}

describe("a program that makes thumbnails, on this machine", () => {
  it("is its own project in its own Region, with what its stage is set to", () => {
    expect([running.graph.project, running.graph.stack, running.aws.region]).toEqual([
      "thumbnails",
      "dev",
      "eu-central-1",
    ]);
    expect(running.apis).toEqual([]);
  });

  it("takes a job from the queue, runs the function, and has the item in the table", async () => {
    await ask({ image: "cat.png" });

    const item = await eventually("the item", () => stored("cat.png"));
    expect(item).toEqual({ image: { S: "cat.png" }, widthPixels: { N: "640" } });
    const waiting = () => running.cloud.sqs.queueByUrl(output("queueUrl"))?.peek();
    await eventually("an empty queue", () => waiting()?.length === 0);
  });

  it("refuses the function what its role does not allow, and the job ends among the dead letters", async () => {
    await ask({ image: "cat.png", remove: true });

    const refused = await eventually("the refusal", () => running.calls.find(({ allowed }) => !allowed));
    expect(refused).toMatchObject({
      principal: { kind: "role", arn: output("roleArn") },
      action: "dynamodb:DeleteItem",
    });
    const why = "is not authorized to perform: dynamodb:DeleteItem";
    await eventually("the function's log", () => running.logs.some(({ line }) => line.includes(why)));
    const deadLetters = () => running.cloud.sqs.queueByUrl(output("deadLetterQueueUrl"))?.peek() ?? [];
    await eventually("the dead letter", () => deadLetters().length === 1);
    expect(await stored("cat.png")).toBeDefined();
  });

  it("listens on loopback only, where no other machine can reach it", () => {
    expect(listened.length).toBeGreaterThan(0);
    for (const address of listened) expect(address).toMatchObject({ address: "127.0.0.1" });
  });

  it("has used every permission of its role", () => {
    expect(unusedActions(running.graph, output("roleArn"), running.calls)).toEqual([]);
  });
});

describe("a program that is not there", () => {
  it("is told by the folder that was looked in", async () => {
    await expect(startLocalAws({ program: `${program}/nowhere`, stack: "dev" })).rejects.toThrow(
      /nowhere\/Pulumi\.yaml cannot be read/,
    );
  });
});
