import type { Command } from "commander";
import { type CommandLine, leavesOf, programOf } from "./run-command.js";

/** The help of every command as Markdown, a section each, in the order in which the help lists them. */
export function commandReference(line: CommandLine): string {
  return leavesOf(programOf(line))
    .map((command) => {
      const path = pathOf(command).join(" ");
      return `### ${path}\n\n\`\`\`text\n${helpOf(command)}\n\`\`\``;
    })
    .join("\n\n");
}

/** What `--help` shows, with the text after it. */
function helpOf(command: Command): string {
  let text = "";
  command.configureOutput({
    writeOut: (part) => {
      text += part;
    },
  });
  command.outputHelp();
  return text.trim();
}

function pathOf(command: Command): string[] {
  const { parent } = command;
  return parent === null ? [] : [...pathOf(parent), command.name()];
}
