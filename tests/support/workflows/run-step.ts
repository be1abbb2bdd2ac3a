import { execFile } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Job, workflow } from "./workflow.js";

/** What expressions such as `${{ matrix.stack }}` stand for. */
export type Expressions = Readonly<Record<string, string>>;

export interface StepRun {
  readonly code: number;
  readonly output: string;
  /** What the step wrote for the run's summary. */
  readonly summary: string;
  /** What the step wrote for the steps after it. */
  readonly outputs: string;
}

export interface StepOptions {
  readonly cwd: string;
  readonly expressions?: Expressions;
  /** What the shell finds in its environment, besides what the tests find in theirs. */
  readonly env?: Readonly<Record<string, string>>;
}

/**
 * Runs a step in the shell that GitHub's runner takes for it, with the environment of its workflow and its job.
 * docs.github.com/en/actions/reference/workflows-and-actions/workflow-syntax#jobsjob_idstepsshell
 */
export async function runStep(
  name: string,
  job: Job,
  step: string,
  { cwd, expressions = {}, env = {} }: StepOptions,
): Promise<StepRun> {
  const found = job.steps?.find((each) => each.name === step);
  if (found?.run === undefined)
    throw new Error(`the workflow ${name} has no step "${step}" that runs a command`);
  const files = mkdtempSync(join(tmpdir(), "webhook-pipeline-step-"));
  const file = (what: string) => {
    const path = join(files, what);
    writeFileSync(path, "");
    return path;
  };
  const [summary, outputs, script] = [file("summary"), file("outputs"), file("script.sh")];
  writeFileSync(script, found.run);
  const own = { ...workflow(name).env, ...job.env, ...found.env };
  // An empty secret is one that nobody has set. The tests have settings of their own then.
  const given = Object.entries(own)
    .map(([key, value]) => [key, filledIn(value, expressions)] as const)
    .filter(([, value]) => value !== "");
  try {
    const { code, output } = await new Promise<{ code: number; output: string }>((resolve) => {
      execFile(
        "bash",
        ["-e", script],
        {
          cwd,
          maxBuffer: 1 << 26,
          env: {
            ...process.env,
            ...Object.fromEntries(given),
            GITHUB_STEP_SUMMARY: summary,
            GITHUB_OUTPUT: outputs,
            ...env,
          },
        },
        (error, stdout, stderr) =>
          resolve({ code: error === null ? 0 : Number(error.code ?? 1), output: `${stdout}\n${stderr}` }),
      );
    });
    return { code, output, summary: readFileSync(summary, "utf8"), outputs: readFileSync(outputs, "utf8") };
  } finally {
    rmSync(files, { recursive: true, force: true });
  }
}

function filledIn(text: string, expressions: Expressions): string {
  return text.replace(/\$\{\{ *([^} ]+) *\}\}/g, (_, expression: string) => expressions[expression] ?? "");
}
