import { request as httpRequest, type RequestOptions } from "node:http";
import { request as httpsRequest } from "node:https";
import { PrivateAddressError, publicLookup, refusePrivateHost } from "../network/address-guard.js";
import type { KeyAnswer, KeyRequest, RequestKeys } from "./signing-keys.js";

/** How long the request may take. */
const timeoutMilliseconds = 3_000;

/** Most bytes of an answer. The largest key sets in use have some 30 KB. */
const mostBytes = 256 * 1024;

/**
 * Makes the request for keys. It reaches addresses on the public internet only, over HTTPS only. Redirects are not followed,
 * so that the address in the settings is the only one that is believed.
 *
 * @param allowPrivateNetwork for a server on this machine, over HTTP
 */
export function createRequestKeys({ allowPrivateNetwork = false } = {}): RequestKeys {
  return async ({ url: address, body }: KeyRequest): Promise<KeyAnswer> => {
    const url = new URL(address);
    if (!allowPrivateNetwork && url.protocol !== "https:")
      throw new Error("only https: addresses are allowed");
    const options: RequestOptions = {
      method: body === undefined ? "GET" : "POST",
      headers: {
        accept: "application/json",
        ...(body === undefined
          ? {}
          : { "content-type": "application/json", "content-length": Buffer.byteLength(body) }),
      },
      signal: AbortSignal.timeout(timeoutMilliseconds),
      ...(allowPrivateNetwork ? {} : { lookup: publicLookup }),
    };
    try {
      if (!allowPrivateNetwork) refusePrivateHost(url.hostname);
      return await answerTo(url, options, body);
    } catch (error) {
      if (!(error instanceof PrivateAddressError)) throw error;
      throw new Error(`${url.hostname} has no address on the public internet`, { cause: error });
    }
  };
}

/**
 * Asks a server on this machine for what is at an address, with the address as its query parameter `url`.
 *
 * @param origin `http://127.0.0.1:<port>`
 */
export function requestKeysFrom(origin: string): RequestKeys {
  const request = createRequestKeys({ allowPrivateNetwork: true });
  return ({ url, ...rest }) => request({ url: `${origin}/?${new URLSearchParams({ url })}`, ...rest });
}

function answerTo(url: URL, options: RequestOptions, body: string | undefined): Promise<KeyAnswer> {
  const { promise, resolve, reject } = Promise.withResolvers<KeyAnswer>();
  const send = url.protocol === "https:" ? httpsRequest : httpRequest;
  const request = send(url, options, async (response) => {
    try {
      const chunks: Buffer[] = [];
      let bytes = 0;
      for await (const chunk of response as AsyncIterable<Buffer>) {
        bytes += chunk.length;
        if (bytes > mostBytes) throw new Error(`the answer has more than ${mostBytes} bytes`);
        chunks.push(chunk);
      }
      resolve({ status: response.statusCode ?? 0, text: Buffer.concat(chunks).toString("utf8") });
    } catch (error) {
      reject(error);
    }
  });
  request.on("error", reject);
  request.end(body);
  return promise;
}
