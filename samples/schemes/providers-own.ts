import { createHmac, randomUUID, sign } from "node:crypto";
import { crc32 } from "node:zlib";
import { JsonBody } from "../../runtime/envelope/json.js";
import type {
  ContentfulSignature,
  PaypalSignature,
  TwilioSignature,
} from "../../runtime/signatures/definition.js";
import { sortedFields } from "../../runtime/signatures/form.js";
import { isUnverified, type SignedRequest, type Unverified } from "../../runtime/signatures/scheme.js";
import { itemCount, placeOfItemSignature, textOfItem } from "../../runtime/signatures/schemes/adyen.js";
import { signedLines } from "../../runtime/signatures/schemes/contentful.js";
import { knownUrl } from "../../runtime/signatures/signed-text.js";
import { readKey } from "../../runtime/signatures/stored-secret.js";
import { SampleError } from "../sample-error.js";
import { privateKeyOf, type Signing, secretOf } from "../signing.js";

/** Signs each payment of Adyen's. */
export function signAdyen(signing: Signing): void {
  const { draft } = signing;
  const key = readKey(secretOf(signing), { encoding: "hex" });
  const body = new JsonBody(draft.body);
  const count = itemCount(body) ?? 0;
  if (count === 0) throw new SampleError("the body has no notificationItems, which carry the signatures");
  for (let index = 0; index < count; index++) {
    const signature = createHmac("sha256", key).update(textOfItem(body, index)).digest("base64");
    draft.set(`json:${placeOfItemSignature(index)}`, signature);
  }
}

export function signPaypal({ webhookId }: PaypalSignature, signing: Signing): void {
  const { draft, now } = signing;
  const id = randomUUID();
  const time = new Date(now).toISOString();
  const content = Buffer.from(`${id}|${time}|${webhookId}|${crc32(draft.body)}`);
  draft.set("header:PAYPAL-TRANSMISSION-ID", id);
  draft.set("header:PAYPAL-TRANSMISSION-TIME", time);
  draft.set("header:PAYPAL-AUTH-ALGO", "SHA256withRSA");
  draft.set(
    "header:PAYPAL-TRANSMISSION-SIG",
    sign("sha256", content, privateKeyOf(signing)).toString("base64"),
  );
}

/** Twilio signs a form with its fields. */
export function signTwilio({ publicUrl }: TwilioSignature, signing: Signing): void {
  const { draft } = signing;
  const content = knownUrl(publicUrl) + found(sortedFields(asReceived(signing)));
  const signature = createHmac("sha1", secretOf(signing)).update(content).digest("base64");
  draft.set("header:X-Twilio-Signature", signature);
}

export function signContentful({ publicUrl }: ContentfulSignature, signing: Signing): void {
  const { draft, now } = signing;
  draft.set("header:X-Contentful-Timestamp", String(now));
  draft.set("header:X-Contentful-Signed-Headers", "x-contentful-signed-headers,x-contentful-timestamp");
  const lines = found(signedLines(publicUrl, asReceived(signing)));
  const signature = createHmac("sha256", secretOf(signing)).update(lines).update(draft.body).digest("hex");
  draft.set("header:X-Contentful-Signature", signature);
}

function asReceived({ draft, now }: Signing): SignedRequest {
  return { method: "POST", headers: draft.headers, query: draft.query, body: draft.body, receivedAt: now };
}

function found(text: string | Unverified): string {
  if (isUnverified(text)) throw new SampleError(`the sample cannot be signed: ${text.reason}`);
  return text;
}
