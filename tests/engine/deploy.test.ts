import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { stringify } from "yaml";
import { type Deployed, type RunningDeploy, startDeploy } from "../support/engine/deploy.js";
import { emulator } from "../support/engine/emulator.js";
import { Hands } from "../support/engine/hands.js";
import { expectAllowed } from "../support/engine/recording/expect-allowed.js";
import { type Recorder, startRecorder } from "../support/engine/recording/recorder.js";
import { copyOfRepository, EngineStack, noEngine, type Settings } from "../support/engine/stack.js";

/** One stage under `npm run deploy`, from a first update that is killed to its end, as a person at a terminal sees it. */

const name = "deployed";
/** No other test has stages in this Region. */
const region = "eu-south-1";
const hidden = "hidden-address@example.com";

const settings: Settings = {
  sources: [{ name: "github", signature: { scheme: "github" } }],
  history: { overflow: false },
  protect: false,
  tags: { stage: name },
};

/** Another source and another type of queue, without a word of the former ones. */
const dangerous: Settings = {
  ...settings,
  sources: [{ name: "shop", signature: { scheme: "shopify" } }],
  queue: { type: "fifo" },
};

/** Commands that a role for previews is enough for. */
const onlyRead = (args: readonly string[]) =>
  ["preview", "outputs"].includes(args[0] ?? "") || (args[0] === "drift" && !args.includes("--repair"));

const told = ({ stdout, stderr }: Deployed) => `${stdout}\n${stderr}`;

describe.skipIf(noEngine)("a stage under the deployer's command", () => {
  let folder: string;
  let stack: EngineStack;
  let hands: Hands;
  let recorder: Recorder;
  const transcript: Deployed[] = [];

  const start = (args: readonly string[], env?: Record<string, string>): RunningDeploy => {
    recorder.purpose = onlyRead(args) ? "preview" : "deploy";
    return startDeploy(folder, [...args, "--stack", name], { AWS_ENDPOINT_URL: recorder.endpoint, ...env });
  };
  const deploy = async (args: readonly string[], env?: Record<string, string>): Promise<Deployed> => {
    const run = await start(args, env).ended;
    transcript.push(run);
    return run;
  };
  const stageFile = () => join(folder, `Pulumi.${name}.yaml`);
  /** Writes the stage's file anew, with what Pulumi keeps in it. */
  const write = (present: Settings, aws: Settings = {}) => {
    const kept = readFileSync(stageFile(), "utf8");
    const salt = /^encryptionsalt: .*$/m.exec(kept)?.[0] ?? "";
    const config = Object.fromEntries([
      ["aws:region", region],
      ...Object.entries(aws).map(([key, value]) => [`aws:${key}`, value]),
      ...Object.entries(present).map(([key, value]) => [`webhook-pipeline:${key}`, value]),
    ]);
    const secret = /^ {2}webhook-pipeline:alarms:\n(?: {4}.*\n?)+/m.exec(kept)?.[0] ?? "";
    writeFileSync(stageFile(), `${salt}\n${stringify({ config })}${secret}`);
  };
  const stateText = () =>
    readdirSync(backendFolder(), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile() && entry.name.includes(name))
      .map((entry) => readFileSync(join(entry.parentPath, entry.name), "utf8"))
      .join("\n");

  beforeAll(async () => {
    folder = copyOfRepository();
    stack = new EngineStack(folder, name, region);
    hands = new Hands(region);
    recorder = await startRecorder(emulator ?? "");
    await stack.init();
    await stack.pulumi([
      "config",
      "set",
      "--stack",
      name,
      "--secret",
      "--path",
      "webhook-pipeline:alarms.email[0]",
      hidden,
    ]);
    write(settings, { allowedAccountIds: ["123456789012"] });
  });
  afterAll(async () => {
    stack?.remove();
    await recorder?.close();
  });

  it("names a stack that does not exist, and what to do", async () => {
    const { code, stderr } = await startDeploy(folder, ["preview", "--stack", "nobody"]).ended;

    expect(code).toBe(1);
    expect(stderr).toContain("there is no stack nobody in this backend\nnext: pulumi stack ls");
  });

  describe("whose first update is killed", () => {
    let queuesBefore: number;

    beforeAll(async () => {
      const first = start(["up", "--yes"]);
      // The key takes some ten seconds, and the queue after it as long again.
      await first.untilTold(/created +Key/);
      await wait(2_000);
      first.killAll();
      await first.ended;
      queuesBefore = await hands.countQueues("webhooks-dlq");
    }, 1_800_000);

    it("is not updated before that is settled, because the next update would make everything twice", async () => {
      const { code, stderr } = await deploy(["up", "--yes"]);

      expect(code).toBe(4);
      expect(stderr).toContain("creating Queue webhooks-dlq");
      expect(stderr).toContain(`next: npm run deploy -- recover --stack ${name}`);
    }, 600_000);

    it("is not recovered while the dead update's lock is there, which is named", async () => {
      const { code, stderr } = await deploy(["recover", "--yes"]);

      expect(code).toBe(1);
      expect(stderr).toMatch(
        /another update of deployed is at work: \S+@\S+ \(pid \d+\) at \S+\nnext: .*unlock --stack deployed/,
      );
    }, 600_000);

    it("is unlocked, because the process is dead", async () => {
      const { code, stdout } = await deploy(["unlock", "--yes"]);

      expect(code).toBe(0);
      expect(stdout).toMatch(/\S+@\S+ \(process \d+\) since \S+, .* ago: dead/);
      expect((await deploy(["unlock", "--yes"])).code).toBe(3);
    }, 600_000);

    it("is recovered: the queue that AWS has is taken over", async () => {
      const { code, stdout } = await deploy(["recover", "--yes"]);

      expect(stdout).toMatch(/creating Queue webhooks-dlq: AWS has it: taken over as http/);
      expect(code).toBe(0);
      expect((await deploy(["recover", "--yes"])).code).toBe(3);
    }, 600_000);

    it("then comes up with the same queue, and looks whether it receives", async () => {
      const { code, stdout, stderr } = await deploy(["up", "--yes"]);

      expect(stderr).toContain(`stage ${name} (backend file://`);
      expect(stderr).toContain(`account 123456789012, Region ${region})`);
      expect(stderr).toMatch(/created +RestApi webhooks-api/);
      expect(stdout).toMatch(/ok +queue webhooks: is worked off/);
      expect(stdout).toMatch(/note +secret github: no secret yet/);
      expect(code).toBe(0);
      expect(queuesBefore).toBe(1);
      expect(await hands.countQueues("webhooks-dlq")).toBe(1);
    }, 1_800_000);
  });

  it("has nothing to change afterwards", async () => {
    const { code, stdout } = await deploy(["preview", "--expect-no-changes"]);

    expect(stdout).toMatch(/^no changes: all \d+ resources/);
    expect(stdout).toMatch(/Monthly cost: about \d+\.\d\d USD, as before/);
    expect(code).toBe(0);
  }, 600_000);

  it("tells its outputs", async () => {
    const { code, stdout } = await deploy(["outputs", "--json"]);

    expect(code).toBe(0);
    expect(JSON.parse(stdout).endpoints.github).toMatch(/\/webhooks\/github$/);
  }, 600_000);

  it("is not selected by that: a plain `pulumi up` still takes the stack that it took before", async () => {
    await stack.pulumi(["stack", "init", "selected"]);

    await deploy(["outputs"]);
    const { output } = await stack.pulumi(["stack", "--show-name"]);

    expect(output.trim()).toBe("selected");
    await stack.pulumi(["stack", "rm", "--yes", "selected"]);
  }, 600_000);

  it.each([
    [
      "with the wrong passphrase",
      { PULUMI_CONFIG_PASSPHRASE: "wrong" },
      /passphrase is not the one/,
      /next: set PULUMI_CONFIG_PASSPHRASE/,
    ],
    [
      "with a backend that is not there",
      { PULUMI_BACKEND_URL: "file:///nowhere/at/all" },
      /backend cannot be opened/,
      /next: log in with pulumi login/,
    ],
  ] as const)(
    "says what is wrong %s",
    async (_what, env, message, next) => {
      const { code, stderr } = await deploy(["preview"], env);

      expect(code).toBe(1);
      expect(stderr).toMatch(message);
      expect(stderr).toMatch(next);
    },
    600_000,
  );

  it("is left alone with the credentials of another account", async () => {
    write(settings, { allowedAccountIds: ["999999999999"] });
    const { code, stderr } = await deploy(["up", "--yes"]);
    write(settings, { allowedAccountIds: ["123456789012"] });

    expect(code).toBe(4);
    expect(stderr).toContain(
      "account 123456789012, and aws:allowedAccountIds of deployed names 999999999999",
    );
  }, 600_000);

  describe("that somebody changes behind its back", () => {
    beforeAll(async () => {
      await hands.setVisibilityTimeout("webhooks-queue", 30);
      await hands.deleteAlarm("webhooks-dead-letters");
      await hands.setEnvironmentVariable("HAND_MADE", "1");
      await hands.widen({ Effect: "Allow", Action: "s3:*", Resource: "*" });
    });

    it("tells what the program wants, and what AWS has", async () => {
      const { code, stdout } = await deploy(["drift"]);

      expect(code).toBe(5);
      expect(stdout).toMatch(/Queue +webhooks-queue +visibilityTimeoutSeconds +180 +30/);
      expect(stdout).toMatch(/MetricAlarm +webhooks-dead-letters +exists +\(gone\)/);
      expect(stdout).toMatch(
        /Function +webhooks-processor +environment\.variables\.HAND_MADE +\(nothing\) +1/,
      );
      expect(stdout).toMatch(
        /RolePolicy +webhooks-processor-role-policy +policy\.Statement\[\d+\] +\(nothing\) +\{"Action":"s3:\*"/,
      );
    }, 600_000);

    it("is put right", async () => {
      expect((await deploy(["drift", "--repair", "--yes"])).code).toBe(0);

      const { code, stdout } = await deploy(["drift"]);
      expect(stdout).toMatch(/^no drift/);
      expect(code).toBe(0);
    }, 1_200_000);
  });

  describe("with a webhook in its queue", () => {
    beforeAll(() => hands.sendMessage("webhooks-queue"));

    it("has a paused lane, which is told, and is no drift", async () => {
      const { code, stdout } = await deploy(["drift"]);

      expect(stdout).toContain("no drift: AWS has what the program made\nlane webhooks (github) is paused");
      expect(code).toBe(0);
    }, 600_000);

    it("is told by a preview what a dangerous change would lose", async () => {
      write(dangerous);
      const { stdout } = await deploy(["preview", "--markdown", "preview.md"]);

      expect(stdout).toMatch(
        /replace +Queue +webhooks_fifo-queue .*\n.*fifoQueue: \(nothing\) → true \(cannot be changed in place\)/,
      );
      expect(stdout).toMatch(/- the public URL of github goes: https:/);
      expect(stdout).toContain(
        "- queue webhooks_fifo-queue is replaced by an empty one: 1 webhook waits in it now",
      );
      expect(stdout).toContain("- Secret webhooks-github-secret is deleted");
      expect(stdout).toMatch(/Monthly cost: about \d+\.\d\d USD, before \d+\.\d\d USD \([+-]\d+\.\d\d\)/);
      expect(stdout).toContain("100,000 webhooks a month with bodies of 4,096 bytes");
      expect(readFileSync(join(folder, "preview.md"), "utf8")).toContain("1 webhook waits in it now");
    }, 600_000);

    it("refuses the change until each loss is named, and has done nothing", async () => {
      const before = await stack.resources();
      write(dangerous);
      const { code, stderr } = await deploy(["up", "--yes", "--allow-replace", "webhooks-github-secret"]);
      write(settings);

      expect(code).toBe(4);
      expect(stderr).toMatch(/Queue webhooks_fifo-queue would be replaced: .*wait until it is empty/);
      expect(stderr).toContain("--allow-replace webhooks_fifo-queue");
      expect(stderr).not.toContain("--allow-replace webhooks-github-secret");
      expect(await stack.resources()).toEqual(before);
    }, 600_000);

    it("is not taken down while it is protected and holds the webhook, and keeps every resource", async () => {
      await stack.pulumi(["state", "protect", "--all", "--yes", "--stack", name]);
      const before = await stack.resources();
      const { code, stderr } = await deploy(["destroy", "--yes"]);

      expect(code).toBe(4);
      expect(stderr).toContain("nothing was deleted:");
      expect(stderr).toContain("Queue webhooks-queue holds 1 webhook");
      expect(stderr).toContain("Table webhooks-history is protected");
      expect(await stack.resources()).toEqual(before);
      await stack.pulumi(["state", "unprotect", "--all", "--yes", "--stack", name]);
    }, 600_000);
  });

  it("lets what is in flight end when it is interrupted, and keeps others out until then", async () => {
    // The table takes a second, and the queue half a minute.
    const history = { overflow: false, pointInTimeRecovery: false };
    write({ ...settings, history, queue: { retentionDays: 10 } });
    const first = start(["up", "--yes"]);
    await first.untilTold(/updated +Table/);
    const [unlocked, second] = await Promise.all([deploy(["unlock", "--yes"]), deploy(["refresh", "--yes"])]);
    first.signal("SIGINT");
    const { code, stderr } = await first.ended;

    expect(unlocked.code).toBe(4);
    expect(unlocked.stderr).toMatch(/process \d+ of this machine is updating deployed/);
    expect(told(second)).not.toContain("the state of deployed is what AWS has");
    expect(code).toBe(1);
    expect(stderr).toContain("interrupted: what is in flight is finished first");
    expect(stderr).toMatch(/up was interrupted: \d+ resources? had been done/);
    expect((await deploy(["unlock", "--yes"])).code).toBe(3);
    expect((await deploy(["recover", "--yes"])).code).toBe(3);
  }, 1_800_000);

  it("is taken down once nothing holds it back, and says what is left", async () => {
    await hands.purge("webhooks-queue");
    const { code, stdout } = await deploy(["destroy", "--yes"]);

    expect(stdout).toContain(`${name} is taken down`);
    expect(stdout).toMatch(/left: Role webhooks-api-logging-role/);
    expect(code).toBe(0);
    expect(await stack.resources()).toEqual([]);
    expect((await deploy(["destroy", "--yes"])).code).toBe(3);
  }, 1_200_000);

  it("has needed no more of AWS than its roles allow", () => {
    expectAllowed(recorder, "interrupted-and-destroyed", { stage: name, region });
  });

  it("has never shown a secret of its configuration, nor kept one in plain text", () => {
    expect(transcript.map(told).join("\n")).not.toContain(hidden);
    expect(stateText()).toContain("ciphertext");
    expect(stateText()).not.toContain(hidden);
  });
});

function backendFolder(): string {
  return new URL(process.env.PULUMI_BACKEND_URL ?? "").pathname;
}
