import { randomBytes } from "node:crypto";
import { SendMessageCommand, SQSClient } from "@aws-sdk/client-sqs";
import { eventually } from "local-aws";
import { afterAll, describe, expect, it, vi } from "vitest";
import type { PolicyDocument } from "../../ops/policy/operator-policy.js";
import { encodeEnvelope } from "../../runtime/envelope/envelope.js";
import { startOperated } from "../support/ops.js";
import { postToGithub, withOutcome } from "../support/post-webhook.js";
import { envelopeOf } from "../support/sqs-events.js";

const stage = await startOperated({
  stack: "dev",
  overrides: {
    "webhook-pipeline:encryption": "customer-key",
  },
});

const policyOf = async (...flags: string[]) =>
  JSON.parse((await stage.ops(["policy", ...flags])).data) as PolicyDocument;
const actionsOf = ({ Statement }: PolicyDocument) => Statement.flatMap(({ Action }) => Action).toSorted();

/** Lets the commands run as a user who has only this policy. */
function becomes(name: string, policy: PolicyDocument): void {
  const { accessKeyId, secretAccessKey } = stage.addUser(name, policy);
  vi.stubEnv("AWS_ACCESS_KEY_ID", accessKeyId);
  vi.stubEnv("AWS_SECRET_ACCESS_KEY", secretAccessKey);
}

/** What a user asked IAM for. */
const asked = (name: string) =>
  stage.calls.filter(({ principal }) => principal.kind === "user" && principal.arn.endsWith(`:user/${name}`));

describe("the policy of an operator", () => {
  const full = policyOf();
  const readOnly = policyOf("--read-only");
  afterAll(() => Promise.all([full, readOnly]));

  it("names nothing but the stage's resources, save for metrics, which have none", async () => {
    for (const { Action, Resource } of (await full).Statement) {
      if (Action.includes("cloudwatch:GetMetricData")) continue;
      expect(Resource).not.toContain("*");
    }
  });

  it("lets a reader see everything, and write nothing", async () => {
    await postToGithub(stage, {
      id: "forged",
      secret: "another",
      body: { large: randomBytes(200_000).toString("hex") },
    });
    await withOutcome(stage, "rejected", 1);
    becomes("reader", await readOnly);
    for (const command of [["status"], ["list"], ["show", await rejectedId(), "--raw"]]) {
      expect(await stage.ops(command), command.join(" ")).toMatchObject({ code: 0 });
    }
    expect(asked("reader").filter(({ allowed }) => !allowed)).toEqual([]);

    for (const command of [
      ["pause", "github"],
      ["resume", "github"],
      ["redrive", "--cancel"],
      ["secret", "set", "github", "--yes"],
      ["secret", "list"],
    ]) {
      const { code, told } = await stage.ops(command, { stdin: "abc" });
      expect([code, told], command.join(" ")).toEqual([
        command[0] === "resume" ? 4 : 1,
        expect.stringMatching(/AccessDenied|is not paused/),
      ]);
    }
    expect((await stage.ops(["status"])).data).not.toContain("paused");
  });

  it("lets an operator do everything, and needs each of its actions", async () => {
    becomes("operator", await full);
    const done = async (args: readonly string[], stdin = "") =>
      expect(await stage.ops(args, { stdin }), args.join(" ")).toMatchObject({ code: 0 });

    await done(["status"]);
    await done(["list"]);
    // A body in the bucket.
    await stage.ops(["list", "--where", "json:id=large"]);
    await done(["show", await rejectedId()]);
    await done(["forget", await rejectedId(), "--yes"]);
    await done(["pause", "github"]);
    await done(["resume", "github"]);
    await done(["secret", "set", "github", "--yes"], "a new secret");
    await done(["secret", "list"]);
    await done(["send", "github"]);
    for (let count = 0; count < 3; count += 1) await sendToNobody();
    const dead = () => eventually("three dead letters", () => stage.queues.deadLetters().length === 3);
    await dead();
    await done(["pause", "github"]);
    await done(["redrive", "--yes"]);
    await done(["resume", "github"]);
    await dead();
    await done(["pause", "github"]);
    const moving = stage.ops(["redrive", "--yes", "--rate", "1"]);
    await eventually("the first is moved", () => stage.queues.deadLetters().length === 2);
    await done(["redrive", "--cancel"]);
    await moving;

    const calls = asked("operator");
    expect(calls.filter(({ allowed }) => !allowed)).toEqual([]);
    const used = new Set(calls.map(({ action }) => action));
    expect(actionsOf(await full).filter((action) => !used.has(action))).toEqual([]);
  });
});

/** The webhook whose body is in the bucket. */
async function rejectedId(): Promise<string> {
  const items = await stage.history();
  return (
    items.find(({ status, overflow, forgottenAt }) => status === "rejected" && (overflow ?? forgottenAt))
      ?.webhookId ?? ""
  );
}

/** Brings a webhook that no function can handle into the queue, past the front door. */
async function sendToNobody(): Promise<void> {
  const { endpoint, region, key } = stage.aws;
  const sqs = new SQSClient({ endpoint, region, credentials: key });
  const QueueUrl = Object.values(stage.graph.outputs.queueUrls as Record<string, string>)[0];
  const MessageBody = encodeEnvelope(envelopeOf({ source: "nobody" }));
  await sqs.send(new SendMessageCommand({ QueueUrl, MessageBody }));
}
