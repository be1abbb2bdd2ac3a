import type { Command } from "commander";

/** Adds examples to a command's help. Each is a line that can be pasted. */
export function withExamples(command: Command, ...examples: readonly [string, ...string[]]): Command {
  const lines = examples.map((example) => `  $ ${example}`);
  return command.addHelpText("after", `\nExamples:\n${lines.join("\n")}`);
}
