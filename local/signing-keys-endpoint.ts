import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { text } from "node:stream/consumers";
import { setTimeout as sleep } from "node:timers/promises";
import { listenOnLoopback } from "local-aws";
import { parseJson } from "../runtime/envelope/json.js";
import type { KeyAnswer, KeyRequest, RequestKeys } from "../runtime/signatures/signing-keys.js";

/** How long the sender's own address may take. The function waits three seconds for both. */
const patienceMilliseconds = 2_000;

/** The address at which the function asks for the public keys of senders. */
export interface SigningKeysEndpoint {
  /** `http://127.0.0.1:<port>` */
  readonly origin: string;
  /** Adds a key, a JSON Web Key with a `kid`, to those that a sender publishes at a URL. */
  publish(url: string, key: Readonly<Record<string, unknown>>): void;
  close(): Promise<void>;
}

/**
 * Answers with the keys of a sender and those that are published here: a token of `npm run send` is checked like the
 * sender's own, and the sender's own, which may reach this machine through a tunnel, is still believed.
 *
 * @param requestKeys asks the sender's own address
 */
export async function startSigningKeysEndpoint(requestKeys: RequestKeys): Promise<SigningKeysEndpoint> {
  const published = new Map<string, Readonly<Record<string, unknown>>[]>();

  const answerTo = async ({ url, body }: KeyRequest): Promise<KeyAnswer> => {
    const own = published.get(url) ?? [];
    if (body !== undefined) {
      const { key_id } = (parseJson(Buffer.from(body)) ?? {}) as { key_id?: unknown };
      const key = own.find(({ kid }) => kid === key_id);
      if (key !== undefined) return { status: 200, text: JSON.stringify({ key }) };
      return requestKeys({ url, body });
    }
    const theirs = await keysAt(url);
    return { status: 200, text: JSON.stringify({ keys: [...own, ...theirs] }) };
  };

  const keysAt = async (url: string): Promise<unknown[]> => {
    const late = sleep(patienceMilliseconds, undefined, { ref: false });
    // Without a network there are only the keys of this machine.
    const answer = await Promise.race([requestKeys({ url }).catch(() => undefined), late]);
    const { keys } = (answer === undefined ? {} : (parseJson(Buffer.from(answer.text)) ?? {})) as {
      keys?: unknown;
    };
    return Array.isArray(keys) ? keys : [];
  };

  const serve = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const url = new URL(request.url ?? "", "http://localhost").searchParams.get("url") ?? "";
    const body = request.method === "POST" ? { body: await text(request) } : {};
    const answer = await answerTo({ url, ...body }).catch((error: unknown) => ({
      status: 502,
      text: String(error),
    }));
    response.writeHead(answer.status, { "content-type": "application/json" }).end(answer.text);
  };

  const { origin, close } = await listenOnLoopback(
    createServer((request, response) => void serve(request, response)),
  );
  return {
    origin,
    publish: (url, key) => void published.set(url, [...(published.get(url) ?? []), key]),
    close,
  };
}
