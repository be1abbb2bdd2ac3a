import { timingSafeEqual } from "node:crypto";
import type { Envelope } from "../envelope/envelope.js";
import { sha256 } from "../envelope/sha256.js";

/** The parts of a request that schemes use. */
export type SignedRequest = Pick<Envelope, "method" | "headers" | "query" | "body" | "receivedAt">;

/** Whether a webhook is genuine. */
export type Verification = { readonly verified: true } | Unverified;

export interface Unverified {
  readonly verified: false;
  /** For people. It repeats neither the signature nor the secret. */
  readonly reason: string;
  /** The signature is well formed and in its time window, but made with another secret. A newer secret might fit. */
  readonly otherSecret: boolean;
}

/** A request that is genuine if one of the secrets fits. */
export interface Check {
  /**
   * Returns true if the request was signed with this secret, false if another secret may fit, or else what no secret
   * could fix.
   *
   * @throws SecretError if the secret cannot be used at all
   */
  fits(secret: string): Fit | Promise<Fit>;
  /** The reason if no secret fits. */
  readonly mismatch: string;
  /**
   * What to store as the secret, after "store ". A secret that does not fit and has the form of no secret at all is then
   * refused. Absent: `fits` judges the form itself.
   */
  readonly secretForm?: string;
  /** Ids of the keys that the request says it was signed with. Absent: the scheme knows no such ids. */
  readonly keyIds?: readonly string[];
}

export type Fit = boolean | Unverified;

/**
 * A way to sign. It reads the request and returns what is wrong with it or how to try a secret. Anybody may have
 * written the request, so it must not make the scheme throw.
 */
export type Scheme<Definition> = (definition: Definition, request: SignedRequest) => Check | Unverified;

/**
 * The error for a stored secret that cannot be a key. Somebody has to fix the secret; it is not the webhook's fault.
 */
export class SecretError extends Error {
  override readonly name = "SecretError";
}

/** A request that fits no secret. */
export function unverified(reason: string): Unverified {
  return { verified: false, reason, otherSecret: false };
}

/** Distinguishes problems from values. */
export function isUnverified(value: unknown): value is Unverified {
  return typeof value === "object" && value !== null && "verified" in value && value.verified === false;
}

/** Compares digests in a time that does not reveal where they differ. */
export function equalDigests(left: Buffer, right: Buffer): boolean {
  return left.length === right.length && timingSafeEqual(left, right);
}

/** Compares secrets in a time that reveals neither where they differ nor how long they are. */
export function equalSecrets(left: string | Buffer, right: string | Buffer): boolean {
  return timingSafeEqual(Buffer.from(sha256(left)), Buffer.from(sha256(right)));
}
