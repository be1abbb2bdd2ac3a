import { readHeader } from "./request-values.js";
import { isUnverified, type SignedRequest, type Unverified, unverified } from "./scheme.js";

const formType = "application/x-www-form-urlencoded";

/**
 * The fields of a form body, sorted by name, names and values concatenated. Distinct values of a repeated field are
 * sorted, too. This is what Twilio and Mailchimp Transactional sign after the URL.
 *
 * Only a body with the content type of a form is read as one: names and values are concatenated, so another text could
 * give the same result.
 */
export function sortedFields(request: SignedRequest): string | Unverified {
  if (request.body.length === 0) return "";
  const type = readHeader("content-type", request);
  if (isUnverified(type)) return type;
  if (type.split(";")[0]?.trim().toLowerCase() !== formType) return unverified(`the body is not ${formType}`);

  const valuesByName = new Map<string, Set<string>>();
  for (const [name, value] of new URLSearchParams(request.body.toString("utf8"))) {
    valuesByName.set(name, (valuesByName.get(name) ?? new Set()).add(value));
  }
  // By UTF-16 code units, like JavaScript's sort in the providers' libraries.
  return [...valuesByName.keys()]
    .sort()
    .flatMap((name) => [...(valuesByName.get(name) ?? [])].sort().map((value) => name + value))
    .join("");
}
