import { constants, createHash, createHmac, type KeyObject, sign } from "node:crypto";
import type { JwtAlgorithm, JwtSignature } from "../../../runtime/signatures/definition.js";
import { KeyPairs, p256Pair, rsaPair, type Sender, seconds } from "./sender.js";

const part = (value: unknown) => Buffer.from(JSON.stringify(value)).toString("base64url");

/**
 * A signed token, made without any library.
 *
 * @param key a private key, or the secret of an HMAC
 * @param header what the token's header says besides its algorithm
 */
export function signToken(
  algorithm: JwtAlgorithm,
  key: KeyObject | string,
  claims: object,
  header: object = { typ: "JWT" },
): string {
  const content = `${part({ alg: algorithm, ...header })}.${part(claims)}`;
  return `${content}.${signatureOf(algorithm, key, content).toString("base64url")}`;
}

/** RFC 7518, section 3.1, and RFC 8037, section 3.1. */
function signatureOf(algorithm: JwtAlgorithm, key: KeyObject | string, content: string): Buffer {
  const hash = `sha${algorithm.slice(2)}`;
  if (typeof key === "string") return createHmac(hash, key).update(content).digest();
  const bytes = Buffer.from(content);
  if (algorithm === "EdDSA") return sign(null, bytes, key);
  if (algorithm.startsWith("ES")) return sign(hash, bytes, { key, dsaEncoding: "ieee-p1363" });
  if (algorithm.startsWith("RS")) return sign(hash, bytes, key);
  return sign(hash, bytes, {
    key,
    padding: constants.RSA_PKCS1_PSS_PADDING,
    saltLength: constants.RSA_PSS_SALTLEN_DIGEST,
  });
}

/** A JSON Web Key Set, as a sender publishes it. */
export function keySet(...keys: readonly (readonly [id: string, key: KeyObject, more?: object])[]): string {
  return JSON.stringify({
    keys: keys.map(([kid, key, more = {}]) => ({
      ...key.export({ format: "jwk" }),
      kid,
      use: "sig",
      ...more,
    })),
  });
}

/** The sha256 of a body, as a claim. */
export function bodyHash(body: string, encoding: "hex" | "base64" | "base64url"): string {
  return createHash("sha256").update(body).digest(encoding);
}

const pairs = new KeyPairs();
let made = 0;

function newKeySet(algorithm: JwtAlgorithm): string {
  const pair = algorithm.startsWith("ES") ? p256Pair() : rsaPair();
  made++;
  return pairs.add(pair, (key) => keySet([`key-${made}`, key]));
}

const details = {
  issuer: "https://issuer.example/",
  audience: "https://hooks.example.com/v1/webhooks/a",
  serviceAccount: "push@a-project.iam.gserviceaccount.com",
};

/** A sender of tokens as a definition describes them. The secret is what its address answers, if it has one. */
export function tokenSender(signature: JwtSignature): Sender {
  const { header, prefix = "", json = "", algorithms, keys, needs = [], toleranceSeconds } = signature;
  const [algorithm = "RS256"] = algorithms;
  const make = () => (keys === undefined ? `the provider's secret ${++made}` : newKeySet(algorithm));
  const covers =
    signature.bodyHash !== undefined ? "the whole body" : json === "" ? "nothing" : "a part of the body";
  return {
    secret: make(),
    otherSecret: make(),
    covers,
    settings: Object.fromEntries(needs.map((name) => [name, details[name]])),
    ...(toleranceSeconds === undefined ? {} : { toleranceSeconds }),
    send: (secret, signedAt, body) => {
      const key = keys === undefined ? secret : pairs.privateKeyOf(secret);
      const ids =
        keys === undefined ? {} : { kid: (JSON.parse(secret) as { keys: [{ kid: string }] }).keys[0].kid };
      const token = signToken(algorithm, key, claimsOf(signature, signedAt, body), { typ: "JWT", ...ids });
      return header === undefined
        ? { headers: [], body: JSON.stringify({ ...(JSON.parse(body) as object), [json]: [token] }) }
        : { headers: [[header, prefix + token]] };
    },
  };
}

function claimsOf(
  { issuer, claims = [], bodyHash: hash, needs = [] }: JwtSignature,
  signedAt: number,
  body: string,
) {
  const [iss] = [issuer ?? []].flat();
  return {
    ...(iss === undefined ? {} : { iss }),
    ...(needs.includes("issuer") ? { iss: details.issuer } : {}),
    ...(needs.includes("audience") ? { aud: details.audience } : {}),
    ...(needs.includes("serviceAccount") ? { email: details.serviceAccount } : {}),
    ...Object.fromEntries(claims.map(({ name, value }) => [[name].flat()[0], value])),
    ...(hash === undefined ? {} : { [hash.claim]: bodyHash(body, hash.encoding) }),
    iat: seconds(signedAt),
    exp: seconds(signedAt) + 3_600,
  };
}
