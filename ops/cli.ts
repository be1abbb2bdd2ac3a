import { runCommand } from "../command-line/run-command.js";
import { operatorsCommand } from "./command.js";

process.exitCode = await runCommand(operatorsCommand, process.argv.slice(2), process);
