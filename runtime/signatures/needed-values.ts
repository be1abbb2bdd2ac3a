import type { SignatureDefinition, SignedText } from "./definition.js";

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
      return { headers: headersOfSignedText(signature), query: [] };
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
    case "body-jwt":
      return { headers: [signature.header], query: [] };
    case "contentful":
      return undefined;
  }
}

function headersOfSignedText({ header = [], content, timestamp }: SignedText): string[] {
  const inContent = [...content.matchAll(/\{header:([^}]+)\}/g)].map(([, name = ""]) => name.toLowerCase());
  return [
    ...[header].flat(),
    ...(timestamp?.header === undefined ? [] : [timestamp.header]),
    ...inContent,
    ...(content.includes("{form}") ? ["content-type"] : []),
  ];
}
