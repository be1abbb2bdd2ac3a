/** One sender of webhooks to an HTTP API. */
export interface HttpIngestSource {
  /** `[a-z0-9-]{1,64}`; the last segment of the path. */
  readonly name: string;

  /**
   * What messages call the source, so that a renamed one is still known to the history.
   *
   * @default its name
   */
  readonly key?: string | undefined;

  /**
   * Earlier names, whose paths go on answering.
   *
   * @default none
   */
  readonly formerNames?: readonly string[] | undefined;

  /**
   * Headers that the message carries, in lower case: those that the source's signature, event id and handler need. An
   * HTTP API passes on none by itself. `content-type` is always carried.
   */
  readonly headers: readonly string[];

  /**
   * Query parameters that the message carries.
   *
   * @default none
   */
  readonly queryParameters?: readonly string[];

  /**
   * Requests a second and burst size above which this source gets 429.
   *
   * @default only the stage's limits
   */
  readonly throttling?: { readonly requestsPerSecond: number; readonly burst: number } | undefined;
}

/**
 * A name that is valid in a selection expression and in an attribute's name. SQS accepts no others in attributes, and
 * dots have a meaning in expressions.
 */
export const carriedName = /^[A-Za-z0-9_-]{1,200}$/;

/** The headers and query parameters that a message of the source carries, each once. */
export function carriedValues({ headers, queryParameters = [] }: HttpIngestSource): {
  readonly headers: readonly string[];
  readonly query: readonly string[];
} {
  return { headers: [...new Set(["content-type", ...headers])], query: [...new Set(queryParameters)] };
}
