import { decodeBase64 } from "../envelope/base64.js";
import { headerValues } from "../envelope/headers.js";
import { type Locator, partsOf } from "../envelope/locator.js";
import type { RequestValues } from "../envelope/values.js";
import { isUnverified, type SignedRequest, type Unverified, unverified } from "./scheme.js";

/** The only value of a header. Two values do not count, because an attacker may have added the second. */
export function readHeader(name: string, { headers }: SignedRequest): string | Unverified {
  return theOne(headerValues(headers, name), `header:${name}`);
}

/** The only value at a place, like {@link readHeader}. */
export function readValue(locator: Locator, values: RequestValues): string | Unverified {
  if (locator.startsWith("form:") && !values.isForm) {
    const type = readValue("header:content-type", values);
    return isUnverified(type) ? type : unverified("the body is not a form that can be read");
  }
  if (locator.startsWith("json:") && !values.isJson) {
    return unverified(`the body is not JSON, so it has no ${partsOf(locator).name}`);
  }
  return theOne(values.at(locator), locator);
}

/** The name of a place, for people. */
export function nameOf(locator: Locator): string {
  const { kind, name } = partsOf(locator);
  return {
    header: name,
    query: `the query parameter ${name}`,
    json: `the body's ${name}`,
    form: `the form's ${name}`,
  }[kind];
}

function theOne([value, ...others]: readonly string[], locator: Locator): string | Unverified {
  const { kind, name } = partsOf(locator);
  if (kind === "json") return value ?? unverified(`the body has no text or number at ${name}`);
  const place = {
    header: `the header ${name}`,
    query: `the query parameter ${name}`,
    form: `the form field ${name}`,
  }[kind];
  if (value === undefined) return unverified(`${place} is missing`);
  if (others.length > 0) return unverified(`${place} occurs ${others.length + 1} times`);
  return value;
}

/** The bytes of a signature or key, or undefined if the text is empty or not exactly in the encoding. */
export function decodeBytes(text: string, encoding: "hex" | "base64"): Buffer | undefined {
  if (encoding === "base64") return text === "" ? undefined : decodeBase64(text);
  return /^([0-9a-f]{2})+$/i.test(text) ? Buffer.from(text, "hex") : undefined;
}
