import { decodeBase64 } from "../envelope/base64.js";
import { headerValues } from "../envelope/headers.js";
import { parseJson, valueAtPath } from "../envelope/json.js";
import { type SignedRequest, type Unverified, unverified } from "./scheme.js";

/** The only value of a header. Two values do not count, because an attacker may have added the second. */
export function readHeader(name: string, { headers }: SignedRequest): string | Unverified {
  const [value, ...others] = headerValues(headers, name);
  if (value === undefined) return unverified(`the header ${name} is missing`);
  if (others.length > 0) return unverified(`the header ${name} occurs ${others.length + 1} times`);
  return value;
}

/** A text or whole number at a dotted path of a JSON body, as text. */
export function readJson(path: string, { body }: SignedRequest): string | Unverified {
  return valueAtPath(parseJson(body), path) ?? unverified(`the body has no text or number at ${path}`);
}

/** The bytes of a signature or key, or undefined if the text is empty or not exactly in the encoding. */
export function decodeBytes(text: string, encoding: "hex" | "base64"): Buffer | undefined {
  if (encoding === "base64") return text === "" ? undefined : decodeBase64(text);
  return /^([0-9a-f]{2})+$/i.test(text) ? Buffer.from(text, "hex") : undefined;
}
