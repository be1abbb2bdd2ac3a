import { verify } from "node:crypto";
import { crc32 } from "node:zlib";
import type { PaypalSignature } from "../definition.js";
import { readPublicKey } from "../public-keys.js";
import { decodeBytes, readHeader } from "../request-values.js";
import { isUnverified, type Scheme, unverified } from "../scheme.js";

/**
 * PayPal: RSA-SHA256 over `transmission id|time|webhook id|crc32 of the body`, as in _get_expected_sig of
 * paypal/PayPal-Python-SDK's paypalrestsdk/notifications.py.
 *
 * PayPal names the certificate's URL in a header. It is not fetched, because an attacker could make the function call
 * any URL. The certificates in use are stored as the source's secrets instead.
 */
export const paypal: Scheme<PaypalSignature> = ({ webhookId }, request) => {
  if (webhookId === undefined) throw new Error("the source signs the webhook's id: set signature.webhookId");
  const values = {
    id: readHeader("paypal-transmission-id", request),
    time: readHeader("paypal-transmission-time", request),
    signature: readHeader("paypal-transmission-sig", request),
    algorithm: readHeader("paypal-auth-algo", request),
  };
  for (const value of Object.values(values)) if (isUnverified(value)) return value;

  if (values.algorithm !== "SHA256withRSA") {
    return unverified("paypal-auth-algo is not SHA256withRSA, and nothing weaker is accepted");
  }
  const signature = decodeBytes(String(values.signature), "base64");
  if (signature === undefined)
    return unverified("paypal-transmission-sig does not contain a base64 signature");
  const content = Buffer.from(`${values.id}|${values.time}|${webhookId}|${crc32(request.body)}`);
  return {
    mismatch:
      `paypal-transmission-sig was not made with an active certificate of the source for webhookId ${webhookId}. ` +
      "Usual causes: another webhookId than PayPal's, or a certificate that PayPal no longer uses",
    fits: (certificate) => verify("sha256", content, readPublicKey(certificate, "rsa-sha256"), signature),
  };
};
