import { runCommand } from "./commands.js";
import { exitWithParent } from "./orphan.js";

exitWithParent();
process.exitCode = await runCommand(process.argv.slice(2), process);
