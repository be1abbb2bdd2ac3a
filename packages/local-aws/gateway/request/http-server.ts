import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { listenOnLoopback } from "../../loopback.js";
import type { Answer } from "./gateway-responses.js";
import type { HeaderField, ReceivedRequest } from "./method-request.js";

/** Longest body that API Gateway takes, in bytes: 10 MB (AWS fact 1.26). */
export const longestBodyBytes = 10 * 1024 * 1024;

/** A gateway that listens on this machine. */
export interface Gateway {
  /** `http://127.0.0.1:<port>`; the stage's name comes next in a URL, as on AWS. */
  readonly url: string;
  /** Stops listening, answers the requests that are under way, and resolves. */
  close(): Promise<void>;
}

/**
 * Listens as API Gateway's front end, which is one for all kinds of APIs, and has each request answered.
 *
 * @param answer must not reject
 * @param options port 0 takes a free one
 * @throws UserError for a port that is taken
 */
export async function serveHttp(
  answer: (request: ReceivedRequest) => Promise<Answer>,
  { port, clock }: { readonly port: number; readonly clock: () => number },
): Promise<Gateway> {
  const underWay = new Set<Promise<void>>();
  const handle = (request: IncomingMessage, response: ServerResponse) => {
    const work = handleRequest(answer, clock(), request, response)
      .catch((error: unknown) => {
        console.error("local gateway:", error);
        response.destroy();
      })
      .finally(() => underWay.delete(work));
    underWay.add(work);
  };
  // The limit on headers is API Gateway's, below; Node's own, which also counts names, must not come before it.
  const server = createServer({ maxHeaderSize: 128 * 1024 }, handle);
  server.maxHeadersCount = 0;
  // An expectation other than 100-continue is a header like any other to API Gateway.
  server.on("checkExpectation", handle);
  // API Gateway keeps idle connections for 310 seconds.
  server.keepAliveTimeout = 310_000;
  const { origin, close } = await listenOnLoopback(server, port);
  return {
    url: origin,
    close: () => close(Promise.all(underWay)),
  };
}

async function handleRequest(
  answer: (request: ReceivedRequest) => Promise<Answer>,
  receivedAt: number,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  let body: Uint8Array | undefined;
  try {
    body = await readBody(request);
  } catch {
    // The sender went away before the end of the body. Nothing was accepted, nobody waits for an answer.
    response.destroy();
    return;
  }
  const refused = refusedByFrontEnd(request);
  if (refused !== undefined) return write(response, refused);

  const target = request.url ?? "/";
  // A request through a proxy names the whole URL.
  const [, path = "/", query = ""] = /^(?:https?:\/\/[^/?]*)?([^?]*)\??(.*)$/s.exec(target) ?? [];
  write(
    response,
    await answer({
      method: request.method ?? "GET",
      path,
      query,
      headers: headerFields(request),
      body,
      sourceIp: request.socket.remoteAddress ?? "127.0.0.1",
      protocol: `HTTP/${request.httpVersion}`,
      receivedAt,
    }),
  );
}

/** @returns undefined for a body longer than API Gateway takes; it is read to its end, so that the answer arrives */
async function readBody(request: IncomingMessage): Promise<Uint8Array | undefined> {
  let chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of request as AsyncIterable<Uint8Array>) {
    length += chunk.length;
    if (length > longestBodyBytes) chunks = [];
    else chunks.push(chunk);
  }
  return length > longestBodyBytes ? undefined : Buffer.concat(chunks);
}

/**
 * Headers with their names as sent. Node hands each byte of a value over as the character of the same number (latin-1),
 * and so does Netty, whose words API Gateway's own errors are: a byte above 127 reaches a template as that character.
 */
function headerFields({ rawHeaders }: IncomingMessage): HeaderField[] {
  const fields: HeaderField[] = [];
  for (let index = 0; index + 1 < rawHeaders.length; index += 2)
    fields.push({ name: rawHeaders[index] ?? "", value: rawHeaders[index + 1] ?? "" });
  return fields;
}

/** All header values together, and the URL: 10,240 bytes each (AWS fact 1.26). */
const longestHeaderBytes = 10_240;

/** What API Gateway's front end refuses before it looks for the API: no gateway response, no access log. */
function refusedByFrontEnd(request: IncomingMessage): Answer | undefined {
  if ((request.url ?? "").length > longestHeaderBytes)
    return plainAnswer(414, `An HTTP line is larger than ${longestHeaderBytes} bytes.`);
  const headerBytes = headerFields(request).reduce((sum, { value }) => sum + value.length, 0);
  return headerBytes > longestHeaderBytes
    ? plainAnswer(431, `HTTP header is larger than ${longestHeaderBytes} bytes.`)
    : undefined;
}

function plainAnswer(status: number, message: string): Answer {
  return {
    status,
    headers: [["Content-Type", "application/json"]],
    body: Buffer.from(JSON.stringify({ message })),
  };
}

function write(response: ServerResponse, { status, headers, body }: Answer): void {
  response.writeHead(status, [...headers.flat(), "Content-Length", String(body.length)]);
  response.end(body);
}
