/**
 * The DynamoDB emulator in a separate process, so that its work is not the handler's. Its argument is the latency in
 * milliseconds, and it sends its port to its parent. Node loads it directly, so it must not import anything of the
 * project.
 */
import type { AddressInfo } from "node:net";
import dynalite from "dynalite";

const latencyMilliseconds = Number(process.argv[2]);

const server = dynalite({ createTableMs: 0 });
// Each request waits before the emulator sees it, so that simultaneous requests wait simultaneously.
const [handle] = server.listeners("request");
server.removeAllListeners("request");
server.on("request", (request, response) => {
  setTimeout(() => handle?.call(server, request, response), latencyMilliseconds);
});
server.listen(0, "127.0.0.1", () => process.send?.((server.address() as AddressInfo).port));

// The parent may have ended without a message.
process.on("disconnect", () => process.exit());
