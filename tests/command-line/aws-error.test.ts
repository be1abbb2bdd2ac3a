import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { ListMessageMoveTasksCommand, SQSClient } from "@aws-sdk/client-sqs";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { explainAwsError } from "../../command-line/aws-error.js";

/** What answers instead of SQS. */
let answer = { status: 500, type: "text/html", body: "" };
const emulator = createServer((request, response) => {
  request.resume();
  response.writeHead(answer.status, { "content-type": answer.type }).end(answer.body);
});
beforeAll(() => new Promise<void>((resolve) => emulator.listen(0, "127.0.0.1", resolve)));
afterAll(() => void emulator.close());

/** How a call ends that gets this answer. */
async function explained(status: number, type: string, body: string) {
  answer = { status, type, body };
  const sqs = new SQSClient({
    region: "eu-west-1",
    endpoint: `http://127.0.0.1:${(emulator.address() as AddressInfo).port}`,
    credentials: { accessKeyId: "a", secretAccessKey: "b" },
    maxAttempts: 1,
  });
  const error = await sqs
    .send(new ListMessageMoveTasksCommand({ SourceArn: "arn" }))
    .catch((thrown) => thrown);
  return explainAwsError(error);
}

describe("an error of the SDK", () => {
  it("is an emulator's that lacks the call, if the answer is no answer of AWS's", async () => {
    const lacking = await explained(500, "text/html", "<!doctype html><h1>Internal Server Error</h1>");
    expect(lacking?.message).toBe(
      "what answers instead of AWS does not know this call, or failed in it: it answered HTTP 500 with something that AWS never says",
    );
    expect(lacking?.next).toMatch(/AWS_ENDPOINT_URL/);
  });

  it.each(["UnknownOperationException", "InvalidAction", "NotImplemented"])(
    "is an emulator's that lacks the call, if it says %s",
    async (name) => {
      const body = JSON.stringify({ __type: `com.amazonaws.sqs#${name}`, message: "no such call" });
      const lacking = await explained(400, "application/x-amz-json-1.0", body);
      expect(lacking?.message).toMatch(/^what answers instead of AWS does not know this call.*no such call$/);
    },
  );

  it("is AWS's refusal in all other cases", async () => {
    const body = JSON.stringify({ __type: "com.amazonaws.sqs#QueueDoesNotExist", message: "no queue" });
    const refused = await explained(400, "application/x-amz-json-1.0", body);
    expect(refused?.message).toBe("AWS refused it: QueueDoesNotExist: no queue");
  });

  it("is not one if it is ours", () => {
    expect(explainAwsError(new SyntaxError("Unexpected token"))).toBeUndefined();
  });
});
