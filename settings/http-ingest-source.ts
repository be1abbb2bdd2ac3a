import { mostAttributes } from "../runtime/envelope/http-api-message.js";

/** One sender, as an HTTP API sees it. */
export interface HttpIngestSource {
  /** `[a-z0-9-]{1,64}`; the last part of the path. */
  readonly name: string;

  /**
   * Headers that the queue carries, lower case: what the source's signature, event id and handler go by. An HTTP API passes
   * none on by itself. `content-type` is carried always.
   */
  readonly headers: readonly string[];

  /**
   * Query parameters that the queue carries.
   *
   * @default none
   */
  readonly queryParameters?: readonly string[];

  /**
   * Requests a second, and at once, from which on this source is answered 429.
   *
   * @default the stage's own limits alone
   */
  readonly throttling?: { readonly requestsPerSecond: number; readonly burst: number } | undefined;
}

/**
 * A name that may stand in a selection expression and in an attribute's name. SQS takes no others in attributes, and dots
 * have a meaning in expressions.
 */
export const carriedName = /^[A-Za-z0-9_-]{1,200}$/;

/** Headers that a message of the source carries, each once. */
export function carriedHeaders({ headers }: Pick<HttpIngestSource, "headers">): string[] {
  return [...new Set(["content-type", ...headers])];
}

/** Headers and query parameters that a message has room for, besides its gateway's own attribute. */
export const mostCarriedValues = mostAttributes - 1;

/** How many headers and query parameters a message of the source carries. */
export function carriedValues(source: Pick<HttpIngestSource, "headers" | "queryParameters">): number {
  return carriedHeaders(source).length + (source.queryParameters ?? []).length;
}
