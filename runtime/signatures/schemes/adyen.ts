import { createHmac } from "node:crypto";
import { JsonBody } from "../../envelope/json.js";
import type { AdyenSignature } from "../definition.js";
import { decodeBytes } from "../request-values.js";
import { equalDigests, type Scheme, unverified } from "../scheme.js";
import { keyForm, readKey } from "../stored-secret.js";

/** The signed fields of an item, in this order. A missing field counts as empty. */
const signedFields = [
  "pspReference",
  "originalReference",
  "merchantAccountCode",
  "merchantReference",
  "amount.value",
  "amount.currency",
  "eventCode",
  "success",
];
const place = "additionalData.hmacSignature";

interface SignedItem {
  readonly signature: Buffer;
  readonly content: string;
}

export const adyenKey = { encoding: "hex" } as const;

/**
 * Adyen's standard webhooks: base64 HMAC-SHA256 with a hex key over eight fields of each item; the rest of the body is
 * not signed. docs.adyen.com/development-resources/webhooks/secure-webhooks/verify-hmac-signatures, and hmacValidator of
 * @adyen/api-library. Every item must fit; otherwise a forged item could be sent together with a genuine one.
 */
export const adyen: Scheme<AdyenSignature> = (_definition, request) => {
  const body = new JsonBody(request.body);
  const count = itemCount(body);
  if (count === undefined) return unverified("the body has no notificationItems");
  const signed = Array.from({ length: count }, (_, index) => readSignedItem(body, index));
  if (signed.length === 0 || signed.includes(undefined)) {
    return unverified(`an item of the body has no base64 digest in ${place}`);
  }
  return {
    mismatch: `${place} was not made with an active secret of the source`,
    secretForm: keyForm(adyenKey),
    fits(secret) {
      const key = readKey(secret, adyenKey);
      const fits = signed.map(
        (item) =>
          item !== undefined &&
          equalDigests(item.signature, createHmac("sha256", key).update(item.content).digest()),
      );
      if (!fits.includes(true) || fits.every(Boolean)) return fits.every(Boolean);
      return unverified(
        `item ${fits.indexOf(false) + 1} of ${fits.length} was changed: the secret fits others of the same body`,
      );
    },
  };
};

/** How many items a body has. Undefined if it has no list of them. */
export function itemCount({ root }: JsonBody): number | undefined {
  if (typeof root !== "object" || root === null || !("notificationItems" in root)) return undefined;
  return Array.isArray(root.notificationItems) ? root.notificationItems.length : undefined;
}

function readSignedItem(body: JsonBody, index: number): SignedItem | undefined {
  const signature = decodeBytes(body.textAt(placeOfItemSignature(index)) ?? "", "base64");
  return signature === undefined ? undefined : { signature, content: textOfItem(body, index) };
}

/** The path of an item's signature in the body. */
export function placeOfItemSignature(index: number): string {
  return pathInItem(index, place);
}

/** The text that an item's signature signs. */
export function textOfItem(body: JsonBody, index: number): string {
  return signedFields.map((path) => body.textAt(pathInItem(index, path)) ?? "").join(":");
}

function pathInItem(index: number, path: string): string {
  return `notificationItems.${index}.NotificationRequestItem.${path}`;
}
