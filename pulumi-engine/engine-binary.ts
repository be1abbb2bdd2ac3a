import { accessSync, constants } from "node:fs";
import { homedir } from "node:os";
import { delimiter, join, sep } from "node:path";

/**
 * The folder of Pulumi's own binary. What npm puts on the PATH is a wrapper that downloads the binary, and passes no signal on
 * to it: an update could not be interrupted.
 *
 * @param version version of npm's package `pulumi`, which names the folder that its wrapper downloads to
 * @returns undefined if there is no binary here
 */
export function engineFolder(
  env: Readonly<Record<string, string | undefined>>,
  version: string | undefined,
  isExecutable: (file: string) => boolean = canBeRun,
): string | undefined {
  const home = env.PULUMI_HOME ?? join(homedir(), ".pulumi");
  const downloaded = version === undefined ? [] : [join(home, "versions", version, "bin")];
  const onPath = (env.PATH ?? "")
    .split(delimiter)
    .filter((folder) => folder !== "" && !folder.split(sep).includes("node_modules"));
  const binary = process.platform === "win32" ? "pulumi.exe" : "pulumi";
  return [...downloaded, ...onPath].find((folder) => isExecutable(join(folder, binary)));
}

function canBeRun(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
