import { createHmac } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { SendMessageCommand, SQSClient } from "@aws-sdk/client-sqs";
import type { Command } from "commander";
import { eventually } from "local-aws";
import { afterAll, describe, expect, it } from "vitest";
import { leavesOf, programOf } from "../../command-line/run-command.js";
import type { AlarmKind } from "../../components/alarms/kinds.js";
import { operatorsCommand } from "../../ops/command.js";
import {
  type DocumentedCommand,
  introductionOf,
  operatorsCommands,
  sectionsOf,
} from "../support/documented-commands.js";
import { root } from "../support/imports.js";
import { startOperated } from "../support/ops.js";

/** What the webhooks are handed to. It answers what it is told to. */
let answer = 200;
const target = createServer((request, response) => {
  request.resume().on("end", () => response.writeHead(answer).end());
});
await new Promise<void>((resolve) => target.listen(0, "127.0.0.1", resolve));
afterAll(() => void target.close());
const { port } = target.address() as AddressInfo;
const source = {
  signature: { scheme: "github" },
  forward: { url: `http://127.0.0.1:${port}`, allowPrivateNetwork: true, timeoutSeconds: 2 },
  // Else it would soon be left alone, and nothing would become a dead letter.
  breaker: false,
};
const stage = await startOperated({
  stack: "dev",
  overrides: {
    "webhook-pipeline:sources": [
      {
        name: "shop",
        ...source,
        filter: { exclude: ["ping"] },
        schema: { type: "object", required: ["id"] },
      },
      // Only its secret changes: functions read a newer one at most once a minute, and the shop's webhooks must not wait for that.
      { name: "crm", ...source },
    ],
    "webhook-pipeline:queue": { maxReceiveCount: 2, retentionDays: 1 },
    "webhook-pipeline:processor": {
      timeoutSeconds: 10,
      maxConcurrency: 2,
      backoff: { baseSeconds: 1, maxSeconds: 1 },
    },
  },
});

let lastId = 0;

async function post(event: string, { body = { id: "42" } as object, to = "shop", secret = "" } = {}) {
  const text = JSON.stringify(body);
  const signedWith = secret === "" ? (stage.secrets.values[to] ?? "") : secret;
  const { status } = await fetch(stage.endpoints[to] ?? "", {
    method: "POST",
    headers: {
      "content-type": "application/json",
      "x-github-delivery": `e-${++lastId}`,
      "x-github-event": event,
      "x-hub-signature-256": `sha256=${createHmac("sha256", signedWith).update(text).digest("hex")}`,
    },
    body: text,
  });
  expect(status).toBe(200);
}

const withStatus = async (status: string) => (await stage.history()).filter((item) => item.status === status);

/** Waits until the history has a webhook in this state, which it is brought to if there is none. */
async function have(status: string, make: () => Promise<void>): Promise<void> {
  if ((await withStatus(status)).length > 0) return;
  await make();
  await eventually(`a webhook that is ${status}`, async () => (await withStatus(status)).length > 0, 60_000);
}

/** What the pages speak of, and how it comes about. */
const states = {
  /** A webhook has failed all its deliveries. One that is still tried could end well before a command looks for it. */
  failed: async () => {
    if (stage.queues.deadLetters().length > 0) return;
    answer = 500;
    await post("push");
    await eventually("a dead letter", () => stage.queues.deadLetters().length > 0, 60_000);
  },
  ignored: () => have("ignored", () => post("ping")),
  invalid: () => have("invalid", () => post("push", { body: { other: 1 } })),
  rejected: () =>
    have("rejected", () => post("push", { to: "crm", secret: `what nobody has stored ${lastId}` })),
  /** A message that no gateway of ours has written. */
  unreadable: () =>
    have("unreadable", async () => {
      const { webhooks } = stage.graph.outputs.queueUrls as Record<string, string>;
      const sqs = new SQSClient({ region: "eu-west-1" });
      await sqs.send(new SendMessageCommand({ QueueUrl: webhooks, MessageBody: "hello" }));
    }),
  processed: () =>
    have("processed", async () => {
      answer = 200;
      await post("push");
    }),
  /** Somebody has paused the lane, and a webhook waits in it. */
  pausedAndWaiting: async () => {
    expect((await stage.ops(["pause", "webhooks"])).code).toBe(0);
    await post("push");
  },
};
type State = keyof typeof states;

/** The state that each section of the runbook is about, as far as a pipeline on this machine can be in it. */
const ofAlarms: Readonly<Record<AlarmKind, readonly State[]>> = {
  "webhooks-at-risk": ["failed"],
  "dead-letters": ["failed"],
  stalled: ["failed", "pausedAndWaiting"],
  "api-server-error-rate": [],
  "silent-source": ["rejected"],
  canary: ["processed"],
  "oldest-message": ["failed", "pausedAndWaiting"],
  "function-errors": ["failed"],
  "function-throttles": ["failed"],
  "function-duration": ["failed"],
  "function-concurrency": ["processed"],
  "in-flight": ["failed", "ignored"],
  "history-throttled": ["failed"],
  "api-server-errors": ["processed"],
  "api-client-errors": [],
  "failed-attempts": ["failed"],
  "target-left-alone": ["failed"],
  "rejected-webhooks": ["rejected"],
  "invalid-webhooks": ["invalid"],
  "unreadable-messages": ["unreadable"],
  "untried-webhooks": ["failed"],
  "alarms-undelivered": [],
};

const ofOperations: Readonly<Record<string, readonly State[]>> = {
  "Look at webhooks": ["failed"],
  "Rotate a secret": ["rejected"],
  "Add a source": [],
  "Retire a source": ["failed"],
  Replay: ["ignored"],
  Redrive: ["failed"],
  Pause: [],
  "Restore the table": [],
  "A privacy request": ["processed"],
  "An incident at AWS": ["failed"],
  "Take a stage down": ["processed"],
};

const bringsBack = /^(resume|redrive|replay)$/;

/** Where names and values go, for a command that is about webhooks in a state. */
async function placesOf(args: readonly string[], status: string): Promise<Record<string, string>> {
  const isAboutSecrets = args[0] === "secret" || status === "rejected";
  const [chosen] = await withStatus(args[0] === "forget" ? "processed" : status);
  return {
    "<id>": (chosen ?? (await stage.history())[0])?.webhookId ?? "",
    "<source>": isAboutSecrets ? "crm" : "shop",
    "<lane>": "webhooks",
    "json:id=<value>": "json:id=42",
    // Each day is a query of its own for each shard.
    "90d": "2d",
    "7d": "2d",
  };
}

/** Runs a command as its reader would: with names filled in, once what was broken is mended, and with yes as the answer. */
async function run({ line, args }: DocumentedCommand, status: string): Promise<void> {
  expect(args.slice(-2)).toEqual(["--stack", "prod"]);
  const [command = "", subcommand = ""] = args;
  if (bringsBack.test(command)) answer = 200;
  const places = await placesOf(args, status);
  const filled = args.slice(0, -2).map((arg) => places[arg] ?? arg);
  const [defined] = definitionsOf(args);
  const asks = defined?.options.some(({ long }) => long === "--yes") && !filled.includes("--dry-run");
  const stdin = command === "secret" && subcommand === "set" ? `a secret that is new ${++lastId}` : "";
  const { code, told } = await stage.ops(asks ? [...filled, "--yes"] : filled, { stdin });
  expect([line, code, told]).toEqual([line, 0, told]);
}

/** The definitions of a command's words, the innermost first. Empty if there is no such command. */
function definitionsOf(words: readonly string[]): Command[] {
  const found: Command[] = [];
  let command: Command | undefined = programOf(operatorsCommand);
  for (const word of words) {
    command = command?.commands.find((each) => each.name() === word);
    if (command === undefined) break;
    found.unshift(command);
  }
  return found;
}

function runs(commands: readonly DocumentedCommand[], about: readonly State[]) {
  return async () => {
    for (const state of about) await states[state]();
    let status = "failed";
    for (const command of commands) {
      const outcome = command.args.indexOf("--outcome");
      if (outcome !== -1) status = command.args[outcome + 1] ?? status;
      await run(command, status);
    }
  };
}

describe.each([
  ["docs/runbook.md", ofAlarms],
  ["docs/operations.md", ofOperations],
])("every command of %s", (page, about: Readonly<Record<string, readonly State[]>>) => {
  it("does what the introduction says", runs(operatorsCommands(introductionOf(page)), []));

  for (const { heading, text } of sectionsOf(page)) {
    it(`does what the section ${heading} says, in the state that it is about`, async () => {
      expect(Object.keys(about)).toContain(heading);
      await runs(operatorsCommands(text), about[heading] ?? [])();
    }, 120_000);
  }
});

describe.each(["docs/runbook.md", "docs/operations.md"])("what %s names in its text", (page) => {
  const code = [...readFileSync(join(root, page), "utf8").matchAll(/`([^`\n]+)`/g)].map(
    ([, text = ""]) => text,
  );

  it("are commands and options of ours", () => {
    const leaves = leavesOf(programOf(operatorsCommand));
    const everyOption = [...leaves.flatMap(({ options }) => options.map(({ long }) => long)), "--help"];
    for (const text of code.filter((each) => /^(-|[a-z]+ .*--)/.test(each))) {
      if (/^(npm|pulumi|aws) /.test(text)) continue;
      const words = text.split(" ");
      const [command] = definitionsOf(words);
      const known = command?.options.map(({ long }) => long) ?? everyOption;
      expect([text, command !== undefined || text.startsWith("-")]).toEqual([text, true]);
      for (const option of words.filter((word) => word.startsWith("--"))) expect(known).toContain(option);
    }
  });

  it("are scripts of package.json where npm runs them", () => {
    const { scripts } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
    for (const text of code) {
      const [, script] = /^npm (?:run )?([a-z:]+)/.exec(text) ?? [];
      if (script !== undefined) expect(Object.keys(scripts)).toContain(script);
    }
  });

  it("are commands, options and outputs that exist where Pulumi runs them, which needs an engine and AWS", () => {
    const automation = join(root, "node_modules/@pulumi/pulumi/automation/stack.d.ts");
    expect(existsSync(automation)).toBe(true);
    const known = readFileSync(automation, "utf8");
    for (const text of code.filter((each) => each.startsWith("pulumi "))) {
      const [, command = "", ...rest] = text.split(" ");
      if (command === "stack") {
        expect([text, rest[0], stage.graph.outputs[rest[1] ?? ""] !== undefined]).toEqual([
          text,
          "output",
          true,
        ]);
      } else {
        expect(known).toMatch(new RegExp(`^ {4}${command}\\(`, "m"));
        for (const option of rest.filter((word) => word.startsWith("--") && word !== "--stack")) {
          expect(known).toMatch(new RegExp(`^ {4}${option.slice(2)}\\?:`, "m"));
        }
      }
    }
  });
});
