import { type Agent, request as httpRequest, type IncomingMessage } from "node:http";

export interface SendOptions {
  /** @default POST */
  readonly method?: string;
  /** Names and values in turn, sent as they are: any case, repeated if repeated. */
  readonly headers?: readonly string[];
  readonly body?: string | Uint8Array;
  /** Keeps connections. @default each request has a connection of its own */
  readonly agent?: Agent;
}

export interface Received {
  readonly status: number;
  readonly headers: IncomingMessage["headers"];
  /** Names and values in turn, as they came. */
  readonly rawHeaders: readonly string[];
  readonly body: string;
  readonly bytes: Buffer;
}

/**
 * Sends a request with full control of its headers, which API Gateway passes on as they are; `fetch` would change their
 * case and add its own.
 */
export function sendRequest(url: string, options: SendOptions = {}): Promise<Received> {
  const { method = "POST", headers = [], body = "", agent = false } = options;
  const { host, hostname, port, pathname, search } = new URL(url);
  const given = headers.filter((_, index) => index % 2 === 0).map((name) => name.toLowerCase());
  // Bytes, since Node writes the headers in the encoding of a body that is text.
  const bytes = Buffer.from(body);
  const fields = [
    ...(given.includes("host") ? [] : ["Host", host]),
    ...headers,
    ...(given.includes("transfer-encoding") ? [] : ["Content-Length", String(bytes.length)]),
  ];
  // As it was written: URL would tidy the path.
  const path = url.slice(url.indexOf(host) + host.length) || pathname + search;
  return new Promise((resolve, reject) => {
    const request = httpRequest({ hostname, port, path, method, headers: fields, agent }, (response) => {
      const chunks: Buffer[] = [];
      response.on("data", (chunk: Buffer) => chunks.push(chunk));
      response.on("error", reject);
      response.on("end", () => {
        const received = Buffer.concat(chunks);
        resolve({
          status: response.statusCode ?? 0,
          headers: response.headers,
          rawHeaders: response.rawHeaders,
          body: received.toString("utf8"),
          bytes: received,
        });
      });
    });
    request.on("error", reject);
    request.end(bytes);
  });
}
