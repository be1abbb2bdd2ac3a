import { isNamed } from "../payload/json-spans.js";
import { sensitiveHeaders, sensitiveQueryParameters } from "../signatures/sensitive.js";
import type { RedactedPath, SourceDefinition } from "../stage/definition.js";
import type { IsHidden } from "./explain.js";
import type { Place } from "./values-at.js";

/**
 * Tells which values of a webhook the history must not keep, so that no reason shows them: credentials, redacted values,
 * and everything that the sender wrote if no payload is kept.
 *
 * @param hasJsonBody redacted values cannot be found in any other body, which is then left out as a whole
 */
export function hiddenValues(
  { signature, redact = [], keepPayload }: Pick<SourceDefinition, "signature" | "redact" | "keepPayload">,
  { hasJsonBody }: { readonly hasJsonBody: boolean },
): IsHidden {
  return ([root, ...place]) => {
    if (root !== "headers" && root !== "query" && root !== "body") return false;
    if (keepPayload === "none") return true;
    const name = String(place[0]);
    if (root === "headers") return sensitiveHeaders(signature).has(name);
    if (root === "query") return sensitiveQueryParameters(signature).has(name);
    return redact.length > 0 && (!hasJsonBody || redact.some((path) => covers(path, place)));
  };
}

/** Whether redacting a path removes the value at a place of the body. */
function covers(path: RedactedPath, place: Place): boolean {
  const keys = path.slice("json:".length).split(".");
  return keys.length <= place.length && keys.every((key, index) => isNamed(String(place[index]), key));
}
