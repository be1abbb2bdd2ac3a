import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { describe, expect, it } from "vitest";
import { stageFile, startWith } from "../support/npm-start.js";

describe("npm start", () => {
  it("shows what handlers write, how they end, and the alarms that follow", async () => {
    const { endpoints, event, stop } = await startWith(
      await stageFile(`  webhook-pipeline:sources: [{ name: talks, signature: { scheme: none }, eventId: [request-id] }]
  webhook-pipeline:processor: { handlersFolder: tests/fixtures/handlers/talkative, timeoutSeconds: 3, backoff: { baseSeconds: 1, maxSeconds: 1 } }
  webhook-pipeline:queue: { maxReceiveCount: 2 }
`),
    );
    const post = (body: string) => fetch(endpoints.talks ?? "", { method: "POST", body });

    // The SDKs read the one, the AWS CLI the other.
    await event("started", {
      environment: expect.objectContaining({ AWS_REGION: "us-east-1", AWS_DEFAULT_REGION: "us-east-1" }),
    });
    expect((await post("hello")).status).toBe(200);
    await event("log", { level: "INFO", message: "the handler got hello" });
    await event("log", { message: "webhook processed", webhookId: expect.stringMatching(/./) });

    expect((await post("throw")).status).toBe(200);
    await event("log", { message: expect.stringMatching(/^webhook failed/) });

    await event("alarm", { name: expect.stringMatching(/dead-letters/), to: "ALARM" });

    expect((await post("exit")).status).toBe(200);
    await event("log", { level: "ERROR", message: expect.stringContaining("Runtime.ExitError") });

    expect((await post("spin")).status).toBe(200);
    await event("log", { level: "ERROR", message: expect.stringContaining("Task timed out") });

    expect(await stop()).toBe(0);
    await event("stopping", {});
  }, 90_000);

  it("makes a user and a password for a source with Basic authentication, and a line that it believes", async () => {
    const { commands, event, stop } = await startWith(
      await stageFile(`  webhook-pipeline:sources: [{ name: shop, signature: { scheme: basic }, eventId: [json:id] }]
  webhook-pipeline:processor: { handlersFolder: tests/fixtures/handlers/basic }
`),
    );

    await promisify(execFile)("sh", ["-c", String(commands.shop)]);
    await event("log", { message: "webhook processed", webhookId: expect.stringMatching(/^shop\//) });
    expect(await stop()).toBe(0);
  }, 60_000);
});
