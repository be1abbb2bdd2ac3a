import { runCommand } from "../command-line/run-command.js";
import { deployersCommand } from "./command.js";

process.exitCode = await runCommand(deployersCommand, process.argv.slice(2), process);
