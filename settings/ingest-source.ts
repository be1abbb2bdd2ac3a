import type { Handshake } from "./handshake.js";

/** One sender of webhooks to the REST API. */
export interface IngestSource {
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
   * Requests a second and burst size above which this source gets 429.
   *
   * @default only the stage's limits
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
   * JSON schema (draft 4) that bodies must fit. Others get 400 and are not kept. It needs the text body mode and allows
   * only `application/json`, because API Gateway does not check other types.
   *
   * @default no check
   */
  readonly edgeSchema?: object | undefined;

  /**
   * On a FIFO queue: the value that identifies the group whose order is kept. Webhooks without the value form one
   * group.
   *
   * @default all webhooks of the source are one group
   */
  readonly orderBy?: IdExpression | undefined;

  /**
   * On a FIFO queue: the value by which SQS recognises a repetition within five minutes and drops it, if its body is
   * also the same. A list is several values that identify it together. Webhooks without one of them are never dropped,
   * and with a constant those without a body.
   *
   * @default SQS drops nothing; the history still handles each event once
   */
  readonly deduplicateBy?: IdExpression | readonly IdExpression[] | undefined;

  /** Answers the provider's handshake, which asks whether the URL is ours, without code. */
  readonly handshake?: Handshake | undefined;
}

/** The name of a source in messages and in the names of its resources. */
export function keyOf({ name, key = name }: Pick<IngestSource, "name" | "key">): string {
  return key;
}

/**
 * Paths that lead to a source, the present one first.
 *
 * @param prefixes with the present one first
 */
export function pathsOf(
  { name, formerNames = [] }: Pick<IngestSource, "name" | "formerNames">,
  prefixes: readonly string[],
): string[] {
  return prefixes.flatMap((prefix) => [name, ...formerNames].map((part) => `/${prefix}/${part}`));
}

/** A value of a request: from a header, from the query, from a path in a JSON body, or constant. */
export type IdExpression = `header:${string}` | `query:${string}` | `json:${string}` | `constant:${string}`;

/**
 * How bodies reach the queue.
 *
 * - `bytes`: every byte exactly.
 * - `text`: as UTF-8 text. Other bytes are lost, and an empty body cannot be told from `{}`. Only this mode lets API
 *   Gateway check bodies against a schema.
 */
export type BodyMode = "bytes" | "text";

/** Texts that are safe in a template, because they contain nothing of its language. */
export const idExpression =
  /^((header|query):[A-Za-z0-9_-]+|json:[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]+)*|constant:[A-Za-z0-9_-]{1,100})$/;
