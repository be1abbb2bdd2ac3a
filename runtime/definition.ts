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

/** A value in a webhook: `header:x-github-delivery`, or `json:data.object.id` in a JSON body. */
export type Locator = `header:${string}` | `json:${string}`;

/** How a source proves that a webhook is its own. Presets are resolved to one of these before the bundle is built. */
export type SignatureDefinition = NoSignature | HmacSignature;

/** The source signs nothing; whoever knows the path is believed. */
export interface NoSignature {
  readonly kind: "none";
}

/** A keyed hash over the request, in a header. */
export interface HmacSignature {
  readonly kind: "hmac";
  readonly hash: "sha1" | "sha256" | "sha512";
  readonly encoding: "hex" | "base64";
  /** Header that carries the signature, lower case. */
  readonly header: string;
  /** Splits the header into items, where it carries more than one (`,` for Stripe, a space for Standard Webhooks). */
  readonly separator?: string;
  /** What the item with the digest starts with: `sha256=`, `v1=`, `v1,`. Items that start otherwise are passed over. */
  readonly prefix?: string;
  /**
   * What is signed: `{body}`, `{timestamp}` and `{header:name}` stand for the request's own bytes, the rest for itself.
   * Default in settings: `{body}`.
   */
  readonly content: string;
  /** Where the signed time stands, and how far it may lie from the receive time. */
  readonly timestamp?: TimestampDefinition;
  /** How the stored secret becomes the key. */
  readonly key: {
    /** Taken off the secret's front before decoding (`whsec_`). */
    readonly prefix?: string;
    readonly encoding: "utf8" | "base64" | "hex";
  };
}

/** A signed time. */
export interface TimestampDefinition {
  /** Header that carries it, lower case; absent: an item of the signature's header. */
  readonly header?: string;
  /** What the item starts with (`t=`), where it stands among others. */
  readonly prefix?: string;
  readonly unit: "seconds" | "milliseconds";
  /** Largest distance from the receive time, either way, in seconds. */
  readonly toleranceSeconds: number;
}

/** True for a scheme that needs a secret in Secrets Manager. */
export function needsSecret(signature: SignatureDefinition): boolean {
  return signature.kind !== "none";
}
