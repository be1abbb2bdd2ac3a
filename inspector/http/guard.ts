import { createHash, timingSafeEqual } from "node:crypto";
import type { IncomingHttpHeaders } from "node:http";
import { RefusedRequest } from "../refusal.js";

/** What a request is judged by. */
export interface GuardedRequest {
  readonly method: string;
  readonly isApi: boolean;
  readonly headers: IncomingHttpHeaders;
}

/**
 * Lets only the inspector's own page in.
 *
 * - `Host` must be this machine's own name for the server. A page of another site that has its name resolved to 127.0.0.1 (DNS
 *   rebinding) sends its own.
 * - `Origin`, which browsers send with every POST, must be the page's own.
 * - The API wants the token, in a header that no other site's page can send without being asked for leave (CORS), which it never is.
 *
 * @param port that the server listens on
 * @throws RefusedRequest for any other request
 */
export function guard({ method, isApi, headers }: GuardedRequest, port: number, token: string): void {
  const hosts = [`127.0.0.1:${port}`, `localhost:${port}`];
  if (!hosts.includes(headers.host ?? "")) {
    throw new RefusedRequest(
      403,
      "the inspector answers only to its own address",
      `http://127.0.0.1:${port}`,
    );
  }
  if (headers.origin !== undefined && headers.origin !== `http://${headers.host}`) {
    throw new RefusedRequest(403, "another page must not ask the inspector");
  }
  if (!isApi) {
    if (method !== "GET" && method !== "HEAD") throw new RefusedRequest(405, "the page is only read: GET");
    return;
  }
  if (method !== "POST") throw new RefusedRequest(405, "every call is a POST");
  // Not sent by programs, which are let in by the token alone.
  if (![undefined, "same-origin"].includes(headers["sec-fetch-site"] as string | undefined)) {
    throw new RefusedRequest(403, "another page must not ask the inspector");
  }
  const [, given = ""] = /^Bearer (\S+)$/.exec(headers.authorization ?? "") ?? [];
  if (!isSame(given, token)) {
    throw new RefusedRequest(
      401,
      given === "" ? "the token is missing" : "the token is not that of this start",
      "open the address that was printed at the start: the token is in it",
    );
  }
  if (!/^application\/json *(;|$)/i.test(headers["content-type"] ?? "")) {
    throw new RefusedRequest(415, "the body must be application/json");
  }
}

/** Compares without telling by the time it takes how much is right. */
function isSame(one: string, other: string): boolean {
  const digest = (text: string) => createHash("sha256").update(text).digest();
  return timingSafeEqual(digest(one), digest(other));
}
