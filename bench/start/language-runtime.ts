import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import type { StageConfig } from "local-aws";
import { parse } from "yaml";
import type { Engine } from "./engine.js";

/** Arguments for Node, and what its environment has besides this process's. */
export interface NodeCommand {
  readonly args: readonly string[];
  readonly variables?: Readonly<Record<string, string>>;
}

const run = promisify(execFile);

/**
 * Runs a command to its end.
 *
 * @throws Error with what it wrote to its standard error, if it failed
 */
export async function runNode({ args, variables = {} }: NodeCommand): Promise<void> {
  await run(process.execPath, [...args], {
    env: { ...process.env, ...variables },
    maxBuffer: Number.POSITIVE_INFINITY,
  });
}

/** What Pulumi's language host runs for a stage of this project: the options are those in Pulumi.yaml. */
export async function underPulumi(
  { addresses }: Engine,
  stack: string,
  { project, values }: StageConfig,
): Promise<NodeCommand> {
  const { runtime } = parse(await readFile("Pulumi.yaml", "utf8")) as {
    runtime: { options: { nodeargs?: string; typescript?: boolean } };
  };
  const { nodeargs = "", typescript = true } = runtime.options;
  const sdk = dirname(createRequire(import.meta.url).resolve("@pulumi/pulumi"));
  return {
    args: [
      ...nodeargs.split(" ").filter((argument) => argument !== ""),
      join(sdk, "cmd/run"),
      ...["--monitor", addresses.monitor, "--engine", addresses.engine],
      ...["--project", project, "--stack", stack, "--pwd", process.cwd(), "--parallel", "16", "."],
    ],
    variables: {
      PULUMI_CONFIG: JSON.stringify(values),
      PULUMI_CONFIG_SECRET_KEYS: "[]",
      ...(typescript ? { PULUMI_NODEJS_TYPESCRIPT: "true" } : {}),
    },
  };
}
