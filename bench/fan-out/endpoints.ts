import { createServer } from "node:http";
import { listenOnLoopback } from "local-aws";

/**
 * The HTTP endpoints of subscribers, one path for each.
 *
 * @param statusOf what an endpoint answers, once it has the body
 */
export async function startEndpoints(
  statusOf: (name: string, body: string) => number,
): Promise<{ readonly origin: string; close(): Promise<void> }> {
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
    const name = (request.url ?? "").slice(1);
    response.writeHead(statusOf(name, Buffer.concat(chunks).toString())).end();
  });
  return listenOnLoopback(server);
}
