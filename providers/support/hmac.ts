import type { HmacSignature } from "../../runtime/signatures/definition.js";

type HmacDetails = Partial<Omit<HmacSignature, "kind" | "header">>;

/** Largest distance between the signed time and the receive time that most providers name, in seconds. */
export const fiveMinutes = 300;

/** By default HMAC-SHA256 in hex over the body, with the secret's own bytes as the key. */
export function hmacIn(header: string | readonly string[], details: HmacDetails = {}): HmacSignature {
  return {
    kind: "hmac",
    hash: "sha256",
    encoding: "hex",
    header,
    content: "{body}",
    key: { encoding: "utf8" },
    ...details,
  };
}

/**
 * The scheme of Standard Webhooks, which Svix sends under header names of its own:
 * github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
 *
 * @param prefix what the names of its three headers start with
 */
export function standardWebhooks(prefix: "webhook" | "svix"): HmacSignature {
  return hmacIn(`${prefix}-signature`, {
    encoding: "base64",
    separator: " ",
    prefix: "v1,",
    content: `{header:${prefix}-id}.{timestamp}.{body}`,
    timestamp: { header: `${prefix}-timestamp`, unit: "seconds", toleranceSeconds: fiveMinutes },
    key: { prefix: "whsec_", encoding: "base64" },
  });
}
