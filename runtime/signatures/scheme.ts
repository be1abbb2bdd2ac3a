import { timingSafeEqual } from "node:crypto";
import type { Envelope } from "../envelope/envelope.js";
import { sha256 } from "../envelope/sha256.js";

/** What a scheme looks at. */
export type SignedRequest = Pick<Envelope, "method" | "headers" | "query" | "body" | "receivedAt">;

/** Whether a webhook is the source's own. */
export type Verification = { readonly verified: true } | Unverified;

export interface Unverified {
  readonly verified: false;
  /** For people; repeats neither the signature nor the secret. */
  readonly reason: string;
  /** The signature is well formed and in time, but made with another secret: a newer one might fit. */
  readonly otherSecret: boolean;
}

/** A request that could be the source's own, if one of the secrets fits. */
export interface Check {
  /**
   * True if the request was made with this secret.
   *
   * @throws SecretError if the secret cannot be used at all
   */
  fits(secret: string): boolean;
  /** What to say if no secret fits. */
  readonly mismatch: string;
}

/**
 * A way to sign. It reads the request, which may be anybody's work and must not make it throw, and says what is wrong
 * with it or how to try a secret on it.
 */
export type Scheme<Definition> = (definition: Definition, request: SignedRequest) => Check | Unverified;

/** A stored secret that cannot be a key. Somebody has to mend it, so the webhook is not the one to blame. */
export class SecretError extends Error {
  override readonly name = "SecretError";
}

/** A request that no secret can make good. */
export function unverified(reason: string): Unverified {
  return { verified: false, reason, otherSecret: false };
}

/** Tells problems from values. */
export function isUnverified(value: unknown): value is Unverified {
  return typeof value === "object" && value !== null && "verified" in value && value.verified === false;
}

/** Compares digests, in a time that does not tell where they differ. */
export function equalDigests(left: Buffer, right: Buffer): boolean {
  return left.length === right.length && timingSafeEqual(left, right);
}

/** Compares secrets, in a time that tells neither where they differ nor how long they are. */
export function equalSecrets(left: string | Buffer, right: string | Buffer): boolean {
  return timingSafeEqual(Buffer.from(sha256(left)), Buffer.from(sha256(right)));
}
