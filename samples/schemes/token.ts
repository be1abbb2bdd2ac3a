import { createHash, createPrivateKey, createPublicKey } from "node:crypto";
import { SignJWT } from "jose";
import type { JwtAlgorithm, JwtSignature } from "../../runtime/signatures/definition.js";
import { algorithmsOfKey } from "../../runtime/signatures/public-keys.js";
import { SampleError } from "../sample-error.js";
import { privateKeyOf, type Signing, secretOf } from "../signing.js";

const lifetimeSeconds = 3_600;

/** Puts a signed token into the request that says what the source wants to read. */
export async function signWithToken(definition: JwtSignature, signing: Signing): Promise<void> {
  const { draft, now, keys } = signing;
  const { header, prefix = "", json = "", bodyHash, issuer, audience, claims = [] } = definition;
  const [iss] = [issuer ?? []].flat();
  const [aud] = [audience ?? []].flat();
  const issuedAt = Math.floor(now / 1_000);
  const { algorithm, key } = keyFor(definition, signing);
  const token = await new SignJWT({
    ...Object.fromEntries(claims.map(({ name, value }) => [[name].flat()[0], value])),
    ...(iss === undefined ? {} : { iss }),
    ...(aud === undefined ? {} : { aud }),
    ...(bodyHash === undefined
      ? {}
      : { [bodyHash.claim]: createHash("sha256").update(draft.body).digest(bodyHash.encoding) }),
    iat: issuedAt,
    exp: issuedAt + lifetimeSeconds,
  })
    .setProtectedHeader({
      alg: algorithm,
      typ: "JWT",
      ...(keys.keyId === undefined ? {} : { kid: keys.keyId }),
    })
    .sign(key);
  if (header === undefined) draft.setMember(json, [token]);
  else draft.set(`header:${header}`, prefix + token);
}

function keyFor({ algorithms }: JwtSignature, signing: Signing) {
  const shared = algorithms.find((name) => name.startsWith("HS"));
  if (signing.keys.privateKey === undefined && shared !== undefined) {
    return { algorithm: shared, key: Buffer.from(secretOf(signing)) };
  }
  const key = createPrivateKey(privateKeyOf(signing));
  const possible: readonly JwtAlgorithm[] = algorithmsOfKey(createPublicKey(key));
  const algorithm = algorithms.find((name) => possible.includes(name));
  if (algorithm === undefined) {
    throw new SampleError(`the sender's private key cannot sign with ${algorithms.join(", ")}`);
  }
  return { algorithm, key };
}
