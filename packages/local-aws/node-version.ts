import { UserError } from "./program/user-error.js";

/** Version from which Node runs what is around a function's code, which is TypeScript, by itself. */
const oldestNode = [22, 18] as const;

/**
 * @param version of the Node that runs this process: `22.18.0`
 * @throws UserError for one that is too old
 */
export function checkNodeVersion(version: string): void {
  const [major = 0, minor = 0] = version.split(".").map(Number);
  if (major > oldestNode[0] || (major === oldestNode[0] && minor >= oldestNode[1])) return;
  throw new UserError(
    [
      `functions run locally need Node ${oldestNode.join(".")} or newer, and this is ${version}.`,
      "npm scripts use the Node that a project has as a dependency, if it could run its install script.",
      "Where that was skipped, npm rebuild node --ignore-scripts=false runs it.",
      "A newer Node on the PATH does as well",
    ].join(" "),
  );
}
