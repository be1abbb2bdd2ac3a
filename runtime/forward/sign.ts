import { createHmac } from "node:crypto";
import { decodeBase64 } from "../envelope/base64.js";
import { SecretError } from "../signatures/scheme.js";

const secretPrefix = "whsec_";

/**
 * The signature of a forwarded webhook, in the form that any Standard Webhooks library checks. With several active
 * secrets there is one signature for each, so that the target can change over at any time.
 * github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
 *
 * @param secrets base64, with or without `whsec_`
 * @throws SecretError for a secret that is not base64
 */
export function standardWebhooksSignature(
  {
    id,
    timestampSeconds,
    body,
  }: { readonly id: string; readonly timestampSeconds: number; readonly body: Buffer },
  secrets: readonly string[],
): string {
  return secrets
    .map((secret) => {
      const hmac = createHmac("sha256", decodeKey(secret));
      hmac.update(`${id}.${timestampSeconds}.`).update(body);
      return `v1,${hmac.digest("base64")}`;
    })
    .join(" ");
}

function decodeKey(secret: string): Buffer {
  const key = decodeBase64(secret.startsWith(secretPrefix) ? secret.slice(secretPrefix.length) : secret);
  if (key === undefined || key.length === 0) {
    throw new SecretError(
      "a stored secret for forwarding is not base64: store 24 to 64 random bytes as whsec_<base64>",
    );
  }
  return key;
}
