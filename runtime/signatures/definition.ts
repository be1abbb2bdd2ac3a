/**
 * How a source proves that a webhook is its own, as plain data in the function's bundle. Providers and the schemes that a
 * stage describes itself become one of these before the bundle is built; `verify.ts` has the code for each kind.
 */
export type SignatureDefinition =
  | NoSignature
  | HmacSignature
  | PublicKeySignature
  | TokenSignature
  | BasicSignature
  | TwilioSignature
  | ContentfulSignature
  | AdyenSignature
  | PaypalSignature
  | BodyJwtSignature;

/** The source signs nothing; whoever knows the path is believed. */
export interface NoSignature {
  readonly kind: "none";
}

/** What schemes share that sign a text made from the request. */
export interface SignedText {
  /**
   * Header that carries the signature, lower case. Of several headers each may carry one, and any that fits is enough:
   * some providers sign with every active key at once.
   */
  readonly header?: string | readonly string[];
  /** Dotted path of the signature in a JSON body, instead of a header. */
  readonly json?: string;
  /** Splits the value into items, where it carries more than one (`,` for Stripe, a space for Standard Webhooks). */
  readonly separator?: string;
  /** What the item with the signature starts with: `sha256=`, `v1=`, `v1,`. Items that start otherwise are passed over. */
  readonly prefix?: string;
  readonly encoding: "hex" | "base64";
  /**
   * What is signed. The rest stands for itself.
   *
   * - `{body}`: the exact bytes
   * - `{timestamp}`: the signed time as the sender wrote it
   * - `{header:name}`, `{json:path}`: another value of the request
   * - `{method}`, `{url}`: the request's method, and `publicUrl`
   * - `{form}`: the fields of a form body, sorted by name, names and values one after the other
   */
  readonly content: string;
  /** Where the signed time stands, and how far it may lie from the receive time. */
  readonly timestamp?: TimestampDefinition;
  /** The URL that the sender posts to, byte for byte as the provider knows it; stands for `{url}`. */
  readonly publicUrl?: string;
}

/** A signed time. */
export interface TimestampDefinition {
  /** Header that carries it, lower case; with neither header nor JSON path it is an item beside the signature. */
  readonly header?: string;
  /** Dotted path in a JSON body. */
  readonly json?: string;
  /** What the item starts with (`t=`), where it stands among others. */
  readonly prefix?: string;
  readonly unit: "seconds" | "milliseconds" | "rfc3339";
  /**
   * Largest distance from the receive time, either way, in seconds. Absent: the time is signed and not judged, for
   * providers that name no window and may send the first time again with a retry.
   */
  readonly toleranceSeconds?: number;
}

/** A keyed hash over the request. */
export interface HmacSignature extends SignedText {
  readonly kind: "hmac";
  readonly hash: "sha1" | "sha256" | "sha512";
  /** How the stored secret becomes the key. */
  readonly key: {
    /** Taken off the secret's front before decoding (`whsec_`). */
    readonly prefix?: string;
    readonly encoding: "utf8" | "base64" | "hex";
  };
}

/** Signature algorithms with a public key. ECDSA signatures are DER, RSA ones PKCS #1 v1.5. */
export const publicKeyAlgorithms = ["ed25519", "ecdsa-p256-sha256", "rsa-sha256"] as const;
export type PublicKeyAlgorithm = (typeof publicKeyAlgorithms)[number];

/** A signature that everybody can check and only the source can make. */
export interface PublicKeySignature extends SignedText, PinnedKey {
  readonly kind: "public-key";
  readonly algorithm: PublicKeyAlgorithm;
}

/** The sender shows the secret itself. It proves nothing about the body. */
export interface TokenSignature {
  readonly kind: "token";
  /** Header that must equal the secret, lower case. */
  readonly header?: string;
  /** Query parameter that must equal the secret, instead of a header. */
  readonly query?: string;
  /** What stands before the secret (`Bearer `). */
  readonly prefix?: string;
}

/** `Authorization: Basic`; the secret is `user:password`. It proves nothing about the body. */
export interface BasicSignature {
  readonly kind: "basic";
}

/** Twilio's own: the URL and the sorted form fields, or the URL and a hash of the body in it. */
export interface TwilioSignature {
  readonly kind: "twilio";
  readonly publicUrl?: string;
}

/** Contentful's own: method, path, a list of headers and the body. */
export interface ContentfulSignature {
  readonly kind: "contentful";
  readonly publicUrl?: string;
  readonly toleranceSeconds: number;
}

/** Adyen's own for payments: each item of the body carries a signature of eight of its fields. */
export interface AdyenSignature {
  readonly kind: "adyen";
}

/** PayPal's own: ids, time and a checksum of the body; the stored secret is the certificate that PayPal signs with. */
export interface PaypalSignature {
  readonly kind: "paypal";
  /** PayPal's id of the webhook, which is signed and not sent. */
  readonly webhookId?: string;
}

/** A signed JSON Web Token in a header, one of whose claims is the base64 of the body's sha256. */
export interface BodyJwtSignature extends PinnedKey {
  readonly kind: "body-jwt";
  /** Header that carries the token, lower case. */
  readonly header: string;
  readonly claim: string;
}

interface PinnedKey {
  /** A public key is no secret, so the settings may hold it; absent: it is stored as the source's secret. */
  readonly publicKey?: string;
}

/** True for a scheme that needs a secret in Secrets Manager. */
export function needsSecret(signature: SignatureDefinition): boolean {
  return signature.kind !== "none" && pinnedKey(signature) === undefined;
}

/** The public key that the settings hold. */
export function pinnedKey(signature: SignatureDefinition): string | undefined {
  return "publicKey" in signature ? signature.publicKey : undefined;
}

/** True for a scheme that signs the URL, which only the settings know: proxies and custom domains change it on the way. */
export function signsUrl(signature: SignatureDefinition): boolean {
  if (signature.kind === "twilio" || signature.kind === "contentful") return true;
  return "content" in signature && signature.content.includes("{url}");
}

/**
 * Headers, lower case, whose value is the secret itself: whoever reads one can forge webhooks. They are checked and must
 * not be stored. A header with a signature is none of them; it proves one request and gives nothing else away.
 */
export function secretHeaders(signature: SignatureDefinition): readonly string[] {
  if (signature.kind === "basic") return ["authorization"];
  return signature.kind === "token" && signature.header !== undefined ? [signature.header] : [];
}

/** Query parameters whose value is the secret itself, as {@link secretHeaders}. */
export function secretQueryParameters(signature: SignatureDefinition): readonly string[] {
  return signature.kind === "token" && signature.query !== undefined ? [signature.query] : [];
}
