import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { createServer, type Server } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PassThrough } from "node:stream";
import { afterEach, describe, expect, it, onTestFinished, vi } from "vitest";
import { runCommand } from "../../local/commands.js";

interface Result {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a command of the package's scripts in this process. */
async function run(...args: string[]): Promise<Result> {
  const stdout = new PassThrough();
  const stderr = new PassThrough();
  const code = await runCommand(args, { stdout, stderr });
  return { code, stdout: await textOf(stdout.end()), stderr: await textOf(stderr.end()) };
}

/** Runs the package's script as npm does, in a process of its own, and waits for its end. */
async function runProcess(...args: string[]): Promise<Result> {
  const child = spawn(process.execPath, ["--import", "tsx", "local/cli.ts", ...args], { stdio: "pipe" });
  const [stdout, stderr, [code]] = await Promise.all([
    textOf(child.stdout),
    textOf(child.stderr),
    once(child, "exit"),
  ]);
  return { code: code as number | null, stdout, stderr };
}

async function textOf(stream: NodeJS.ReadableStream): Promise<string> {
  let text = "";
  for await (const chunk of stream) text += String(chunk);
  return text;
}

/** What a mistake of the user's must look like: its lines, the exit code, and no stack trace. */
function expectMistake({ code, stderr }: Result, ...lines: (string | RegExp)[]): void {
  expect(code).toBe(1);
  expectLines(stderr, ...lines);
}

/** The same for a command that is used wrongly. */
function expectMisuse({ code, stderr }: Result, line: RegExp): void {
  expect(code).toBe(2);
  expectLines(stderr, line);
}

function expectLines(stderr: string, ...lines: (string | RegExp)[]): void {
  expect(stderr).not.toMatch(/^\s+at /m);
  const said = stderr.trimEnd().split("\n");
  expect(said).toHaveLength(lines.length);
  for (const [index, line] of lines.entries()) expect(said[index]).toMatch(line);
}

describe("a mistake at the command line is told in a line that says how to mend it", () => {
  it.each([
    [
      ["synth", "nowhere"],
      /^there is no stage "nowhere": .*Pulumi\.nowhere\.yaml does not exist \(stages: dev, prod\)$/,
    ],
    [
      ["start", "--port", "0", "--file", "tests/fixtures/Pulumi.missing.yaml"],
      /^there is no stage "dev": tests\/fixtures\/Pulumi\.missing\.yaml does not exist/,
    ],
  ])("%j", async (args, line) => {
    expectMistake(await run(...args), line);
  });

  it.each([
    [["synth"], /^usage: npm run synth -- <stack>/],
    [["synth", "dev", "--fast"], /^Unknown option '--fast' \(options: --file\)$/],
    [
      ["start", "--prot", "1"],
      /^Unknown option '--prot' \(options: --stack, --file, --port, --inspector-port, --open, --json\)$/,
    ],
    [["start", "--port", "http"], /^--port must be a whole number from 0 to 65535, got "http"$/],
    [
      ["start", "--inspector-port", "x"],
      /^--inspector-port must be a whole number from 0 to 65535, got "x"$/,
    ],
    [["start", "now"], /^unexpected argument "now"; usage: npm start/],
    [["demo", "--quick"], /^Unknown option '--quick'; there are no options$/],
    [["dmeo"], /^"dmeo" is not a command; the commands are synth, policies, start, demo, filter$/],
  ])("and is a wrong use of the command, which ends with 2: %j", async (args, line) => {
    expectMisuse(await run(...args), line);
  });

  it("names all five mistakes of a settings file at once, with their paths", async () => {
    expectMistake(
      await runProcess("synth", "dev", "--file", "tests/fixtures/Pulumi.five-mistakes.yaml"),
      /^tests\/fixtures\/Pulumi\.five-mistakes\.yaml: the settings have 5 problems:$/,
      /^ {2}sources\[0\]\.name: must be 1 to 64/,
      /^ {2}sources\[1\]\.signature\.header: is missing/,
      /^ {2}queue\.maxReceiveCount: must be/,
      /^ {2}alarms\.email\[0\]: must be/,
      /^ {2}processor\.batchWindowSeconds: must be at least 1/,
    );
  });
});

describe("npm run synth", () => {
  it("prints a stage's resources and outputs as one JSON document, and its code as hashes", async () => {
    const { code, stdout, stderr } = await run("synth", "dev");

    expect([code, stderr]).toEqual([0, ""]);
    const { project, stack, resources, outputs } = JSON.parse(stdout);
    expect([project, stack]).toEqual(["webhook-pipeline", "dev"]);
    expect(Object.keys(outputs)).toEqual(expect.arrayContaining(["endpoints", "queueUrls", "secretNames"]));
    expect(outputs.retries).toEqual({ webhooks: "tried 3 times over about 2 seconds" });
    const one = (type: string) => resources.find((each: { type: string }) => each.type === type);
    expect(one("aws:sqs/queue:Queue")).toMatchObject({
      urn: expect.stringMatching(/^urn:pulumi:dev::webhook-pipeline::/),
      custom: true,
      inputs: { maxMessageSize: 1_048_576 },
    });
    expect(one("aws:lambda/function:Function").inputs.code).toEqual({
      sha256: expect.stringMatching(/^[0-9a-f]{64}$/),
      files: expect.arrayContaining([
        {
          name: expect.stringMatching(/\.mjs$/),
          bytes: expect.any(Number),
          sha256: expect.stringMatching(/^[0-9a-f]{64}$/),
        },
      ]),
    });
  });

  it("prints nothing on standard output but the mistake on standard error, if there is one", async () => {
    expect((await run("synth", "nowhere")).stdout).toBe("");
  });
});

describe("a handler file that exports the wrong thing", () => {
  let folder: string | undefined;

  afterEach(async () => {
    if (folder !== undefined) await rm(folder, { recursive: true });
  });

  it.each([
    [
      "no-default",
      /^tests\/fixtures\/handlers\/no-default\/github\.ts: has no default export; a handler file ends in/,
    ],
    ["not-a-function", /github.*default/],
    ["syntax-error", /^tests\/fixtures\/handlers\/syntax-error\/github\.ts:1:33: Expected "\)"/],
    ["nowhere", /^processor\.handlersFolder: there is no folder tests\/fixtures\/handlers\/nowhere/],
  ])("%s stops the start with one line", async (handlers, line) => {
    folder = await mkdtemp(join(tmpdir(), "webhook-pipeline-test-"));
    const file = join(folder, "Pulumi.dev.yaml");
    await writeFile(
      file,
      `config:
  webhook-pipeline:sources: [{ name: github, signature: { scheme: github } }]
  webhook-pipeline:processor: { handlersFolder: tests/fixtures/handlers/${handlers} }
`,
    );

    expectMistake(await run("start", "--port", "0", "--file", file), line);
  });
});

describe("npm start", () => {
  let taken: Server | undefined;

  afterEach(() => taken?.close());

  it("says that a port is taken", async () => {
    taken = createServer().listen(0, "127.0.0.1");
    await once(taken, "listening");
    const { port } = taken.address() as { port: number };

    expectMistake(await run("start", "--port", String(port)), new RegExp(`^port ${port} is used`));
  });

  it("leaves no process, no port and no file behind when the process that started it is killed", async () => {
    const temporary = await mkdtemp(join(tmpdir(), "orphan-"));
    onTestFinished(() => rm(temporary, { recursive: true }));
    // A shell between the two, as npm has it; the shell is told its child's pid by the child's own command line.
    const shell = spawn(
      "sh",
      ["-c", `"${process.execPath}" --import tsx local/cli.ts start --port 0 & echo "pid $!"; wait`],
      { stdio: ["ignore", "pipe", "inherit"], env: { ...process.env, TMPDIR: temporary } },
    );
    onTestFinished(() => void shell.kill("SIGKILL"));
    let said = "";
    for await (const chunk of shell.stdout) {
      said += String(chunk);
      if (said.includes("Ctrl-C")) break;
    }
    const pid = Number(/pid (\d+)/.exec(said)?.[1]);
    const url = /http:\/\/127\.0\.0\.1:\d+/.exec(said)?.[0] ?? "";
    expect((await fetch(`${url}/v1/webhooks/nobody`, { method: "POST" })).status).toBe(404);
    const unpacked = async () => (await readdir(temporary)).filter((name) => name.startsWith("local-aws-"));
    expect(await unpacked()).toHaveLength(1);

    shell.kill("SIGKILL");

    await vi.waitFor(() => expect(() => process.kill(pid, 0)).toThrow("ESRCH"), {
      timeout: 20_000,
      interval: 100,
    });
    await expect(fetch(url)).rejects.toThrow();
    expect(await unpacked()).toEqual([]);
  });
});
