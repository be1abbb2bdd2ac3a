import type { Provider } from "../../../providers/support/provider.js";
import { bodyHmacSenders } from "./body-hmac.js";
import { senderByScheme } from "./by-scheme.js";
import { ownSchemeSenders } from "./own-schemes.js";
import type { Sender } from "./sender.js";
import { sharedSecretSenders } from "./shared-secret.js";
import { timedHmacSenders } from "./timed-hmac.js";
import { urlBoundSenders } from "./url-bound.js";

/** Senders that know of a provider from its own SDK or documentation, and nothing of our definition; by its name. */
export const senders: Readonly<Record<string, Sender>> = {
  ...bodyHmacSenders,
  ...timedHmacSenders,
  ...urlBoundSenders,
  ...sharedSecretSenders,
  ...ownSchemeSenders,
};

/** A provider's own sender; for one that has none yet, a sender that does what the definition says. */
export function senderOf(name: string, provider: Provider): Sender {
  return senders[name] ?? senderByScheme(provider);
}
