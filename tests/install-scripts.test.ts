import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";

const json = (file: string) => JSON.parse(readFileSync(file, "utf8"));

interface LockedPackage {
  /** Only of a package that is installed under another name. */
  readonly name?: string;
  readonly hasInstallScript?: boolean;
}

// npm 12 runs no install script that package.json does not allow: docs.npmjs.com/cli/v11/commands/npm-install-scripts.
describe("the install scripts of dependencies", () => {
  const { allowScripts } = json("package.json") as { allowScripts: Record<string, boolean> };
  const { packages } = json("package-lock.json") as { packages: Record<string, LockedPackage> };
  const withScript = Object.entries(packages)
    .filter(([, { hasInstallScript }]) => hasInstallScript === true)
    .map(([path, { name }]) => name ?? path.replace(/^.*node_modules\//, ""));

  it("are all allowed or denied in package.json, by name", () => {
    expect(Object.keys(allowScripts).sort()).toEqual([...new Set(withScript)].sort());
  });

  it("may run where the project needs them: for its own Node", () => {
    expect(allowScripts.node).toBe(true);
  });
});
