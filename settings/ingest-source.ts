/** One sender, as the front door sees it. */
export interface IngestSource {
  /** `[a-z0-9-]{1,64}`; the last part of the path. */
  readonly name: string;

  /**
   * Requests a second, and at once, from which on this source is answered 429.
   *
   * @default the stage's own limits alone
   */
  readonly throttling?: { readonly requestsPerSecond: number; readonly burst: number } | undefined;

  /**
   * Addresses that the source sends from. Requests from others get 403.
   *
   * @default any address
   */
  readonly allowedCidrs?: readonly string[] | undefined;

  /**
   * Whether the source must send the API key that AWS makes for it, as `x-api-key`.
   *
   * @default false
   */
  readonly apiKey?: boolean | undefined;

  /**
   * JSON schema (draft 4) that bodies must fit; others are answered 400 and not kept. Needs the text body mode, and admits
   * `application/json` alone, because API Gateway lets other types pass unchecked.
   *
   * @default no check
   */
  readonly edgeSchema?: object | undefined;

  /**
   * On a FIFO queue: whose order is kept. Webhooks without the value are ordered among all of the source's.
   *
   * @default all of the source's webhooks are one group
   */
  readonly orderBy?: IdExpression | undefined;

  /**
   * On a FIFO queue: by what SQS drops a repetition within five minutes, if the body is the same as well. Webhooks without
   * the value are never dropped.
   *
   * @default nothing is dropped by SQS; the history makes each event once in any case
   */
  readonly deduplicateBy?: IdExpression | undefined;

  /** Answers the provider's question whether the address is ours, without code. */
  readonly handshake?: Handshake | undefined;
}

/** A value of a request: of a header, at a path in a JSON body, or always the same. */
export type IdExpression = `header:${string}` | `json:${string}` | `constant:${string}`;

/**
 * - `meta`: a GET with `hub.verify_token` is answered with `hub.challenge`, if the token is the stage's own:
 *   developers.facebook.com/docs/graph-api/webhooks/getting-started
 * - `slack`: a POST of type `url_verification` is answered with its `challenge`, and queued like any other:
 *   docs.slack.dev/reference/events/url_verification
 */
export type Handshake = { readonly kind: "meta"; readonly verifyToken: string } | { readonly kind: "slack" };

/**
 * How bodies reach the queue.
 *
 * - `bytes`: exactly, whatever they are.
 * - `text`: as UTF-8 text; bytes that are none are lost, and an empty body cannot be told from `{}`. Only this lets API
 *   Gateway check bodies against a schema.
 */
export type BodyMode = "bytes" | "text";

/** What may stand in a template without being taken for a part of its language. */
export const idExpression =
  /^(header:[A-Za-z0-9_-]+|json:[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]+)*|constant:[A-Za-z0-9_-]{1,100})$/;

/** As {@link idExpression}, for the token of a handshake. */
export const verifyToken = /^[A-Za-z0-9_-]{8,128}$/;
