import { generateKeyPairSync, type KeyObject, randomBytes, randomUUID } from "node:crypto";
import {
  type JwtAlgorithm,
  needsSecret,
  type PublicKeyAlgorithm,
  pinnedKey,
  type SignatureDefinition,
} from "../runtime/signatures/definition.js";

/** What a sender signs with. */
export interface SenderKeys {
  /** The secret that sender and source share, or PEM of the public key that the source checks with. */
  readonly secret?: string;
  /** PEM (PKCS #8) of the sender's private key, for a scheme that has one. */
  readonly privateKey?: string;
  /** The id of the private key in what the sender publishes, a JSON Web Key Set. */
  readonly keyId?: string;
}

/** Keys of a new sender, whose webhooks a source believes that stores `secret` and knows the public key. */
export interface NewSenderKeys extends SenderKeys {
  /** The public key as a JSON Web Key, for a sender that publishes its keys. */
  readonly published?: Readonly<Record<string, unknown>>;
}

/**
 * Makes keys for a source that has no sender yet.
 *
 * @returns undefined where the settings contain the public key: only its owner can sign
 */
export function makeSenderKeys(signature: SignatureDefinition): NewSenderKeys | undefined {
  if (pinnedKey(signature) !== undefined) return undefined;
  // Hexadecimal is also valid base64, and so fits every kind of shared key.
  const random = randomBytes(32).toString("hex");
  switch (signature.kind) {
    case "none":
      return {};
    case "basic":
      return { secret: `webhooks:${random}` };
    case "hmac":
      // Without its prefix, a random text may begin with the same characters, which would then be removed.
      return { secret: (signature.key.prefix ?? "") + random };
    case "public-key":
      return storedPublicKey(pairs[signature.algorithm]());
    case "paypal":
      return storedPublicKey(pairs["rsa-sha256"]());
    case "jwt": {
      const [algorithm = "HS256"] = signature.algorithms;
      if (algorithm.startsWith("HS")) return { secret: random };
      const pair = pairForTokens(algorithm);
      if (signature.keys === undefined) return storedPublicKey(pair);
      const keyId = `local-${randomUUID()}`;
      return {
        privateKey: pemOf(pair.privateKey),
        keyId,
        published: { ...pair.publicKey.export({ format: "jwk" }), kid: keyId, alg: algorithm, use: "sig" },
        // Plaid asks for a user and a password before it shows a key.
        ...(needsSecret(signature) ? { secret: `local:${random}` } : {}),
      };
    }
    default:
      return { secret: random };
  }
}

interface Pair {
  readonly privateKey: KeyObject;
  readonly publicKey: KeyObject;
}

const pairs: Readonly<Record<PublicKeyAlgorithm, () => Pair>> = {
  ed25519: () => generateKeyPairSync("ed25519"),
  "ecdsa-p256-sha256": () => generateKeyPairSync("ec", { namedCurve: "P-256" }),
  "rsa-sha256": () => generateKeyPairSync("rsa", { modulusLength: 2048 }),
};

function pairForTokens(algorithm: JwtAlgorithm): Pair {
  const namedCurve = { ES256: "P-256", ES384: "P-384", ES512: "P-521" }[algorithm as string];
  if (namedCurve !== undefined) return generateKeyPairSync("ec", { namedCurve });
  return algorithm === "EdDSA" ? pairs.ed25519() : pairs["rsa-sha256"]();
}

function storedPublicKey({ privateKey, publicKey }: Pair): SenderKeys {
  return {
    secret: publicKey.export({ type: "spki", format: "pem" }).toString(),
    privateKey: pemOf(privateKey),
  };
}

function pemOf(privateKey: KeyObject): string {
  return privateKey.export({ type: "pkcs8", format: "pem" }).toString();
}
