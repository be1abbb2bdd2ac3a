import type { Locator } from "../../runtime/envelope/locator.js";
import { locatorsOf, type SignatureDefinition } from "../../runtime/signatures/definition.js";

/** Where the signature, and the signed time, are looked for. */
export function signaturePlaces(signature: SignatureDefinition): readonly Locator[] {
  if (signature.kind === "none") return [];
  if (signature.kind === "basic") return ["header:authorization"];
  if (signature.kind === "twilio") return ["header:x-twilio-signature"];
  if (signature.kind === "contentful") return ["header:x-contentful-signature"];
  if (signature.kind === "paypal") return ["header:paypal-transmission-sig"];
  if (signature.kind === "adyen") return ["json:notificationItems"];
  const ofTime =
    "timestamp" in signature && signature.timestamp !== undefined ? locatorsOf(signature.timestamp) : [];
  return [...new Set([...locatorsOf(signature), ...ofTime])];
}
