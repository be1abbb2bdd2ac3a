import { execFile } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, symlinkSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { emulator } from "../support/engine/emulator.js";
import { expectAllowed } from "../support/engine/recording/expect-allowed.js";
import { type Recorder, startRecorder } from "../support/engine/recording/recorder.js";
import { copyOfRepository, EngineStack, noEngine } from "../support/engine/stack.js";
import { root } from "../support/imports.js";
import { runStep } from "../support/workflows/run-step.js";
import { jobOf } from "../support/workflows/workflow.js";

/** What a new user pastes from docs/deploying/README.md, in the order in which it stands there. */
function firstStage(): string[] {
  const text = readFileSync(join(root, "docs/deploying/README.md"), "utf8");
  const section = /^## A first stage\n(.*?)^## /ms.exec(text)?.[1] ?? "";
  return [...section.matchAll(/^```sh\n(.*?)^```/gms)].map(([, commands = ""]) => commands);
}

describe.skipIf(noEngine)("a new user who pastes the commands of docs/deploying/README.md", () => {
  let folder: string;
  let recorder: Recorder;

  beforeAll(async () => {
    folder = copyOfRepository();
    recorder = await startRecorder(emulator ?? "");
    putEngineWhereNpmsWrapperLooks();
  });
  afterAll(async () => {
    new EngineStack(folder, "dev").remove();
    await recorder?.close();
  });

  it("comes from an empty backend to a stage that answers", async () => {
    const answers: string[] = [];
    for (const commands of firstStage()) {
      recorder.purpose = commands.includes("deploy -- up") ? "deploy" : "preview";
      const { code, output } = await paste(commands, folder, recorder.endpoint);
      expect(code, output).toBe(0);
      answers.push(output);
    }

    const [, preview = "", up = "", outputs = ""] = answers;
    expect(preview).toMatch(/create +RestApi +webhooks-api/);
    expect(up).toMatch(/smoke test:\n( {2}(ok|note) .*\n)+/);
    expect(up).toMatch(/ok +queue webhooks: is worked off/);
    expect(outputs).toMatch(/"github": "https?:\/\/.*\/webhooks\/github"/);
  }, 1_800_000);

  describe("and then lets the workflows do it", () => {
    const run = (workflow: string, job: string, step: string) =>
      runStep(workflow, jobOf(workflow, job), step, {
        cwd: folder,
        expressions: { "matrix.stack": "dev", "inputs.stack": "dev" },
        env: { AWS_ENDPOINT_URL: recorder.endpoint },
      });

    it("has the pull request's preview in a file and in the run's summary", async () => {
      recorder.purpose = "preview";
      for (const step of ["Log in to the backend", "Preview"]) {
        const { code, output } = await run("preview", "preview", step);
        expect(code, output).toBe(0);
      }
      const { summary } = await run("preview", "preview", "Show it in the run's summary");
      expect(summary).toMatch(
        /^### Preview of dev\n\nNo changes: all \d+ resources are as the program wants them/,
      );
    }, 600_000);

    it("has the stage updated, and looked at", async () => {
      recorder.purpose = "deploy";
      const { code, output } = await run("update", "update", "Update, and look whether the stage receives");
      expect(output).toMatch(/smoke test:\n( {2}(ok|note) .*\n)+/);
      expect(code).toBe(0);
    }, 600_000);

    it("has no drift found in the night", async () => {
      recorder.purpose = "preview";
      const { code, output, outputs, summary } = await run("drift", "drift", "Look for drift");
      expect(code, output).toBe(0);
      expect(outputs).toBe("found=no\n");
      expect(summary).toMatch(/^### Drift of dev\n\nNo drift/);
    }, 600_000);

    it("needs no more of AWS than the roles of docs/deploying/ci.md allow", () => {
      expectAllowed(recorder, "deploy-command", { stage: "dev" });
    });
  });
});

/** The wrapper would download it otherwise. */
function putEngineWhereNpmsWrapperLooks(): void {
  const { PULUMI_HOME } = process.env;
  if (PULUMI_HOME === undefined || !existsSync(join(PULUMI_HOME, "bin", "pulumi"))) return;
  const { version } = createRequire(import.meta.url)("pulumi/package.json") as { version: string };
  const place = join(PULUMI_HOME, "versions", version);
  if (existsSync(place)) return;
  mkdirSync(join(place, ".."), { recursive: true });
  symlinkSync(PULUMI_HOME, place);
}

function paste(
  commands: string,
  cwd: string,
  endpoint: string,
): Promise<{ readonly code: number; readonly output: string }> {
  const env = { ...process.env, AWS_ENDPOINT_URL: endpoint };
  return new Promise((resolve) => {
    execFile("bash", ["-ec", commands], { cwd, env, maxBuffer: 1 << 26 }, (error, stdout, stderr) => {
      resolve({ code: error === null ? 0 : Number(error.code ?? 1), output: `${stdout}\n${stderr}` });
    });
  });
}
