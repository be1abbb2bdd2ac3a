import type { Draft } from "./draft.js";
import { SampleError } from "./sample-error.js";
import type { SenderKeys } from "./sender-keys.js";

/** What a signature needs besides its definition. */
export interface Signing {
  /** The request, which gets the signature. */
  readonly draft: Draft;
  readonly keys: SenderKeys;
  /** The URL that is posted to. */
  readonly url: string;
  /** A text that no other sample has, for signed values that nobody has set. */
  readonly id: string;
  /** When it is signed, in epoch milliseconds. */
  readonly now: number;
}

/** The secret that is shared. */
export function secretOf({ keys: { secret } }: Signing): string {
  if (secret === undefined) throw new SampleError("the sender has no secret to sign with");
  return secret;
}

/** PEM of the private key. */
export function privateKeyOf({ keys: { privateKey } }: Signing): string {
  if (privateKey !== undefined) return privateKey;
  throw new SampleError(
    "the source checks with a public key, and only the owner of the private key can sign: use the provider's own test events",
  );
}
