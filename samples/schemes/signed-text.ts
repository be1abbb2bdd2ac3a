import { createHmac, sign } from "node:crypto";
import {
  type HmacSignature,
  locatorsIn,
  locatorsOf,
  type PublicKeySignature,
  type SignedText,
  type TimestampDefinition,
} from "../../runtime/signatures/definition.js";
import { isUnverified } from "../../runtime/signatures/scheme.js";
import { readSigned } from "../../runtime/signatures/signed-text.js";
import { readKey } from "../../runtime/signatures/stored-secret.js";
import { SampleError } from "../sample-error.js";
import { privateKeyOf, type Signing, secretOf } from "../signing.js";

export function signWithHmac(definition: HmacSignature, signing: Signing): void {
  const key = readKey(secretOf(signing), definition.key);
  signText(definition, signing, (content) => createHmac(definition.hash, key).update(content).digest());
}

export function signWithPrivateKey(definition: PublicKeySignature, signing: Signing): void {
  const key = privateKeyOf(signing);
  const hash = definition.algorithm === "ed25519" ? null : "sha256";
  signText(definition, signing, (content) => sign(hash, content, key));
}

/**
 * Signs the text that the source will check. The source's own code builds it, from a request with a signature of the right
 * form that signs nothing.
 */
function signText(definition: SignedText, signing: Signing, signatureOf: (content: Buffer) => Buffer): void {
  const { draft, now } = signing;
  const { timestamp } = definition;
  const time = timestamp === undefined ? undefined : timeText(timestamp, now);
  const [placeOfTime] = timestamp === undefined ? [] : locatorsOf(timestamp);
  if (time !== undefined && placeOfTime !== undefined) {
    draft.set(placeOfTime, (timestamp?.prefix ?? "") + time, "number");
  }
  fillSignedValues(definition, signing);

  const [place] = locatorsOf(definition);
  if (place === undefined) throw new SampleError("the signature has no place");
  const beside = time !== undefined && placeOfTime === undefined;
  const write = (signature: Buffer) => {
    const item = `${definition.prefix ?? ""}${signature.toString(definition.encoding)}`;
    const before = beside ? `${timestamp?.prefix ?? ""}${time}${definition.separator ?? ""}` : "";
    draft.set(place, before + item);
  };
  write(signatureOf(Buffer.alloc(0)));
  const signed = readSigned(definition, {
    method: "POST",
    headers: draft.headers,
    query: draft.query,
    body: draft.body,
    receivedAt: now,
  });
  if (isUnverified(signed)) throw new SampleError(`the sample cannot be signed: ${signed.reason}`);
  write(signatureOf(signed.content));
}

/** Values that are signed and that the sample lacks. */
function fillSignedValues({ content }: SignedText, { draft, url, id }: Signing): void {
  for (const locator of locatorsIn(content)) {
    if (/^header:host$/i.test(locator)) draft.set(locator, new URL(url).host);
    else if (draft.get(locator) === undefined) draft.set(locator, id);
  }
}

function timeText({ unit }: TimestampDefinition, now: number): string {
  if (unit === "milliseconds") return String(now);
  return unit === "seconds" ? String(Math.floor(now / 1_000)) : new Date(now).toISOString();
}
