import type { Locator } from "../../stage/definition.js";
import type { HmacSignature, SignatureDefinition } from "../definition.js";

/** What is known of a provider: how it signs, and where it puts the id of the event. */
export interface Preset {
  /** Complete but for what only a stage knows: `publicUrl`, `publicKey`, `webhookId`. */
  readonly signature: SignatureDefinition;
  /** Where the event's id stands; none: equal requests are the same event. */
  readonly eventId: readonly Locator[];
  /** What to store as the source's secret, in the provider's words. */
  readonly secret: string;
  /** The provider's page, or its code, that this was read from. */
  readonly documentation: string;
  /** What no text of the provider's own has confirmed yet. */
  readonly unconfirmed?: string;
}

type HmacDetails = Partial<Omit<HmacSignature, "kind" | "header">>;

/** HMAC-SHA256 in hex over the body, with the secret's own bytes as the key, unless told otherwise. */
export function hmacIn(header: string | readonly string[], details: HmacDetails = {}): HmacSignature {
  return {
    kind: "hmac",
    hash: "sha256",
    encoding: "hex",
    header,
    content: "{body}",
    key: { encoding: "utf8" },
    ...details,
  };
}
