import { execFile } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, symlinkSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { copyOfRepository, EngineStack, noEngine } from "../support/engine/stack.js";
import { root } from "../support/imports.js";

/** What a new user pastes from docs/deploying/README.md, in the order in which it stands there. */
function firstStage(): string[] {
  const text = readFileSync(join(root, "docs/deploying/README.md"), "utf8");
  const section = /^## A first stage\n(.*?)^## /ms.exec(text)?.[1] ?? "";
  return [...section.matchAll(/^```sh\n(.*?)^```/gms)].map(([, commands = ""]) => commands);
}

describe.skipIf(noEngine)("a new user who pastes the commands of docs/deploying/README.md", () => {
  let folder: string;

  beforeAll(() => {
    folder = copyOfRepository();
    putEngineWhereNpmsWrapperLooks();
  });
  afterAll(() => new EngineStack(folder, "dev").remove());

  it("comes from an empty backend to a stage that answers", async () => {
    const answers: string[] = [];
    for (const commands of firstStage()) {
      const { code, output } = await paste(commands, folder);
      expect(code, output).toBe(0);
      answers.push(output);
    }

    const [, preview = "", up = "", outputs = ""] = answers;
    expect(preview).toMatch(/create +RestApi +webhooks-api/);
    expect(up).toMatch(/smoke test:\n( {2}(ok|note) .*\n)+/);
    expect(up).toMatch(/ok +queue webhooks: is worked off/);
    expect(outputs).toMatch(/"github": "https?:\/\/.*\/webhooks\/github"/);
  }, 1_800_000);
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

function paste(commands: string, cwd: string): Promise<{ readonly code: number; readonly output: string }> {
  return new Promise((resolve) => {
    execFile("bash", ["-ec", commands], { cwd, maxBuffer: 1 << 26 }, (error, stdout, stderr) => {
      resolve({ code: error === null ? 0 : Number(error.code ?? 1), output: `${stdout}\n${stderr}` });
    });
  });
}
