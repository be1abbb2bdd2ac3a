import {
  type ClientRequest,
  Agent as HttpAgent,
  request as httpRequest,
  type IncomingMessage,
} from "node:http";
import { Agent as HttpsAgent, request as httpsRequest } from "node:https";
import { publicLookup, refusePrivateHost } from "../network/address-guard.js";
import type { RequestHeaders } from "./headers.js";

/** A request with a body, and its limits. */
export interface PostRequest {
  readonly url: URL;
  readonly headers: RequestHeaders;
  readonly body: Buffer;
  readonly signal: AbortSignal;
  readonly allowPrivateNetwork: boolean;
}

/** The part of an answer that is used. */
export interface PostAnswer {
  readonly status: number;
  readonly retryAfter?: string;
}

/** Posts and reads the answer. Its body has no meaning. Rejects if there is no answer. */
export type Post = (request: PostRequest) => Promise<PostAnswer>;

/**
 * Largest number of bytes of an answer that are read so that its connection can be reused. After a longer answer the
 * connection is closed. The content is not used.
 */
const mostAnswerBytes = 64 * 1024;

/**
 * Makes a {@link Post} whose connections stay open for the next request, also between invocations. Redirects are
 * answers like any other. A proxy in the environment is not used.
 */
export function createPost(): Post {
  const agents = agentPair({});
  const guardedAgents = agentPair({ lookup: publicLookup });
  return async (posted) => {
    if (!posted.allowPrivateNetwork) refusePrivateHost(posted.url.hostname);
    const { http, https } = posted.allowPrivateNetwork ? agents : guardedAgents;
    const start = (): ClientRequest => {
      const { url, headers, body, signal } = posted;
      const options = {
        method: "POST",
        headers: { ...headers, "content-length": String(body.length) },
        signal,
      };
      const request =
        url.protocol === "https:"
          ? httpsRequest(url, { ...options, agent: https })
          : httpRequest(url, { ...options, agent: http });
      return request.end(body);
    };

    const first = start();
    try {
      return await answerTo(first);
    } catch (error) {
      // The target may close an idle connection at any time, especially while the function is frozen between two
      // invocations. That says nothing about the target, so the request is repeated at once on a new connection.
      if (!(first.reusedSocket && isReset(error))) throw error;
      return answerTo(start());
    }
  };
}

function agentPair(options: { readonly lookup?: typeof publicLookup }) {
  // Guarded requests have separate connections, because an open connection is not looked up again.
  return {
    http: new HttpAgent({ keepAlive: true, ...options }),
    https: new HttpsAgent({ keepAlive: true, ...options }),
  };
}

function answerTo(request: ClientRequest): Promise<PostAnswer> {
  const { promise, resolve, reject } = Promise.withResolvers<PostAnswer>();
  // Not `once`: an aborted request may emit more than one error.
  request.on("error", reject);
  request.once("response", (response) => {
    readAnswer(response).then(resolve, reject);
  });
  return promise;
}

async function readAnswer(response: IncomingMessage): Promise<PostAnswer> {
  const { statusCode = 0, headers } = response;
  let bytes = 0;
  for await (const chunk of response) {
    bytes += (chunk as Buffer).length;
    // Leaving the loop closes the connection.
    if (bytes > mostAnswerBytes) break;
  }
  const retryAfter = headers["retry-after"];
  return { status: statusCode, ...(retryAfter === undefined ? {} : { retryAfter }) };
}

function isReset(error: unknown): boolean {
  const code = error instanceof Error && "code" in error ? error.code : undefined;
  return code === "ECONNRESET" || code === "EPIPE";
}
