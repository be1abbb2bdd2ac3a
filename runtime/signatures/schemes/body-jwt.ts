import { createHash, createHmac, type KeyObject, verify } from "node:crypto";
import { parseJson } from "../../envelope/json.js";
import type { BodyJwtSignature } from "../definition.js";
import { algorithmOf, readPem } from "../public-keys.js";
import { readHeader } from "../request-values.js";
import {
  equalDigests,
  equalSecrets,
  isUnverified,
  type Scheme,
  SecretError,
  type SignedRequest,
  unverified,
} from "../scheme.js";
import { readKey } from "../stored-secret.js";

const hmacHashes = { HS256: "sha256", HS384: "sha384", HS512: "sha512" } as const;
const publicKeyAlgorithms = {
  EdDSA: "ed25519",
  ES256: "ecdsa-p256-sha256",
  RS256: "rsa-sha256",
} as const;

interface Token {
  readonly algorithm: string;
  readonly claims: Readonly<Record<string, unknown>>;
  /** The signed text: header and claims as they were sent. */
  readonly content: string;
  readonly signature: Buffer;
}

/**
 * A signed token in a header proves the body by a claim with its sha256, as FusionAuth does:
 * fusionauth.io/docs/extend/events-and-webhooks/signing. The kind of key decides which algorithms are accepted, never
 * the token alone. Otherwise an attacker could use a public key as the secret of an HMAC.
 */
export const bodyJwt: Scheme<BodyJwtSignature> = ({ header, claim }, request) => {
  const value = readHeader(header, request);
  if (isUnverified(value)) return value;
  const token = parseToken(value.trim());
  if (token === undefined) return unverified(`${header} does not contain a signed token`);

  const bodyHash = createHash("sha256").update(request.body).digest("base64");
  const claimed = token.claims[claim];
  if (typeof claimed !== "string" || !equalSecrets(claimed, bodyHash)) {
    return unverified(`the token's claim ${claim} is not the sha256 of the body`);
  }
  const problem = validityProblem(token.claims, request);
  if (problem !== undefined) return unverified(problem);
  return {
    mismatch: `${header} was not made with an active key of the source`,
    fits: (secret) => signedWith(secret, token),
  };
};

function signedWith(secret: string, { algorithm, content, signature }: Token): boolean {
  const key = readPem(secret);
  if (key !== undefined) return signedWithPublicKey(key, algorithm, content, signature);
  if (secret.trimStart().startsWith("-----BEGIN ")) {
    throw new SecretError(
      "a stored secret is not the PEM of a public key: store it again as the provider shows it",
    );
  }
  const hash = Object.entries(hmacHashes).find(([name]) => name === algorithm)?.[1];
  if (hash === undefined) return false;
  const digest = createHmac(hash, readKey(secret, { encoding: "utf8" }))
    .update(content)
    .digest();
  return equalDigests(signature, digest);
}

function signedWithPublicKey(key: KeyObject, algorithm: string, content: string, signature: Buffer): boolean {
  const ofKey = algorithmOf(key);
  if (ofKey === undefined) {
    throw new SecretError("a public key is neither ed25519, nor P-256, nor RSA of 2048 bits or more");
  }
  const named = Object.entries(publicKeyAlgorithms).find(([name]) => name === algorithm)?.[1];
  if (named !== ofKey) return false;
  // Tokens carry ECDSA signatures as two concatenated numbers: RFC 7518, section 3.4.
  const verifier = { key, dsaEncoding: "ieee-p1363" } as const;
  return verify(ofKey === "ed25519" ? null : "sha256", Buffer.from(content), verifier, signature);
}

/** FusionAuth's tokens carry no times. If a token has times, they are checked. */
function validityProblem(
  { exp, nbf }: Readonly<Record<string, unknown>>,
  { receivedAt }: SignedRequest,
): string | undefined {
  const now = receivedAt / 1000;
  if (exp !== undefined && !(typeof exp === "number" && now < exp)) return "the token had expired";
  if (nbf !== undefined && !(typeof nbf === "number" && nbf <= now)) return "the token was not valid yet";
  return undefined;
}

function parseToken(text: string): Token | undefined {
  const [header, claims, signature, ...others] = text.split(".");
  if (header === undefined || claims === undefined || !signature || others.length > 0) return undefined;
  if (!/^[A-Za-z0-9_.-]+$/.test(text)) return undefined;
  const head = parseObject(header);
  const body = parseObject(claims);
  if (head === undefined || body === undefined || typeof head.alg !== "string") return undefined;
  return {
    algorithm: head.alg,
    claims: body,
    content: `${header}.${claims}`,
    signature: Buffer.from(signature, "base64url"),
  };
}

function parseObject(part: string): Readonly<Record<string, unknown>> | undefined {
  const value = parseJson(Buffer.from(part, "base64url"));
  return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : undefined;
}
