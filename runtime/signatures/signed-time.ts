import type { RequestValues } from "../envelope/values.js";
import type { SignatureDefinition } from "./definition.js";
import { signedTime as contentfulTime } from "./schemes/contentful.js";
import { signedTimeOf } from "./signed-text.js";

/**
 * The signed time exactly as the sender wrote it, whether the signature is genuine or not. Undefined if the request has
 * none or the scheme signs none.
 */
export function signedTime(signature: SignatureDefinition, values: RequestValues): string | undefined {
  switch (signature.kind) {
    case "hmac":
    case "public-key":
      return signedTimeOf(signature, values);
    case "contentful":
      return contentfulTime(values);
    default:
      return undefined;
  }
}
