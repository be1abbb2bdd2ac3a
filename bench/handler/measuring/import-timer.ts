/**
 * Imports the module in its argument and writes how long that took, in milliseconds. Each run is a separate process, so
 * that nothing is loaded already. Node loads it directly, so it must not import anything of the project.
 */
import { pathToFileURL } from "node:url";

const { href } = pathToFileURL(process.argv[2] ?? "");
const startedAt = performance.now();
await import(href);
process.stdout.write(String(performance.now() - startedAt));
// A module may keep sockets or timers open.
process.exit();
