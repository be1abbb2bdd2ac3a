import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { runStep } from "../support/workflows/run-step.js";
import { jobOf } from "../support/workflows/workflow.js";

/**
 * The commands of the workflows in a shell, before an npm that notes what it was asked for. The tests on the engine run those
 * of a deployed stage with the real one.
 */
describe("in a shell", () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "webhook-pipeline-workflow-"));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  const run = (name: string, job: string, step: string, npm = "exit 0") => {
    const file = join(folder, "npm");
    writeFileSync(file, `#!/bin/sh\necho "$*" >>${folder}/asked\n${npm}\n`);
    chmodSync(file, 0o755);
    return runStep(name, jobOf(name, job), step, {
      cwd: folder,
      expressions: { "matrix.stack": "dev", "inputs.stack": "dev" },
      env: { PATH: [folder, process.env.PATH].join(delimiter) },
    });
  };
  const asked = () => readFileSync(join(folder, "asked"), "utf8").trim().split("\n");

  it("the steps of `check` are those of a newcomer", async () => {
    for (const step of ["Install", "Types", "Lint", "Tests", "Demo"]) {
      expect((await run("check", "check", step)).code).toBe(0);
    }
    expect(asked()).toEqual(["ci", "run typecheck", "run lint", "test", "run demo"]);
  });

  it.each(["Install", "Types", "Lint", "Tests", "Demo"])(
    "the step %s of `check` fails with what it runs",
    async (step) => {
      expect((await run("check", "check", step, "exit 3")).code).toBe(3);
    },
  );

  it("the audit asks for the lockfile's advisories, and fails with them", async () => {
    expect((await run("check", "audit", "Audit of the lockfile", "exit 1")).code).toBe(1);
    expect(asked()).toEqual(["audit --package-lock-only --omit=dev --audit-level=high"]);
  });

  it("a fork's pull request is told of its policies in the summary, and fails with them", async () => {
    expect((await run("preview", "fork", "Policies", "echo 'violated: logs-end'; exit 1")).code).not.toBe(0);
    const { summary } = await run("preview", "fork", "Show them in the run's summary");
    expect(summary).toMatch(/^### dev\n/);
    expect(summary).toContain("```\nviolated: logs-end\n```");
  });

  it("the night's look writes the drift down, and does not fail with it", async () => {
    const report = "echo '### Drift of dev' > drift.md";
    expect(await run("drift", "drift", "Look for drift", `${report}; exit 5`)).toMatchObject({
      code: 0,
      outputs: "found=yes\n",
      summary: "### Drift of dev\n",
    });
    expect(await run("drift", "drift", "Look for drift", `${report}; exit 0`)).toMatchObject({
      code: 0,
      outputs: "found=no\n",
    });
    expect(asked()[0]).toBe("run deploy -- drift --stack dev --markdown drift.md");
  });

  it("the night's look fails where it could not look", async () => {
    expect(await run("drift", "drift", "Look for drift", "exit 1")).toMatchObject({ code: 1, outputs: "" });
  });
});
