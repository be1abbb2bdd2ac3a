/**
 * Imports the module given as its argument and writes how long that took, in milliseconds. Each run is a process of its own,
 * so that nothing is loaded already. Loaded by Node itself: nothing of the project may be imported here.
 */
import { pathToFileURL } from "node:url";

const { href } = pathToFileURL(process.argv[2] ?? "");
const startedAt = performance.now();
await import(href);
process.stdout.write(String(performance.now() - startedAt));
// A module may hold sockets or timers open.
process.exit();
