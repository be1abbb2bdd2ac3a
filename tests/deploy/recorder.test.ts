import { createServer } from "node:http";
import { listenOnLoopback } from "local-aws";
import { afterAll, describe, expect, it } from "vitest";
import { startRecorder } from "../support/engine/recording/recorder.js";

/** An emulator that fails once and then works, as moto does when two calls meet in it. */
describe("the recorder of what a deployment calls", async () => {
  const answers = [
    { status: 500, body: "<!doctype html><title>500 Internal Server Error</title>" },
    {
      status: 200,
      body: JSON.stringify({ ARN: "arn:aws:secretsmanager:us-east-1:123456789012:secret:a-123456" }),
    },
  ];
  const emulator = await listenOnLoopback(
    createServer((incoming, outgoing) => {
      incoming.resume();
      const { status, body } = answers.shift() ?? { status: 501, body: "" };
      outgoing.writeHead(status).end(body);
    }),
  );
  const recorder = await startRecorder(emulator.origin);
  afterAll(async () => {
    await recorder.close();
    await emulator.close();
  });

  const create = () =>
    fetch(recorder.endpoint, {
      method: "POST",
      headers: {
        authorization:
          "AWS4-HMAC-SHA256 Credential=test/20260101/us-east-1/secretsmanager/aws4_request, SignedHeaders=host, Signature=0",
        "x-amz-target": "secretsmanager.CreateSecret",
      },
      body: JSON.stringify({ Name: "a" }),
    });

  it("passes on that the emulator failed, and learns nothing from it", async () => {
    expect((await create()).status).toBe(500);
    expect(recorder.unread).toEqual([]);
    expect([...recorder.needed.deploy.keys()]).toEqual([]);
  });

  it("learns from the call that is made again", async () => {
    expect((await create()).status).toBe(200);
    expect(recorder.unread).toEqual([]);
    expect([...recorder.needed.deploy.keys()]).toEqual([
      "secretsmanager:CreateSecret arn:aws:secretsmanager:us-east-1:123456789012:secret:a-123456",
    ]);
  });
});
