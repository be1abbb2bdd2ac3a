import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { CallService } from "../cloud/service-call.js";
import type { Graph, GraphResource } from "../graph.js";
import { UserError } from "../user-error.js";
import { readApi } from "./api.js";
import type { Answer } from "./gateway-responses.js";
import { answerRequest, longestBodyBytes, type Measured, type ServedApi } from "./invocation.js";
import type { HeaderField } from "./method-request.js";
import { readDomains, readStages } from "./stages.js";

export interface GatewayOptions {
  readonly graph: Graph;
  /** Which API of the graph is served. */
  readonly restApi: GraphResource;
  /** Makes the integrations' calls, with the role of their `credentials`. */
  readonly callService: CallService;
  /** Gets a line for each request: the stage's access log format with the request's values. */
  readonly onAccessLog?: (line: string) => void;
  /** Gets what CloudWatch would be told of each request. */
  readonly onRequest?: (measured: Measured) => void;
  /**
   * Gets a line for each request that failed through the API's set-up or its backend, as AWS's execution log would.
   *
   * @default the console's standard error
   */
  readonly onExecutionLog?: (line: string) => void;
  /**
   * The time, in milliseconds since 1970.
   *
   * @default Date.now
   */
  readonly clock?: () => number;
}

export interface Gateway {
  /** `http://127.0.0.1:<port>`; the stage's name comes next in a URL, as on AWS. */
  readonly url: string;
  /** Stops listening, answers the requests that are under way, and resolves. */
  close(): Promise<void>;
}

/**
 * Serves a REST API on this machine: its OpenAPI document, stages, throttles, keys and policy, all as registered.
 *
 * @param listen port 0 takes a free one
 * @throws UserError for an API that cannot be served locally, and for a port that is taken
 */
export async function startGateway(
  options: GatewayOptions,
  listen: { readonly port: number; readonly host: "127.0.0.1" },
): Promise<Gateway> {
  const served = serve(options);
  const underWay = new Set<Promise<void>>();
  const handle = (request: IncomingMessage, response: ServerResponse) => {
    const work = handleRequest(served, request, response)
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
  await listening(server, listen);

  const { port } = server.address() as AddressInfo;
  return {
    url: `http://${listen.host}:${port}`,
    async close() {
      const closed = new Promise((resolve) => server.close(resolve));
      await Promise.all(underWay);
      server.closeAllConnections();
      await closed;
    },
  };
}

function serve(options: GatewayOptions): ServedApi {
  const { graph, restApi, callService, clock = Date.now } = options;
  const api = readApi(graph, restApi);
  const stages = readStages(graph, api, clock);
  return {
    api,
    stages,
    domains: readDomains(graph, api, stages),
    callService,
    onAccessLog: options.onAccessLog ?? (() => {}),
    onRequest: options.onRequest ?? (() => {}),
    onExecutionLog: options.onExecutionLog ?? console.error,
    clock,
  };
}

function listening(
  server: ReturnType<typeof createServer>,
  { port, host }: { readonly port: number; readonly host: string },
): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", (error: NodeJS.ErrnoException) => {
      const mended: Readonly<Record<string, string>> = {
        EADDRINUSE: "is taken by another program; stop that one or choose another port",
        EACCES: "may not be opened by you; choose a port above 1023",
      };
      const hint = mended[error.code ?? ""];
      reject(hint === undefined ? error : new UserError(`port ${port} ${hint}`));
    });
    server.listen(port, host, resolve);
  });
}

async function handleRequest(
  served: ServedApi,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const receivedAt = served.clock();
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
    await answerRequest(served, {
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

/** All header values together, and the URL: 10,240 bytes each (fact 1.26). */
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
