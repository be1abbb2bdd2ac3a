import { execFile } from "node:child_process";
import { createRequire } from "node:module";
import { CommandError } from "../../command-line/command-error.js";
import { programFolder } from "../../local/program-folder.js";

/** What Pulumi and the function run, without the rest of the repository. A second check without a change in between takes no time. */
const project = "tsconfig.program.json";

/**
 * Checks the program's types, because Pulumi runs it without.
 *
 * @throws CommandError that lists the errors
 */
export async function checkTypes(): Promise<void> {
  let compiler: string;
  try {
    compiler = createRequire(import.meta.url).resolve("typescript/bin/tsc");
  } catch (cause) {
    throw new CommandError("the program's types cannot be checked: TypeScript is not installed", {
      next: "npm ci",
      cause,
    });
  }
  const args = [compiler, "--build", project];
  const problems = await new Promise<string | undefined>((resolve) => {
    execFile(process.execPath, args, { cwd: programFolder }, (error, stdout, stderr) => {
      resolve(error === null ? undefined : `${stdout}${stderr}`.trim() || error.message);
    });
  });
  if (problems !== undefined) {
    throw new CommandError("the program has type errors", { next: "npm run typecheck", details: problems });
  }
}
