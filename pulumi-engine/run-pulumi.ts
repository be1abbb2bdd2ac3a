import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { delimiter } from "node:path";
import { promisify } from "node:util";
import { programFolder } from "../local/program-folder.js";
import { engineFolder } from "./engine-binary.js";

const run = promisify(execFile);

/** What a command may write. Outputs are some kilobytes; a stage with many sources has more. */
const mostBytes = 100_000_000;

/**
 * Runs a command of Pulumi's in the program's folder.
 *
 * @returns what it wrote to stdout
 * @throws an error with the command's stderr in its message
 */
export async function runPulumi(args: readonly string[]): Promise<string> {
  putEngineOnPath();
  const { stdout } = await run("pulumi", [...args, "--non-interactive"], {
    cwd: programFolder,
    env: { ...process.env, PULUMI_SKIP_UPDATE_CHECK: "true" },
    maxBuffer: mostBytes,
  });
  return stdout;
}

/** The engine looks for its language hosts and plugins on the PATH as well. */
export function putEngineOnPath(): void {
  const folder = engineFolder(process.env, wrapperVersion());
  const path = process.env.PATH ?? "";
  if (folder === undefined || path.split(delimiter)[0] === folder) return;
  process.env.PATH = [folder, path].join(delimiter);
}

/** Version of npm's package `pulumi`, if it is installed. */
function wrapperVersion(): string | undefined {
  try {
    const file = createRequire(import.meta.url).resolve("pulumi/package.json");
    return JSON.parse(readFileSync(file, "utf8")).version;
  } catch {
    return undefined;
  }
}
