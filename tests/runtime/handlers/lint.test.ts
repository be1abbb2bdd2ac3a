import { spawnSync } from "node:child_process";
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "webhook-pipeline-lint-"));
  copyFileSync("biome.json", join(folder, "biome.json"));
  mkdirSync(join(folder, "runtime/handlers"), { recursive: true });
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** What `npm run lint` says of a handler that does this, with the project's own rules. */
function lint(statement: string): string {
  const code = `export async function save(): Promise<void> {}

export default async function handle(): Promise<void> {
  ${statement}
}
`;
  writeFileSync(join(folder, "runtime/handlers/orders.ts"), code);
  const command = ["node_modules/@biomejs/biome/bin/biome", "lint", "--vcs-enabled=false", "--colors=off"];
  const [script = "", ...rest] = command;
  const { stdout, stderr } = spawnSync(process.execPath, [join(process.cwd(), script), ...rest, "runtime"], {
    cwd: folder,
    encoding: "utf8",
  });
  return stdout + stderr;
}

describe("npm run lint", () => {
  it.each(["save();", 'fetch("https://example.com");', "save().then(() => save());"])(
    "refuses a handler that forgets to await: %s",
    (statement) => {
      expect(lint(statement)).toContain("noFloatingPromises");
    },
  );

  it.each(["await save();", "await save().then(() => save());", "save().catch(() => {});"])(
    "takes one that sees to its promises: %s",
    (statement) => {
      const said = lint(statement);
      expect(said).toContain("Checked 1 file");
      expect(said).not.toContain("noFloatingPromises");
    },
  );
});
