import { type LocatorKind, partsOf } from "../envelope/locator.js";
import { locatorsIn, locatorsOf, type SignatureDefinition, type SignedText } from "./definition.js";

/** What a scheme reads of a request in addition to its body, method and receive time. */
export interface NeededValues {
  /** Lower case. */
  readonly headers: readonly string[];
  readonly query: readonly string[];
}

/**
 * What must reach the function so that a signature can be checked. `undefined` if only the request itself says which
 * headers are signed. A gateway that carries only selected headers needs this.
 */
export function neededValues(signature: SignatureDefinition): NeededValues | undefined {
  switch (signature.kind) {
    case "none":
    case "adyen":
      return { headers: [], query: [] };
    case "hmac":
    case "public-key":
      return valuesOfSignedText(signature);
    case "token":
      return {
        headers: signature.header === undefined ? [] : [signature.header],
        query: signature.query === undefined ? [] : [signature.query],
      };
    case "basic":
      return { headers: ["authorization"], query: [] };
    case "twilio":
      return { headers: ["x-twilio-signature", "content-type"], query: ["bodySHA256"] };
    case "paypal":
      return {
        headers: ["id", "time", "sig"]
          .map((name) => `paypal-transmission-${name}`)
          .concat("paypal-auth-algo"),
        query: [],
      };
    case "jwt":
      return { headers: signature.header === undefined ? [] : [signature.header], query: [] };
    case "contentful":
      return undefined;
  }
}

function valuesOfSignedText(signature: SignedText): NeededValues {
  const { content, timestamp = {} } = signature;
  const locators = [...locatorsOf(signature), ...locatorsOf(timestamp), ...locatorsIn(content)].map(partsOf);
  const names = (wanted: LocatorKind) =>
    locators.filter(({ kind }) => kind === wanted).map(({ name }) => name);
  const readsForm = names("form").length > 0 || content.includes("{form}");
  return {
    headers: [
      ...names("header").map((name) => name.toLowerCase()),
      // It says how the form is written.
      ...(readsForm ? ["content-type"] : []),
    ],
    query: names("query"),
  };
}
