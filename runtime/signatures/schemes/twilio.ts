import { createHmac } from "node:crypto";
import { sha256 } from "../../envelope/sha256.js";
import type { TwilioSignature } from "../definition.js";
import { sortedFields } from "../form.js";
import { decodeBytes, readHeader } from "../request-values.js";
import {
  equalDigests,
  isUnverified,
  type Scheme,
  type SignedRequest,
  type Unverified,
  unverified,
} from "../scheme.js";
import { knownUrl, mismatch } from "../signed-text.js";
import { keyForm, readKey } from "../stored-secret.js";

const header = "x-twilio-signature";
/** Twilio adds this to the URL of a request that is not a form: the hex sha256 of the body. */
const bodyHashParameter = "bodySHA256";

export const twilioKey = { encoding: "utf8" } as const;

/**
 * Twilio: HMAC-SHA1 over the URL with the sorted fields of a form, or over a URL that contains the body's hash.
 * twilio.com/docs/usage/webhooks/webhooks-security, and twilio-node's src/webhooks/webhooks.ts, whose other candidates
 * for the URL (with rewritten escapes) are not needed, because the URL is known byte for byte.
 */
export const twilio: Scheme<TwilioSignature> = ({ publicUrl }, request) => {
  const value = readHeader(header, request);
  if (isUnverified(value)) return value;
  const signature = decodeBytes(value, "base64");
  if (signature === undefined) return unverified(`${header} does not contain a base64 digest`);

  const afterUrl = readAfterUrl(knownUrl(publicUrl), request);
  if (isUnverified(afterUrl)) return afterUrl;
  const contents = withAndWithoutPort(knownUrl(publicUrl)).map((url) => url + afterUrl);
  return {
    mismatch: mismatch(header, "an active secret", { publicUrl }),
    secretForm: keyForm(twilioKey),
    fits(secret) {
      const key = readKey(secret, twilioKey);
      return contents.some((content) =>
        equalDigests(signature, createHmac("sha1", key).update(content, "utf8").digest()),
      );
    },
  };
};

/** The part of the signed text after the URL. */
function readAfterUrl(url: string, request: SignedRequest): string | Unverified {
  const [bodyHash, ...others] = request.query
    .filter(([name]) => name === bodyHashParameter)
    .map(([, value]) => value);
  if (bodyHash === undefined) return sortedFields(request);
  if (others.length > 0) return unverified(`the query parameter ${bodyHashParameter} occurs more than once`);
  if (bodyHash.toLowerCase() !== sha256(request.body)) {
    return unverified(`the body does not have the hash in ${bodyHashParameter}`);
  }
  return `${url.includes("?") ? "&" : "?"}${bodyHashParameter}=${bodyHash}`;
}

/** Twilio signs some requests with the standard port in the URL and some without, independent of the configured URL. */
function withAndWithoutPort(url: string): string[] {
  const [, scheme = "", host = "", rest = ""] = /^(https?:\/\/)([^/?#]*)(.*)$/is.exec(url) ?? [];
  const bare = host.replace(/:\d+$/, "");
  const standardPort = scheme.toLowerCase() === "https://" ? 443 : 80;
  return [...new Set([url, `${scheme}${bare}${rest}`, `${scheme}${bare}:${standardPort}${rest}`])];
}
