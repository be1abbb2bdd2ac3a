import { createHmac } from "node:crypto";
import { readKey } from "../signatures/stored-secret.js";

/** The form of the secret. */
export const forwardKey = { prefix: "whsec_", encoding: "base64" } as const;

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
      const hmac = createHmac("sha256", readKey(secret, forwardKey));
      hmac.update(`${id}.${timestampSeconds}.`).update(body);
      return `v1,${hmac.digest("base64")}`;
    })
    .join(" ");
}
