import type { Server } from "node:http";
import type { AddressInfo } from "node:net";
import { UserError } from "./program/user-error.js";

/** A server that this machine alone can reach. */
export interface Listening {
  /** `http://127.0.0.1:<port>` */
  readonly origin: string;
  /**
   * Stops listening, cuts the connections that are left, and resolves.
   *
   * @param drained what is waited for before connections are cut
   */
  close(drained?: Promise<unknown>): Promise<void>;
}

/**
 * Lets a server listen on 127.0.0.1.
 *
 * @param port 0 takes a free one
 * @throws UserError for a port that is taken, or that this user may not open
 */
export async function listenOnLoopback(server: Server, port = 0): Promise<Listening> {
  await new Promise<void>((resolve, reject) => {
    server.once("error", (error: NodeJS.ErrnoException) => {
      const hint = hints[error.code ?? ""];
      reject(hint === undefined ? error : new UserError(`port ${port} ${hint}`));
    });
    server.listen(port, "127.0.0.1", resolve);
  });
  return {
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async close(drained) {
      if (!server.listening) return;
      const closed = new Promise<void>((resolve, reject) => {
        server.close((error) => (error === undefined || error === null ? resolve() : reject(error)));
      });
      await drained;
      server.closeAllConnections();
      await closed;
    },
  };
}

const hints: Readonly<Record<string, string>> = {
  EADDRINUSE: "is used by another program; stop that program or choose another port",
  EACCES: "needs permissions that you do not have; choose a port above 1023",
};
