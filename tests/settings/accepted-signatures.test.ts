import { createHmac, generateKeyPairSync, sign } from "node:crypto";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { JwtSignature, SignatureDefinition } from "../../runtime/signatures/definition.js";
import { type SignedRequest, verifySignature } from "../../runtime/signatures/verify.js";
import { signatureSchema } from "../../settings/signatures.js";
import { assertProperty, explores, propertyTimeoutMilliseconds } from "../support/properties.js";
import { signByDefinition } from "../support/senders/reference-signer.js";
import { ed25519Pair, p256Pair, pem, rsaPair } from "../support/senders/sender.js";
import { bodyHash, keySet, signToken } from "../support/senders/tokens.js";
import {
  hmacSettings,
  jwtSettings,
  publicKeySettings,
  tokenSettings,
} from "../support/signature-settings.js";

const receivedAt = 1_767_225_600_123;

const pairs = { ed25519: ed25519Pair(), "ecdsa-p256-sha256": p256Pair(), "rsa-sha256": rsaPair() };

/** A request of which the rest does not matter. */
const request = (sent: Partial<SignedRequest>): SignedRequest => ({
  method: "POST",
  headers: [],
  query: [],
  body: Buffer.from("{}"),
  receivedAt,
  ...sent,
});

const keyBytes = fc.uint8Array({ minLength: 1, maxLength: 40 }).map((bytes) => Buffer.from(bytes));

/** A request signed as the definition says, and the secret to store. */
function signed(definition: SignatureDefinition, key: Buffer) {
  switch (definition.kind) {
    case "hmac": {
      const { encoding, prefix = "" } = definition.key;
      const bytes = encoding === "utf8" ? Buffer.from(key.toString("hex")) : key;
      const text = encoding === "utf8" ? key.toString("hex") : key.toString(encoding);
      const sent = signByDefinition(definition, receivedAt, (signedBytes) =>
        createHmac(definition.hash, bytes).update(signedBytes).digest(),
      );
      return { secret: prefix + text, sent: request(sent) };
    }
    case "public-key": {
      const { privateKey, publicKey } = pairs[definition.algorithm];
      const hash = definition.algorithm === "ed25519" ? null : "sha256";
      const sent = signByDefinition(definition, receivedAt, (signedBytes) =>
        sign(hash, signedBytes, privateKey),
      );
      return { secret: pem(publicKey), sent: request(sent) };
    }
    case "token": {
      const secret = key.toString("hex");
      const value = (definition.prefix ?? "") + secret;
      const sent =
        definition.header === undefined
          ? { query: [[definition.query ?? "", value]] as const }
          : { headers: [[definition.header, asHeader(value)]] as const };
      return { secret, sent: request(sent) };
    }
    case "jwt":
      return signedToken(definition, key.toString("hex"));
    default:
      throw new Error(`there are no settings for ${definition.kind} here`);
  }
}

const tokenKeys: Readonly<Record<string, ReturnType<typeof rsaPair>>> = {
  EdDSA: ed25519Pair(),
  ES256: p256Pair(),
  ES384: generateKeyPairSync("ec", { namedCurve: "P-384" }),
  ES512: generateKeyPairSync("ec", { namedCurve: "P-521" }),
  other: rsaPair(),
};

function signedToken(definition: JwtSignature, sharedSecret: string) {
  const { algorithms, keys, publicKey, issuer, audience, claims = [], bodyHash: hash } = definition;
  const [algorithm = "RS256"] = algorithms;
  const body = '{"id":1}';
  const pair = tokenKeys[algorithm] ?? tokenKeys.other;
  if (pair === undefined) throw new Error("there is no key");
  const isShared = algorithm.startsWith("HS");
  const secret = isShared
    ? sharedSecret
    : keys === undefined
      ? pem(pair.publicKey)
      : keySet(["k", pair.publicKey]);
  if (publicKey !== undefined && publicKey !== pem(pair.publicKey)) throw new Error("that is another key");
  const token = signToken(
    algorithm,
    isShared ? sharedSecret : pair.privateKey,
    Object.fromEntries([
      ["iss", [issuer].flat()[0]],
      ["aud", [audience].flat()[0]],
      ["iat", Math.floor(receivedAt / 1000)],
      ["exp", Math.floor(receivedAt / 1000) + 60],
      ...claims.map(({ name, value }) => [name, value]),
      ...(hash === undefined ? [] : [[hash.claim, bodyHash(body, hash.encoding)]]),
    ]),
    { kid: "k" },
  );
  const sent =
    definition.header === undefined
      ? { body: Buffer.from(`{${JSON.stringify(definition.json)}:["${token}"]}`) }
      : {
          headers: [[definition.header, asHeader((definition.prefix ?? "") + token)]] as const,
          body: Buffer.from(body),
        };
  return { secret, sent: request(sent) };
}

/** A value as HTTP carries it. */
function asHeader(value: string): string {
  if (!/^[\x20-\x7e]*$/.test(value)) throw new Error(`a header cannot hold ${JSON.stringify(value)}`);
  return value.trim();
}

/** What is of interest of an accepted definition: the property shows little if it never meets it. */
function featuresOf(signature: SignatureDefinition): string[] {
  if (signature.kind === "token") return [signature.header === undefined ? "query" : "header"];
  if (signature.kind === "jwt") {
    return [
      signature.header === undefined ? "json" : "header",
      ...(signature.keys === undefined ? [] : ["keysUrl"]),
      ...(signature.publicKey === undefined ? [] : ["publicKey"]),
      ...(signature.algorithms[0]?.startsWith("HS") ? ["a shared secret"] : []),
    ];
  }
  if (signature.kind !== "hmac" && signature.kind !== "public-key") return [];
  const { timestamp, json, form, query, content } = signature;
  const places = [timestamp?.header, timestamp?.json, timestamp?.form, timestamp?.query];
  const isBeside = places.every((place) => place === undefined);
  return [
    ...(json === undefined ? [] : ["json"]),
    ...(form === undefined ? [] : ["form"]),
    ...(query === undefined ? [] : ["query"]),
    ...(content.includes("{form}") ? ["{form}"] : []),
    ...(timestamp !== undefined && isBeside ? ["a time beside the signature"] : []),
    ...(timestamp !== undefined && isBeside && timestamp.prefix === undefined
      ? ["one that only its form tells"]
      : []),
  ];
}

describe("every signature that the settings accept", () => {
  const ofSignedText = [
    "a time beside the signature",
    "one that only its form tells",
    "json",
    "form",
    "query",
    "{form}",
  ];
  it.each<[string, fc.Arbitrary<object>, string[]]>([
    ["hmac", hmacSettings, ofSignedText],
    ["public-key", publicKeySettings, ofSignedText],
    ["token", tokenSettings, ["header", "query"]],
    [
      "jwt",
      jwtSettings(Object.values(tokenKeys).map(({ publicKey }) => pem(publicKey))),
      ["header", "json", "keysUrl", "publicKey", "a shared secret"],
    ],
  ])(
    "can verify: %s",
    async (_, settings, features) => {
      const met = new Set<string>();
      await assertProperty(
        fc.asyncProperty(settings, keyBytes, async (raw, key) => {
          const parsed = signatureSchema.safeParse(raw);
          fc.pre(parsed.success);
          const { signature } = parsed.data;
          for (const feature of featuresOf(signature)) met.add(feature);
          const { secret, sent } = signed(signature, key);
          expect(await verifySignature(signature, sent, [secret])).toEqual({ verified: true });
        }),
        500,
      );
      if (explores()) expect([...met].sort()).toEqual(expect.arrayContaining(features));
    },
    propertyTimeoutMilliseconds,
  );
});
