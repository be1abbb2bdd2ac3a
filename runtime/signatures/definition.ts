import type { Locator } from "../envelope/locator.js";

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
  | JwtSignature;

/** The source signs nothing. Every request to the path is accepted. */
export interface NoSignature {
  readonly kind: "none";
}

/** What schemes share that sign a text made from the request. */
export interface SignedText {
  /**
   * Header that carries the signature, in lower case. If there are several headers, each may carry a signature, and one
   * that fits is enough: some providers sign with every active key.
   */
  readonly header?: string | readonly string[];
  /** Dotted path of the signature in a JSON body, instead of a header. */
  readonly json?: string;
  /** Field of a form that contains the signature, instead of a header. */
  readonly form?: string;
  /** Query parameter that contains the signature, instead of a header. */
  readonly query?: string;
  /** Separator of the value's items, if it has more than one (`,` for Stripe, a space for Standard Webhooks). */
  readonly separator?: string;
  /** Prefix of the item with the signature: `sha256=`, `v1=`, `v1,`. Items without it are ignored. */
  readonly prefix?: string;
  readonly encoding: "hex" | "base64";
  /**
   * The text that is signed. All other characters are literal.
   *
   * - `{body}`: the exact bytes
   * - `{timestamp}`: the signed time as the sender wrote it
   * - `{header:name}`, `{query:name}`, `{json:path}`, `{form:name}`: another value of the request
   * - `{method}`, `{url}`: the request's method, and `publicUrl`
   * - `{form}`: the fields of a form body, sorted by name, names and values concatenated
   */
  readonly content: string;
  /** Where the signed time is, and how much it may differ from the receive time. */
  readonly timestamp?: TimestampDefinition;
  /** The URL that the sender posts to, byte for byte as the provider knows it. It replaces `{url}`. */
  readonly publicUrl?: string;
}

/** A signed time. */
export interface TimestampDefinition {
  /** Header that carries it, in lower case. With no place at all, it is another item of the signature's value. */
  readonly header?: string;
  /** Dotted path in a JSON body. */
  readonly json?: string;
  /** Field of a form. */
  readonly form?: string;
  /** Query parameter. */
  readonly query?: string;
  /** Prefix of the item (`t=`), if it is one of several. */
  readonly prefix?: string;
  readonly unit: "seconds" | "milliseconds" | "rfc3339";
  /**
   * Largest difference from the receive time, in either direction, in seconds. Absent: the time is signed but not
   * judged. That is for providers which name no window and may send the time of the first try with a retry.
   */
  readonly toleranceSeconds?: number;
}

/** A keyed hash over the request. */
export interface HmacSignature extends SignedText {
  readonly kind: "hmac";
  readonly hash: "sha1" | "sha256" | "sha512";
  /** How the key is made from the stored secret. */
  readonly key: {
    /** Prefix that is removed from the secret before decoding (`whsec_`). */
    readonly prefix?: string;
    readonly encoding: "utf8" | "base64" | "hex";
  };
}

/** Signature algorithms with a public key. ECDSA signatures are DER, RSA ones PKCS #1 v1.5. */
export const publicKeyAlgorithms = ["ed25519", "ecdsa-p256-sha256", "rsa-sha256"] as const;
export type PublicKeyAlgorithm = (typeof publicKeyAlgorithms)[number];

/** A signature with a private key, which everybody can check and only the source can make. */
export interface PublicKeySignature extends SignedText, PinnedKey {
  readonly kind: "public-key";
  readonly algorithm: PublicKeyAlgorithm;
}

/** The sender sends the secret itself. It proves nothing about the body. */
export interface TokenSignature {
  readonly kind: "token";
  /** Header that must equal the secret, in lower case. */
  readonly header?: string;
  /** Query parameter that must equal the secret, instead of a header. */
  readonly query?: string;
  /** Text in front of the secret (`Bearer `). */
  readonly prefix?: string;
}

/** `Authorization: Basic`; the secret is `user:password`. It proves nothing about the body. */
export interface BasicSignature {
  readonly kind: "basic";
}

/** Twilio's scheme: the URL and the sorted form fields, or the URL with a hash of the body in it. */
export interface TwilioSignature {
  readonly kind: "twilio";
  readonly publicUrl?: string;
}

/** Contentful's scheme: method, path, a list of headers and the body. */
export interface ContentfulSignature {
  readonly kind: "contentful";
  readonly publicUrl?: string;
  readonly toleranceSeconds: number;
}

/** Adyen's scheme for payments: each item of the body carries a signature of eight of its fields. */
export interface AdyenSignature {
  readonly kind: "adyen";
}

/**
 * PayPal's scheme: ids, time and a checksum of the body. The stored secret is the certificate that PayPal signs with.
 */
export interface PaypalSignature {
  readonly kind: "paypal";
  /** PayPal's id of the webhook, which is signed but not sent. */
  readonly webhookId?: string;
}

/** Signature algorithms of JSON Web Tokens: RFC 7518, section 3.1, and RFC 8037. */
export const jwtAlgorithms = [
  "HS256",
  "HS384",
  "HS512",
  "RS256",
  "RS384",
  "RS512",
  "PS256",
  "PS384",
  "PS512",
  "ES256",
  "ES384",
  "ES512",
  "EdDSA",
] as const;
export type JwtAlgorithm = (typeof jwtAlgorithms)[number];

/** A signed JSON Web Token: RFC 7519. */
export interface JwtSignature extends PinnedKey {
  readonly kind: "jwt";
  /** Header that carries the token, in lower case. */
  readonly header?: string;
  /** Text in front of the token in the header (`Bearer `). */
  readonly prefix?: string;
  /** Name of a member of a JSON body with a list of tokens, instead of a header. All of them must be genuine. */
  readonly json?: string;
  /** The algorithms that are accepted. Which of them fit is also a matter of the key, never of the token alone. */
  readonly algorithms: readonly JwtAlgorithm[];
  /** Where the public keys are. Absent: the settings or the source's secret contain the key. */
  readonly keys?: SigningKeySource;
  /** The issuers (`iss`) of which the token must have one. Absent: not checked. */
  readonly issuer?: string | readonly string[];
  /** The audiences (`aud`) of which the token must have one. Absent: not checked. */
  readonly audience?: string | readonly string[];
  /** Further claims that the token must have with these values. */
  readonly claims?: readonly ExpectedClaim[];
  /** The claim that contains the sha256 of the body. Absent: the token proves nothing about the body. */
  readonly bodyHash?: { readonly claim: string; readonly encoding: "hex" | "base64" | "base64url" };
  /**
   * Largest difference between the time of issue (`iat`) and the receive time, in either direction, in seconds. Absent:
   * it is not checked. Expiry (`exp`) and start (`nbf`) always are.
   */
  readonly toleranceSeconds?: number;
  /** What only the stage knows of a provider's tokens. The settings insist on it and add it to the above. */
  readonly needs?: readonly ("issuer" | "audience" | "serviceAccount")[];
}

/** A claim with the value that a token must have for it. */
export interface ExpectedClaim {
  /** The claim's name, or several of which the token must have one. */
  readonly name: string | readonly string[];
  readonly value: string | number | boolean;
}

/** Where public keys are fetched from. Only the settings name such an address, never a request. */
export interface SigningKeySource {
  /** `https://…` */
  readonly url: string;
  /** A JSON Web Key Set by GET (RFC 7517, section 5), or Plaid's way: each key by its id, with the source's secret. */
  readonly kind: "key-set" | "plaid";
}

interface PinnedKey {
  /** A public key is not secret, so the settings may contain it. Absent: it is stored as the source's secret. */
  readonly publicKey?: string;
}

/** Whether a scheme needs a secret in Secrets Manager. */
export function needsSecret(signature: SignatureDefinition): boolean {
  if (signature.kind === "jwt" && signature.keys?.kind === "key-set") return false;
  return signature.kind !== "none" && pinnedKey(signature) === undefined;
}

/** The public key from the settings. */
export function pinnedKey(signature: SignatureDefinition): string | undefined {
  return "publicKey" in signature ? signature.publicKey : undefined;
}

/** Whether a scheme signs a time. */
export function signsTime(signature: SignatureDefinition): boolean {
  if (signature.kind === "contentful") return true;
  return "timestamp" in signature && signature.timestamp !== undefined;
}

/**
 * Whether a scheme signs the URL. Only the settings know the URL, because proxies and custom domains change it on the
 * way.
 */
export function signsUrl(signature: SignatureDefinition): boolean {
  if (signature.kind === "twilio" || signature.kind === "contentful") return true;
  return "content" in signature && signature.content.includes("{url}");
}

/**
 * Headers, in lower case, whose value is the secret itself: anybody who reads one can forge webhooks. They are checked
 * and must not be stored. A header with a signature is not among them, because it proves one request and reveals
 * nothing else.
 */
export function secretHeaders(signature: SignatureDefinition): readonly string[] {
  if (signature.kind === "basic") return ["authorization"];
  // Whoever reads a token that is bound to no body can send it with another one, until it expires.
  if (signature.kind === "jwt" && signature.header !== undefined && signature.bodyHash === undefined) {
    return [signature.header];
  }
  return signature.kind === "token" && signature.header !== undefined ? [signature.header] : [];
}

/** Query parameters whose value is the secret itself, like {@link secretHeaders}. */
export function secretQueryParameters(signature: SignatureDefinition): readonly string[] {
  return signature.kind === "token" && signature.query !== undefined ? [signature.query] : [];
}

/** The places of a signature or a signed time, as locators. */
export function locatorsOf({
  header = [],
  query,
  json,
  form,
}: {
  readonly header?: string | readonly string[];
  readonly query?: string;
  readonly json?: string;
  readonly form?: string;
}): readonly Locator[] {
  return [
    ...[header].flat().map((name): Locator => `header:${name}`),
    ...(query === undefined ? [] : [`query:${query}` as const]),
    ...(json === undefined ? [] : [`json:${json}` as const]),
    ...(form === undefined ? [] : [`form:${form}` as const]),
  ];
}

/** The values of the request that a signed text contains, as locators. */
export function locatorsIn(content: string): readonly Locator[] {
  return [...content.matchAll(/\{((?:header|query|json|form):[^}]+)\}/g)].map(
    ([, locator]) => locator as Locator,
  );
}
