/**
 * DynamoDB's emulator in a process of its own, whose work is not the handler's. Started with the latency in milliseconds as
 * its argument; tells its parent the port. Loaded by Node itself: nothing of the project may be imported here.
 */
import type { AddressInfo } from "node:net";
import dynalite from "dynalite";

const latencyMilliseconds = Number(process.argv[2]);

const server = dynalite({ createTableMs: 0 });
// Each request waits before the emulator sees it, so that requests made at the same time wait at the same time.
const [handle] = server.listeners("request");
server.removeAllListeners("request");
server.on("request", (request, response) => {
  setTimeout(() => handle?.call(server, request, response), latencyMilliseconds);
});
server.listen(0, "127.0.0.1", () => process.send?.((server.address() as AddressInfo).port));

// The parent may be gone without having said so.
process.on("disconnect", () => process.exit());
