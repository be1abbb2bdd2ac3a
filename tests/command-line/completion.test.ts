import { spawnSync } from "node:child_process";
import { describe, expect, it } from "vitest";
import type { DefineCommand } from "../../command-line/run-command.js";
import { runCommands } from "../support/command-line.js";

const define: DefineCommand = (program, action) => {
  program
    .command("look")
    .description("Look at the sender's things.")
    .option("--source <name>", "a source")
    .action(action(async () => undefined));
  const secret = program.command("secret").description("Work on secrets.");
  secret
    .command("set")
    .description("Set one.")
    .action(action(async () => undefined));
};

async function scriptFor(shell: string): Promise<string> {
  const { data } = await runCommands([define], ["completion", shell]);
  return data;
}

const hasShell = (shell: string) => spawnSync(shell, ["-c", "exit 0"]).status === 0;

describe("completion", () => {
  it.skipIf(!hasShell("bash"))(
    "in bash knows the commands, their own commands, and their options",
    async () => {
      const script = await scriptFor("bash");
      const complete = (...words: string[]) => {
        const typed = words.map((word) => `"${word}"`).join(" ");
        const ask = `COMP_WORDS=(${typed}); COMP_CWORD=${words.length - 1}; _tool; echo "\${COMPREPLY[*]}"`;
        return spawnSync("bash", ["-c", `${script}\n${ask}`], { encoding: "utf8" }).stdout.trim();
      };
      expect(complete("tool", "")).toBe("look secret completion --help");
      expect(complete("tool", "secret", "s")).toBe("set");
      expect(complete("tool", "look", "--s")).toBe("--source");
      expect(complete("tool", "completion", "f")).toBe("fish");
      expect(complete("tool", "look", "--source", "")).toBe("");
    },
  );

  it.each(["zsh", "fish"])("in %s knows the same words", async (shell) => {
    const script = await scriptFor(shell);
    for (const word of ["look", "secret", "set", "source", "completion"]) expect(script).toContain(word);
    if (hasShell(shell)) expect(spawnSync(shell, ["-n"], { input: script }).status).toBe(0);
  });

  it("is not there for another shell", async () => {
    const { code, told } = await runCommands([define], ["completion", "tcsh"]);
    expect(code).toBe(2);
    expect(told).toContain("Allowed choices are bash, zsh, fish");
  });
});
