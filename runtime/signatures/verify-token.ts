import type { KeyObject } from "node:crypto";
import {
  createLocalJWKSet,
  errors,
  type JSONWebKeySet,
  type JWTPayload,
  type JWTVerifyOptions,
  jwtVerify,
} from "jose";
import { parseJson } from "../envelope/json.js";
import type { JwtAlgorithm, JwtSignature } from "./definition.js";
import { algorithmsOfKey, readPem } from "./public-keys.js";
import { type Fit, SecretError, type SignedRequest, type Unverified, unverified } from "./scheme.js";
import { refuseWrongForm } from "./stored-secret.js";

/** A token whose form is right. Nobody has checked its signature. */
export interface Token {
  /** The token as it was sent. */
  readonly text: string;
  readonly algorithm: JwtAlgorithm;
  readonly keyId?: string;
  readonly claims: Readonly<Record<string, unknown>>;
}

/** How much the clocks of sender and gateway may differ when a token starts to be valid or expires. */
const clockSkewSeconds = 60;

/**
 * Checks a token's signature and claims. The kind of key decides which algorithms are accepted, never the token alone.
 * Otherwise an attacker could use a public key as the secret of an HMAC.
 *
 * @param key a JSON Web Key Set, PEM of a public key or a certificate, or the secret of an HMAC
 * @throws SecretError for a key that is none of these
 */
export async function verifyToken(
  token: Token,
  key: string,
  definition: JwtSignature,
  request: SignedRequest,
): Promise<Fit> {
  const { issuer, audience, bodyHash, toleranceSeconds, claims = [] } = definition;
  const options = {
    algorithms: [token.algorithm],
    currentDate: new Date(request.receivedAt),
    clockTolerance: clockSkewSeconds,
    ...(issuer === undefined ? {} : { issuer: [issuer].flat() }),
    ...(audience === undefined ? {} : { audience: [audience].flat() }),
    // Without any bound such a token would be valid for ever.
    requiredClaims: bodyHash === undefined && toleranceSeconds === undefined ? ["exp"] : [],
  };
  const material = readKeyMaterial(key, token, definition);
  if (material === undefined) return false;
  try {
    const payload = await verifiedPayload(token.text, material, options);
    const expired = keyExpiry(token, material);
    if (expired !== undefined && request.receivedAt / 1000 > expired) {
      return unverified(
        `the token's key expired ${Math.ceil(request.receivedAt / 1000 - expired)} s before the receive time`,
      );
    }
    for (const { name, value } of claims) {
      const names = [name].flat();
      if (!names.some((candidate) => payload[candidate] === value)) {
        return unverified(`the token's claim ${names.join(" or ")} is not ${value}`);
      }
    }
    return true;
  } catch (error) {
    return fitOf(error, material.kind === "set" && token.keyId !== undefined, definition, request);
  }
}

type KeyMaterial =
  | { readonly kind: "set"; readonly set: JSONWebKeySet }
  | { readonly kind: "key"; readonly key: KeyObject | Uint8Array };

async function verifiedPayload(
  text: string,
  material: KeyMaterial,
  options: JWTVerifyOptions,
): Promise<JWTPayload> {
  if (material.kind === "key") return (await jwtVerify(text, material.key, options)).payload;
  try {
    return (await jwtVerify(text, createLocalJWKSet(material.set), options)).payload;
  } catch (error) {
    if (!(error instanceof errors.JWKSMultipleMatchingKeys)) throw error;
    // The token names no key, so each that fits the algorithm is tried.
    for await (const key of error) {
      try {
        return (await jwtVerify(text, key, options)).payload;
      } catch (failure) {
        if (!(failure instanceof errors.JWSSignatureVerificationFailed)) throw failure;
      }
    }
    throw new errors.JWSSignatureVerificationFailed();
  }
}

/** When the sender gave a key up, in epoch seconds. Plaid hands such keys out with `expired_at`. */
function keyExpiry({ keyId }: Token, material: KeyMaterial): number | undefined {
  if (material.kind !== "set" || keyId === undefined) return undefined;
  const key = material.set.keys.find(({ kid }) => kid === keyId) as { expired_at?: unknown } | undefined;
  return typeof key?.expired_at === "number" ? key.expired_at : undefined;
}

/**
 * Reads a stored key. Undefined for a key that no token of this algorithm can be made with.
 *
 * @throws SecretError for a text that is no key
 */
export function readKeyMaterial(
  text: string,
  { algorithm }: Pick<Token, "algorithm">,
  { publicKey }: Pick<JwtSignature, "publicKey">,
): KeyMaterial | undefined {
  const isHmac = algorithm.startsWith("HS");
  const set = parseKeySet(text);
  if (set !== undefined) return isHmac ? undefined : { kind: "set", set };
  const key = readPem(text);
  if (key !== undefined) {
    const algorithms = algorithmsOfKey(key);
    if (algorithms.length > 0) return algorithms.includes(algorithm) ? { kind: "key", key } : undefined;
    throw new SecretError(
      "a public key is neither ed25519, nor on the curve P-256, P-384 or P-521, nor RSA with 2048 bits or more",
    );
  }
  const form = "the PEM of the public key, a JSON Web Key Set, or the secret of the HMAC key as plain text";
  refuseWrongForm(text, form);
  return isHmac && publicKey === undefined ? { kind: "key", key: Buffer.from(text, "utf8") } : undefined;
}

function parseKeySet(text: string): JSONWebKeySet | undefined {
  const value = parseJson(Buffer.from(text));
  if (typeof value !== "object" || value === null) return undefined;
  if ("kty" in value) return { keys: [value] } as JSONWebKeySet;
  return "keys" in value && Array.isArray(value.keys) ? (value as JSONWebKeySet) : undefined;
}

/** What the library's error means for the token. */
function fitOf(
  error: unknown,
  keyWasNamed: boolean,
  definition: JwtSignature,
  { receivedAt }: SignedRequest,
): Fit {
  if (error instanceof errors.JWKSNoMatchingKey) return false;
  if (error instanceof errors.JWSSignatureVerificationFailed) {
    return keyWasNamed ? unverified("the token was not signed with the key that it names") : false;
  }
  if (error instanceof errors.JWTExpired || error instanceof errors.JWTClaimValidationFailed) {
    return claimProblem(error.claim, error.payload, definition, receivedAt);
  }
  if (error instanceof errors.JOSEError)
    return unverified("the token is not a signed JSON Web Token that is understood");
  throw error;
}

function claimProblem(
  claim: string,
  payload: JWTPayload,
  { issuer, audience }: JwtSignature,
  receivedAt: number,
): Unverified {
  const seconds = Math.floor(receivedAt / 1000);
  switch (claim) {
    case "exp":
      return typeof payload.exp === "number"
        ? unverified(
            `the token expired ${seconds - payload.exp} s before the receive time; ${clockSkewSeconds} s are allowed`,
          )
        : unverified("the token has no time of expiry (exp)");
    case "nbf":
      return typeof payload.nbf === "number"
        ? unverified(
            `the token starts to be valid ${payload.nbf - seconds} s after the receive time; ${clockSkewSeconds} s are allowed`,
          )
        : unverified("the token's start (nbf) is not a time");
    case "iss":
      return unverified(`the token's issuer (iss) is not ${[issuer].flat().join(" or ")}`);
    case "aud":
      return unverified(`the token's audience (aud) is not ${[audience].flat().join(" or ")}`);
    default:
      return unverified(`the token's claim ${claim} is missing or wrong`);
  }
}
