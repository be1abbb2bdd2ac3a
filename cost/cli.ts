import { runCommand } from "../command-line/run-command.js";
import { costCommand } from "./command.js";

process.exitCode = await runCommand(costCommand, ["cost", ...process.argv.slice(2)], process);
