import { decodedBase64, javaBytes } from "../velocity/java-text.js";
import { GatewayFault } from "./gateway-fault.js";

export type ContentHandling = "CONVERT_TO_TEXT" | "CONVERT_TO_BINARY";

/** A body on its way: text, which templates can work on, or bytes, which pass by them. */
export type Payload = { readonly text: string } | { readonly bytes: Uint8Array };

/** Whether the API's `binaryMediaTypes` cover a type: text types too, and the one for everything covers them all (AWS facts 1.21, 1.22). */
export function isBinary(binaryMediaTypes: readonly string[], type: string): boolean {
  return binaryMediaTypes.some((binary) => binary === "*/*" || binary.toLowerCase() === type);
}

/** The request's body as the integration gets to see it (AWS facts 1.20 and 1.21). */
export function requestPayload(bytes: Uint8Array, binary: boolean, handling?: ContentHandling): Payload {
  if (binary) return handling === "CONVERT_TO_TEXT" ? { text: base64(bytes) } : { bytes };
  const text = decoded(bytes);
  return handling === "CONVERT_TO_BINARY" ? { bytes: fromBase64(text) } : { text };
}

/** The backend's body as the response template gets to see it; AWS's table is "payload-encodings-workflow" (AWS fact 1.21a). */
export function responsePayload(
  bytes: Uint8Array,
  { binary, binaryAccepted }: { binary: boolean; binaryAccepted: boolean },
  handling?: ContentHandling,
): Payload {
  const toText = handling === "CONVERT_TO_TEXT" || (handling === undefined && !binaryAccepted);
  if (binary) return toText ? { text: base64(bytes) } : { bytes };
  const text = decoded(bytes);
  return toText ? { text } : { bytes: fromBase64(text) };
}

export function payloadBytes(payload: Payload): Uint8Array {
  return "text" in payload ? javaBytes(payload.text) : payload.bytes;
}

function base64(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("base64");
}

/** Text from UTF-8. Each byte that is not valid becomes U+FFFD and is lost. A byte order mark stays (AWS fact 1.20). */
function decoded(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("utf8");
}

function fromBase64(text: string): Uint8Array {
  const bytes = decodedBase64(text);
  if (bytes === undefined) throw GatewayFault.configuration("CONVERT_TO_BINARY on a body that is not Base64");
  return bytes;
}
