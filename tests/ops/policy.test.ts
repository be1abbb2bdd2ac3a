import { randomBytes } from "node:crypto";
import { DeleteObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { SendMessageCommand, SQSClient } from "@aws-sdk/client-sqs";
import { eventually } from "local-aws";
import { afterAll, describe, expect, it, vi } from "vitest";
import { leavesOf, programOf } from "../../command-line/run-command.js";
import { paths } from "../../inspector/contract.js";
import { operatorsCommand } from "../../ops/command.js";
import type { PolicyDocument } from "../../ops/policy/policy-document.js";
import { encodeEnvelope } from "../../runtime/envelope/envelope.js";
import type { HistoryItem } from "../../runtime/history/item.js";
import { type Ran, startOperated } from "../support/ops.js";
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

const refused = (name: string) => [
  ...new Set(
    asked(name)
      .filter(({ allowed }) => !allowed)
      .map(({ action }) => action),
  ),
];

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
    const large = randomBytes(200_000).toString("hex");
    for (const id of ["forged", "expired"]) {
      await postToGithub(stage, { id, secret: "another", body: { large, id } });
    }
    const rejected = await withOutcome(stage, "rejected", 2);
    await expire(rejected[0]);
    const [expired, forged] = rejected.map(({ webhookId }) => webhookId) as [string, string];
    becomes("reader", await readOnly);
    const ran = new Map<string, Ran>();
    for (const args of [["status"], ["list"], ["list", "--where", "json:large=x"], ["policy"]]) {
      ran.set(args.join(" "), await stage.ops(args));
    }
    ran.set("tail", await tailOnce());
    for (const [command, { code }] of ran) expect(code, command).toBe(command.includes("where") ? 3 : 0);
    expect(asked("reader").filter(({ allowed }) => !allowed)).toEqual([]);

    const shown = await stage.ops(["show", forged]);
    expect(shown.data).toMatch(/^ {2}\S+Z {2}log WARN webhook rejected/m);
    expect(shown.data).toContain(`"large": "${large}"`);
    // Why a signature failed is told only to those who may read the secret.
    expect(shown.data).toContain("it cannot be checked again now");
    expect(refused("reader")).toEqual(["secretsmanager:GetSecretValue"]);
    expect(await stage.ops(["show", expired])).toMatchObject({
      code: 0,
      data: expect.stringContaining("its payload is gone"),
    });

    for (const command of [
      ["pause", "github"],
      ["resume", "github"],
      ["redrive", "--cancel"],
      ["redrive", "--yes"],
      ["secret", "set", "github", "--yes"],
      ["secret", "list"],
      ["secret", "retire", "github", "--yes"],
      ["send", "github"],
      ["replay", forged, "--yes"],
      ["forget", forged, "--yes"],
    ]) {
      const { code, told } = await stage.ops(command, { stdin: "abc" });
      expect([code, told], command.join(" ")).toEqual([
        command[0] === "resume" ? 4 : 1,
        expect.stringMatching(/AccessDenied|is not paused/),
      ]);
    }
    expect((await stage.ops(["status"])).data).not.toContain("paused");
    expect((await stage.ops(["show", forged])).data).toContain(large);
  });

  it("lets an operator do everything, and needs each of its actions", async () => {
    becomes("operator", await full);
    const ran = new Set<string>();
    const done = async (args: readonly string[], stdin = "") => {
      expect(await stage.ops(args, { stdin }), args.join(" ")).toMatchObject({ code: 0 });
      ran.add(args.slice(0, args[0] === "secret" ? 2 : 1).join(" "));
    };

    await done(["policy"]);
    await done(["status"]);
    await done(["list"]);
    expect(await tailOnce()).toMatchObject({ code: 0 });
    ran.add("tail");
    expect(await inspectOnce()).toMatchObject({ code: 0 });
    ran.add("inspect");
    const [, large] = (await withOutcome(stage, "rejected", 2)).map(({ webhookId }) => webhookId);
    await done(["pause", "github"]);
    await done(["resume", "github"]);
    await done(["send", "github"]);
    await done(["secret", "set", "github", "--keep-previous"], "a new secret");
    await done(["secret", "retire", "github", "--yes"]);
    await done(["secret", "list"]);
    const [processed] = await withOutcome(stage, "processed", 1);
    await done(["replay", processed?.webhookId ?? "", "--yes"]);
    await eventually("its end", async () =>
      (await stage.history()).some(({ status, attempts }) => status === "processed" && attempts === 2),
    );
    await done(["show", processed?.requestId ?? ""]);
    await done(["forget", large ?? "", "--yes"]);
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

    expect([...ran].sort()).toEqual(commandsOfStages().sort());
    expect(refused("operator")).toEqual([]);
    // S3 asks for the permission to list only where an object is gone, as the reader has seen above.
    const used = new Set(["s3:ListBucket", ...asked("operator").map(({ action }) => action)]);
    expect(actionsOf(await full).filter((action) => !used.has(action))).toEqual([]);
  });
});

/** Names of the commands that are about a stage: `secret set`. */
function commandsOfStages(): string[] {
  return leavesOf(programOf(operatorsCommand))
    .filter(({ options }) => options.some(({ long }) => long === "--stack"))
    .map((command) => (command.parent?.parent ? `${command.parent.name()} ` : "") + command.name());
}

/** Follows webhooks for one look. */
function tailOnce(): Promise<Ran> {
  return stage.ops(["tail"], {
    onTold: (told) => {
      // The next turn begins the look; what interrupts ends the pause after it.
      if (told.includes("Ctrl-C ends it")) setTimeout(() => process.emit("SIGTERM"), 500);
    },
  });
}

/** Reads the list and the figures as the page does. */
async function inspectOnce(): Promise<Ran> {
  let address = "";
  const ended = stage.ops(["inspect"], {
    onData: (data) => {
      address = data.trim();
    },
  });
  await eventually("the address", () => address);
  const { origin, hash } = new URL(address);
  for (const [path, request] of [
    [paths.list, { filter: "" }],
    [paths.pipeline, {}],
  ] as const) {
    const response = await fetch(`${origin}${path}`, {
      method: "POST",
      headers: {
        authorization: `Bearer ${hash.replace("#token=", "")}`,
        "content-type": "application/json",
      },
      body: JSON.stringify(request),
    });
    expect([path, response.status]).toEqual([path, 200]);
  }
  process.emit("SIGTERM");
  return ended;
}

/** Ends the object of a webhook, as the bucket's lifecycle does. */
async function expire(item: HistoryItem | undefined): Promise<void> {
  const { endpoint, region, key } = stage.aws;
  const s3 = new S3Client({ endpoint, region, credentials: key, forcePathStyle: true });
  const { operations } = stage.graph.outputs as { operations: { overflowBucket: string } };
  await s3.send(new DeleteObjectCommand({ Bucket: operations.overflowBucket, Key: item?.overflow?.key }));
  s3.destroy();
}

/** Brings a webhook that no function can handle into the queue, past the front door. */
async function sendToNobody(): Promise<void> {
  const { endpoint, region, key } = stage.aws;
  const sqs = new SQSClient({ endpoint, region, credentials: key });
  const QueueUrl = Object.values(stage.graph.outputs.queueUrls as Record<string, string>)[0];
  const MessageBody = encodeEnvelope(envelopeOf({ source: "nobody" }));
  await sqs.send(new SendMessageCommand({ QueueUrl, MessageBody }));
}
