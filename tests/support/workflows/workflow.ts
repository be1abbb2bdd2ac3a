import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import { root } from "../imports.js";

/** A workflow of GitHub Actions, as far as the tests look at it: docs.github.com/en/actions/reference/workflows-and-actions/workflow-syntax. */
export interface Workflow {
  readonly on: Readonly<Record<string, unknown>>;
  readonly permissions?: Readonly<Record<string, string>>;
  readonly concurrency?: Concurrency;
  readonly env?: Readonly<Record<string, string>>;
  readonly jobs: Readonly<Record<string, Job>>;
}

export interface Job {
  readonly if?: string;
  readonly uses?: string;
  readonly needs?: string;
  readonly permissions?: Readonly<Record<string, string>>;
  readonly concurrency?: Concurrency;
  readonly environment?: string;
  readonly "timeout-minutes"?: number;
  readonly env?: Readonly<Record<string, string>>;
  readonly steps?: readonly Step[];
}

export interface Step {
  readonly name?: string;
  readonly uses?: string;
  readonly with?: Readonly<Record<string, unknown>>;
  readonly env?: Readonly<Record<string, string>>;
  readonly run?: string;
}

interface Concurrency {
  readonly group: string;
  readonly "cancel-in-progress": boolean;
}

const folder = join(root, ".github/workflows");

/** The names of all workflows, without `.yml`. */
export const workflowNames = readdirSync(folder).map((file) => file.replace(/\.yml$/, ""));

export function workflowText(name: string): string {
  return readFileSync(join(folder, `${name}.yml`), "utf8");
}

export function workflow(name: string): Workflow {
  return parse(workflowText(name)) as Workflow;
}

/** A job of a workflow that exists. */
export function jobOf(name: string, job: string): Job {
  const found = workflow(name).jobs[job];
  if (found === undefined) throw new Error(`the workflow ${name} has no job ${job}`);
  return found;
}
