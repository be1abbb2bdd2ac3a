import { randomBytes } from "node:crypto";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { CommandError } from "../../command-line/command-error.js";
import { type Answer, paths, type Refusal, type StageIdentity } from "../contract.js";
import type { Inspected } from "../inspected.js";
import { errorOf, RefusedRequest, statusOf } from "../refusal.js";
import type { Page } from "./assets.js";
import { guard } from "./guard.js";
import { securityHeaders } from "./headers.js";
import { Openings, openingPath } from "./openings.js";

/** Longest body of a call, in bytes: a webhook of the largest size, in base64, with what stands around it. */
const longestBodyBytes = 2 * 1024 * 1024;

/** Waited before a page connects again, in milliseconds. */
const retryMilliseconds = 1_000;

export interface ServeOptions {
  /** Opens what is looked at. It is called once, when something of it is asked for. */
  readonly inspected: () => Promise<Inspected>;
  /** Bundles the page. It is called once, when the page is asked for. */
  readonly page: () => Promise<Page>;
  /** 0 takes a free one. */
  readonly port: number;
}

/** An inspector that answers on this machine. */
export interface ServedInspector {
  /** The page's address, with the token that lets it in. It must stand in no log. */
  readonly address: string;
  /** `http://127.0.0.1:<port>` */
  readonly origin: string;
  readonly token: string;
  /**
   * An address that leads to the page once, within a minute. It can be given to another program: all users of a machine see the
   * arguments of its programs, and must not see the token there.
   */
  addressForOpening(): string;
  /** Stops listening, and cuts the connections that are left. */
  close(): Promise<void>;
}

/**
 * Serves the inspector on 127.0.0.1, so that no other machine reaches it.
 *
 * @throws CommandError for a port that is taken, or that this user may not open
 */
export async function serve(options: ServeOptions): Promise<ServedInspector> {
  const token = randomBytes(24).toString("base64url");
  const inspected = once(options.inspected);
  const page = once(options.page);
  const closing = new AbortController();
  const openings = new Openings();
  const server = createServer((request, response) => {
    const { port } = server.address() as AddressInfo;
    void answer(request, response, { port, token, openings, inspected, page, closing: closing.signal });
  });
  await listen(server, options.port);
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    address: `${origin}/#token=${token}`,
    origin,
    token,
    addressForOpening: () => `${origin}${openingPath}${openings.add()}`,
    async close() {
      closing.abort();
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      server.closeAllConnections();
      await closed;
    },
  };
}

interface Serving {
  readonly port: number;
  readonly token: string;
  readonly openings: Openings;
  readonly inspected: () => Promise<Inspected>;
  readonly page: () => Promise<Page>;
  readonly closing: AbortSignal;
}

async function answer(request: IncomingMessage, response: ServerResponse, serving: Serving): Promise<void> {
  const { method = "GET", headers, url = "/" } = request;
  const path = url.replace(/\?.*$/s, "");
  const isApi = path.startsWith("/api/");
  for (const [name, value] of Object.entries(securityHeaders)) response.setHeader(name, value);
  let stage: StageIdentity | undefined;
  try {
    guard({ method, isApi, headers }, serving.port, serving.token);
    if (!isApi) return await answerFile(path, response, serving);
    const input = await readJson(request);
    const inspected = await serving.inspected();
    const { identityOf } = await import("../inspected.js");
    stage = identityOf(inspected);
    await answerCall({ path, input, request, response, inspected, stage, closing: serving.closing });
  } catch (error) {
    refuse(error, response, stage);
  }
}

async function answerFile(
  path: string,
  response: ServerResponse,
  { page, token, openings }: Serving,
): Promise<void> {
  // Browsers ask for it on their own.
  if (path === "/favicon.ico") return void response.writeHead(204).end();
  if (path.startsWith(openingPath)) {
    if (!openings.take(path.slice(openingPath.length))) {
      throw new RefusedRequest(
        403,
        "this address led to the inspector once",
        "open the address that was printed at the start",
      );
    }
    return void response.writeHead(303, { Location: `/#token=${token}` }).end();
  }
  const { html, assets } = await page();
  if (path === "/") {
    response.setHeader("Content-Type", "text/html; charset=utf-8");
    return void response.end(html);
  }
  const asset = assets.get(path);
  if (asset === undefined) throw new RefusedRequest(404, "there is no such file");
  response.setHeader("Content-Type", asset.type);
  response.setHeader("Cache-Control", "public, max-age=31536000, immutable");
  response.end(asset.body);
}

interface CallRequest {
  readonly path: string;
  readonly input: unknown;
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly inspected: Inspected;
  readonly stage: StageIdentity;
  readonly closing: AbortSignal;
}

async function answerCall(call: CallRequest): Promise<void> {
  const { path, input, response, inspected, stage, closing } = call;
  const gone = new AbortController();
  response.on("close", () => gone.abort());
  const signal = AbortSignal.any([gone.signal, closing]);
  if (path === paths.stream) return answerStream(call, signal);
  const { callOf } = await import("../calls.js");
  const answerOf = callOf(path);
  if (answerOf === undefined) throw new RefusedRequest(404, "there is no such call");
  const content = await answerOf(inspected, input, signal);
  writeJson(response, 200, { stage, ...content } satisfies Answer<object>);
}

async function answerStream(
  { input, request, response, inspected, stage }: CallRequest,
  signal: AbortSignal,
): Promise<void> {
  const { readStreamRequest } = await import("../calls.js");
  const { stream } = await import("../stream/stream.js");
  const { "last-event-id": lastEventId } = request.headers;
  await stream(inspected, readStreamRequest(input), {
    lastEventId: typeof lastEventId === "string" && lastEventId !== "" ? lastEventId : undefined,
    signal,
    async send(name, data, id) {
      if (signal.aborted) return;
      if (!response.headersSent) {
        response.writeHead(200, { "Content-Type": "text/event-stream; charset=utf-8" });
        response.write(`retry: ${retryMilliseconds}\n\n`);
      }
      // JSON has no line of its own, so each event is one line of data: html.spec.whatwg.org/#parsing-an-event-stream
      const text = `event: ${name}\ndata: ${JSON.stringify({ stage, ...data })}\n\n`;
      const hasRoom = response.write(id === undefined ? text : `id: ${id}\n${text}`);
      if (!hasRoom) await drained(response, signal);
    },
  });
  response.end();
}

/** Waits until a slow reader has caught up, or has gone. */
function drained(response: ServerResponse, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const end = () => {
      response.off("drain", end);
      signal.removeEventListener("abort", end);
      resolve();
    };
    response.on("drain", end);
    signal.addEventListener("abort", end);
    if (signal.aborted) end();
  });
}

async function readJson(request: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > longestBodyBytes) {
      throw new RefusedRequest(413, `the body is longer than ${longestBodyBytes} bytes`);
    }
    chunks.push(chunk);
  }
  try {
    return JSON.parse(Buffer.concat(chunks).toString("utf8"));
  } catch {
    throw new RefusedRequest(400, "the body is not JSON");
  }
}

/** @param stage what was opened before. Absent: nothing was */
function refuse(error: unknown, response: ServerResponse, stage: StageIdentity | undefined): void {
  if (response.destroyed) return;
  // What has begun as a stream cannot become a refusal: the page sees it end, and connects again.
  if (response.headersSent) return void response.destroy();
  const refusal: Refusal = { ...(stage === undefined ? {} : { stage }), error: errorOf(error) };
  writeJson(response, statusOf(error), refusal);
}

function writeJson(response: ServerResponse, status: number, content: object): void {
  const body = Buffer.from(JSON.stringify(content));
  response.writeHead(status, {
    "Content-Type": "application/json; charset=utf-8",
    "Content-Length": body.length,
    // What was not read of a refused body must not be taken for the next request.
    ...(status === 413 ? { Connection: "close" } : {}),
  });
  response.end(body);
}

async function listen(server: Server, port: number): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    server.once("error", (error: NodeJS.ErrnoException) => {
      const words = { EADDRINUSE: "is used by another program", EACCES: "may not be opened by this user" };
      const known = words[error.code as keyof typeof words];
      const next = "name another port, or none for a free one";
      reject(known === undefined ? error : new CommandError(`port ${port} ${known}`, { next, cause: error }));
    });
    server.listen(port, "127.0.0.1", resolve);
  });
}

/** Calls it at the first use. A failure is not kept: the next use tries again. */
function once<Value>(make: () => Promise<Value>): () => Promise<Value> {
  let made: Promise<Value> | undefined;
  return () => {
    made ??= make().catch((error: unknown) => {
      made = undefined;
      throw error;
    });
    return made;
  };
}
