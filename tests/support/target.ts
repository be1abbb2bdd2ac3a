import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { buffer } from "node:stream/consumers";
import { listenOnLoopback } from "local-aws";

/** A request as an HTTP endpoint got it. */
export interface TargetRequest {
  readonly method: string;
  readonly url: string;
  readonly headers: IncomingMessage["headers"];
  /** Names and values, alternating, as they came. */
  readonly rawHeaders: readonly string[];
  readonly body: Buffer;
}

/** An HTTP endpoint on a free port of this machine. */
export interface Target {
  /** `http://127.0.0.1:port` */
  readonly origin: string;
  readonly port: number;
  readonly requests: TargetRequest[];
  /** Connections that were ever made. */
  connections(): number;
  /** Cuts all open connections. */
  cut(): void;
  stop(): Promise<void>;
}

/** Starts an endpoint that answers as told, default 204. */
export async function startTarget(
  answer: (request: TargetRequest, response: ServerResponse) => void = (_, response) =>
    response.writeHead(204).end(),
): Promise<Target> {
  let connections = 0;
  const requests: TargetRequest[] = [];
  const server = createServer(async (message, response) => {
    const { method = "", url = "", headers, rawHeaders } = message;
    const request = { method, url, headers, rawHeaders, body: await buffer(message) };
    requests.push(request);
    answer(request, response);
  });
  server.on("connection", () => connections++);
  const { origin, close } = await listenOnLoopback(server);
  return {
    origin,
    port: Number(new URL(origin).port),
    requests,
    connections: () => connections,
    cut: () => server.closeAllConnections(),
    stop: close,
  };
}
