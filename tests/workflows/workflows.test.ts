import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { deployersCommand } from "../../deploy/command.js";
import { root } from "../support/imports.js";
import { jobOf, type Step, workflow, workflowNames, workflowText } from "../support/workflows/workflow.js";

/** What docs/deploying/ci.md promises of the workflows that a team copies. */

const jobs = workflowNames.flatMap((name) =>
  Object.entries(workflow(name).jobs).map(([id, job]) => ({ name, id, job, title: `${name}: ${id}` })),
);
const steps = jobs.flatMap(({ title, job }) =>
  (job.steps ?? []).map((step) => ({ title: `${title}: ${step.name ?? step.uses ?? ""}`, step })),
);
const commands = steps.flatMap(({ title, step }) =>
  step.run === undefined ? [] : [{ title, run: step.run }],
);

describe("the workflows", () => {
  it("are those that docs/deploying/ci.md describes", () => {
    expect([...workflowNames].sort()).toEqual(["check", "deploy", "drift", "preview", "update"]);
  });

  it("take every action at a commit, and say which version that is", () => {
    const taken = workflowNames.flatMap((name) => workflowText(name).match(/^ *(?:- )?uses: .*$/gm) ?? []);
    const foreign = taken.filter((line) => !line.includes("uses: ./.github/workflows/"));
    expect(foreign.length).toBeGreaterThan(5);
    expect(
      foreign.filter((line) => !/uses: [\w-]+\/[\w-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$/.test(line)),
    ).toEqual([]);
  });

  it("take the same version of an action everywhere", () => {
    const versions = new Map<string, Set<string>>();
    for (const { step } of steps) {
      const [action = "", version = ""] = step.uses?.split("@") ?? [];
      versions.set(action, (versions.get(action) ?? new Set()).add(version));
    }
    expect([...versions].filter(([, each]) => each.size > 1)).toEqual([]);
  });

  it("give each job the permissions that it needs, and a workflow none", () => {
    expect(
      workflowNames.filter((name) => Object.keys(workflow(name).permissions ?? { all: "" }).length > 0),
    ).toEqual([]);
    expect(Object.fromEntries(jobs.map(({ title, job }) => [title, job.permissions]))).toEqual({
      "check: check": { contents: "read" },
      "check: audit": { contents: "read" },
      "preview: preview": { contents: "read", "id-token": "write", "pull-requests": "write" },
      "preview: fork": { contents: "read" },
      "deploy: dev": { contents: "read", "id-token": "write" },
      "deploy: prod": { contents: "read", "id-token": "write" },
      "deploy: tag": { contents: "write" },
      "update: update": { contents: "read", "id-token": "write" },
      "drift: drift": { contents: "read", "id-token": "write", issues: "write" },
    });
  });

  it("hand GitHub's token to nobody but the steps that need it", () => {
    const withToken = steps.filter(({ step }) => JSON.stringify(step).includes("github.token"));
    expect(withToken.map(({ title }) => title)).toEqual([
      "drift: drift: Keep the issue",
      "preview: preview: Keep the comment",
    ]);
    const checkouts = steps.filter(({ step }) => step.uses?.startsWith("actions/checkout@"));
    expect(
      checkouts.filter(({ step }) => step.with?.["persist-credentials"] !== false).map(({ title }) => title),
    ).toEqual([expect.stringMatching(/^deploy: tag: /)]);
  });

  it("have no long-lived key of AWS's, and never write an expression into a command", () => {
    for (const name of workflowNames) expect(workflowText(name)).not.toMatch(/aws[_-](access|secret)/i);
    // GitHub would paste its value into the script before the shell reads it.
    expect(commands.filter(({ run }) => run.includes("${{"))).toEqual([]);
  });

  it("end by themselves", () => {
    expect(
      jobs
        .filter(({ job }) => job.uses === undefined && job["timeout-minutes"] === undefined)
        .map(({ title }) => title),
    ).toEqual([]);
  });

  it("install what the lockfile says", () => {
    for (const { job, title } of jobs) {
      const runs = (job.steps ?? []).flatMap(({ run }) => run ?? []);
      if (runs.some((run) => run.includes("npm run"))) expect(runs[0], title).toBe("npm ci");
    }
  });

  it("run scripts and commands that exist", () => {
    const { scripts } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
    const run = commands.flatMap(({ run }) => [
      ...run.matchAll(/npm run (?:--silent )?([\w-]+)(?: -- (\w+))?/g),
    ]);
    expect(run.length).toBeGreaterThan(5);
    for (const [, script = ""] of run) expect(Object.keys(scripts)).toContain(script);
    const deployed = run.flatMap(([, script, command]) => (script === "deploy" ? [command] : []));
    expect(deployed.sort()).toEqual(["drift", "preview", "up"]);
    expect(deployersCommand.commands.length).toBeGreaterThan(deployed.length);
  });

  it("pass actionlint", ({ skip }) => {
    const files = workflowNames.map((name) => `.github/workflows/${name}.yml`);
    try {
      execFileSync("actionlint", ["-no-color", ...files], { cwd: root, encoding: "utf8" });
    } catch (error) {
      const { code, stdout } = error as { code?: string; stdout?: string };
      if (code === "ENOENT") skip("actionlint is not on the PATH: https://github.com/rhysd/actionlint");
      throw new Error(stdout);
    }
  });
});

describe("the workflow `preview`", () => {
  it("runs the code of a pull request with no more rights than the pull request has", () => {
    expect(Object.keys(workflow("preview").on)).toEqual(["pull_request"]);
  });

  it("previews with the role that only reads, and a fork's pull request without any", () => {
    const [own, fork] = [jobOf("preview", "preview"), jobOf("preview", "fork")];
    expect(own.if).toBe("github.event.pull_request.head.repo.full_name == github.repository");
    expect(fork.if).toBe("github.event.pull_request.head.repo.full_name != github.repository");
    expect(workflowText("preview").match(/AWS_\w*ROLE\w*/g)).toEqual([
      "AWS_PREVIEW_ROLE_DEV",
      "AWS_PREVIEW_ROLE_PROD",
    ]);
    expect(uses(fork.steps)).not.toContain("aws-actions/configure-aws-credentials");
  });
});

describe("the workflow `deploy`", () => {
  it("deploys main only, to dev, then to prod, and then tags it", () => {
    const { on, jobs } = workflow("deploy");
    expect(on).toEqual({ push: { branches: ["main"] }, workflow_dispatch: null });
    expect(Object.entries(jobs).map(([id, { needs }]) => [id, needs])).toEqual([
      ["dev", undefined],
      ["prod", "dev"],
      ["tag", "prod"],
    ]);
  });

  it("updates one stage at a time behind its environment, and cuts no update off", () => {
    const { environment, concurrency } = jobOf("update", "update");
    expect(environment).toMatch(/^\$\{\{ inputs\.stack }}$/);
    expect(concurrency?.group).toMatch(/^stack-\$\{\{ inputs\.stack }}$/);
    expect(concurrency?.["cancel-in-progress"]).toBe(false);
    for (const name of ["deploy", "update"])
      expect(workflow(name).concurrency?.["cancel-in-progress"]).not.toBe(true);
  });
});

describe("the workflow `drift`", () => {
  it("looks each night, with the role that only reads", () => {
    expect(workflow("drift").on.schedule).toEqual([{ cron: expect.stringMatching(/^\d+ \d+ \* \* \*$/) }]);
    expect(workflowText("drift").match(/AWS_\w*ROLE\w*/g)).toEqual([
      "AWS_PREVIEW_ROLE_DEV",
      "AWS_PREVIEW_ROLE_PROD",
    ]);
  });
});

function uses(steps: readonly Step[] = []): string[] {
  return steps.flatMap(({ uses }) => (uses === undefined ? [] : [uses.split("@")[0] ?? ""]));
}
