import type { SignatureDefinition } from "./signatures/definition.js";

export { needsSecret, type SignatureDefinition } from "./signatures/definition.js";

/**
 * What the deployed function knows of the stage: written into its bundle when the program runs, so that a change of
 * settings is a change of code, reviewed and rolled back like one. Names that AWS gives (queue URL, table, secrets) come
 * from the environment instead, see `environment.ts`.
 */
export interface ProcessorDefinition {
  /** The sources whose webhooks this function takes. */
  readonly sources: readonly SourceDefinition[];
  /** How long the function may run, in seconds; a claim's lease outlives it. */
  readonly timeoutSeconds: number;
  /** Webhooks of one batch worked on at the same time. */
  readonly concurrency: number;
  /** How long a webhook is remembered, in days. */
  readonly historyTtlDays: number;
  /** Delay of a failed webhook's next delivery. */
  readonly backoff: BackoffDefinition;
}

/** Exponential delay with full jitter: a random time up to `min(maxSeconds, baseSeconds × 2^(deliveries − 1))`. */
export interface BackoffDefinition {
  readonly baseSeconds: number;
  readonly maxSeconds: number;
}

/** One sender, as the function sees it. */
export interface SourceDefinition {
  /** `[a-z0-9-]{1,64}`; the last part of the path the sender posts to. */
  readonly name: string;
  readonly signature: SignatureDefinition;
  /**
   * Where the sender's own id of the event is found; the first that is present counts. With none present the id is the
   * sha256 of the raw body.
   */
  readonly eventId: readonly Locator[];
}

/**
 * A value in a webhook: `header:x-github-delivery`, or `json:data.object.id` in a JSON body.
 *
 * `request-id` is the gateway's id of the request: each request is its own event and nothing a sender repeats is known
 * again. For senders whose equal bodies are different events, where a hash would drop the second.
 */
export type Locator = `header:${string}` | `json:${string}` | "request-id";
