import { createHmac } from "node:crypto";
import { escape as escapeQuery } from "node:querystring";
import type { RequestValues } from "../../envelope/values.js";
import type { ContentfulSignature } from "../definition.js";
import { decodeBytes, readHeader, readValue } from "../request-values.js";
import {
  equalDigests,
  isUnverified,
  type Scheme,
  type SignedRequest,
  type Unverified,
  unverified,
} from "../scheme.js";
import { knownUrl, mismatch } from "../signed-text.js";
import { keyForm, readKey } from "../stored-secret.js";
import { timeProblem } from "../timestamp.js";

const signatureHeader = "x-contentful-signature";
const listHeader = "x-contentful-signed-headers";
const timeHeader = "x-contentful-timestamp";

export const contentfulKey = { encoding: "utf8" } as const;

/**
 * Contentful: hex HMAC-SHA256 over method, path, the headers that a list names, and the body, a line each.
 * contentful.com/developers/docs/extensibility/webhooks/request-verification, and the functions signRequest and
 * verifyRequest of @contentful/node-apps-toolkit.
 */
export const contentful: Scheme<ContentfulSignature> = ({ publicUrl, toleranceSeconds }, request) => {
  const value = readHeader(signatureHeader, request);
  if (isUnverified(value)) return value;
  const signature = decodeBytes(value, "hex");
  if (signature === undefined) return unverified(`${signatureHeader} does not contain a hex digest`);

  const time = readHeader(timeHeader, request);
  if (isUnverified(time)) return time;
  const problem = timeProblem(time.trim(), "milliseconds", toleranceSeconds, request);
  if (problem !== undefined) return problem;

  const lines = signedLines(publicUrl, request);
  if (isUnverified(lines)) return lines;
  return {
    mismatch: mismatch(signatureHeader, "an active secret", { publicUrl }),
    secretForm: keyForm(contentfulKey),
    fits(secret) {
      const key = readKey(secret, contentfulKey);
      return equalDigests(signature, createHmac("sha256", key).update(lines).update(request.body).digest());
    },
  };
};

/** The lines that are signed in front of the body. */
export function signedLines(publicUrl: string | undefined, request: SignedRequest): string | Unverified {
  const headers = canonicalHeaders(request);
  if (isUnverified(headers)) return headers;
  return [request.method, canonicalPath(knownUrl(publicUrl)), headers, ""].join("\n");
}

/** The time at which the request says it was signed, whether its signature is genuine or not. */
export function signedTime(values: RequestValues): string | undefined {
  const time = readValue(`header:${timeHeader}`, values);
  return isUnverified(time) ? undefined : time;
}

/** `name:value;name:value`, in the list's order. If the list did not contain the time, the time would not be signed. */
function canonicalHeaders(request: SignedRequest): string | Unverified {
  const list = readHeader(listHeader, request);
  if (isUnverified(list)) return list;
  const names = list.split(",").map((name) => name.trim().toLowerCase());
  if (!names.includes(timeHeader)) return unverified(`${listHeader} does not name ${timeHeader}`);

  const lines: string[] = [];
  for (const name of names) {
    const value = readHeader(name, request);
    if (isUnverified(value)) return value;
    lines.push(`${name}:${value.trim()}`);
  }
  return lines.join(";");
}

/** The path in the form of Contentful's own library: the query escaped as a whole, then once more with the path. */
function canonicalPath(publicUrl: string): string {
  const [, pathAndQuery = ""] = /^https?:\/\/[^/?#]*(.*)$/is.exec(publicUrl) ?? [];
  const [path = "", query = ""] = pathAndQuery.split("?");
  return encodeURI(query === "" ? path || "/" : `${path || "/"}?${escapeQuery(query)}`);
}
