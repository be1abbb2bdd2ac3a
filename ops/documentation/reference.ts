import { commandReference } from "../../command-line/reference.js";
import { operatorsCommand } from "../command.js";

/** The page that has the commands, from the repository's root. */
export const commandsPage = "docs/ops.md";

/** Marks in the page between which the commands stand. */
const begin = "<!-- commands: npm run docs writes them -->";
const end = "<!-- end of commands -->";

/** The page with the commands as they are. @throws Error for a page without the marks */
export function withCommands(page: string): string {
  const from = page.indexOf(begin);
  const to = page.indexOf(end);
  if (from === -1 || to < from)
    throw new Error(`docs/ops.md has no place for the commands: ${begin} … ${end}`);
  return `${page.slice(0, from + begin.length)}\n\n${commandReference(operatorsCommand)}\n\n${page.slice(to)}`;
}
