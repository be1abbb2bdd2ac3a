import type { Locator } from "../../runtime/envelope/locator.js";
import type { SignatureDefinition } from "../../runtime/signatures/definition.js";
import type { EventIdLocator } from "../../runtime/stage/definition.js";
import type { ServedHandshake } from "./handshakes.js";

/**
 * Stands in place of a fact that nobody has read in the provider's own documentation or code yet. It is better than a
 * guess: the tables in docs/ show it as it is.
 */
export const notConfirmed = "not confirmed";

/**
 * All that is known of a provider of webhooks. Each file in `providers/` exports one of these as its default export, and
 * the file's name is the provider's name in a stage's settings: `signature: { scheme: stripe }` for `stripe.ts`.
 */
export interface Provider {
  /** The name as the provider writes it. */
  readonly displayName: string;
  /** How it signs. Complete except for what only a stage knows: `publicUrl`, `publicKey`, `webhookId`. */
  readonly signature: SignatureDefinition;
  readonly secret: ProviderSecret;
  /**
   * What tells an event from others, so that it is processed once; the first that is there counts. `body` only where two
   * events never have equal bodies; when in doubt `request-id`, which loses nothing.
   */
  readonly eventId: readonly [EventIdLocator, ...EventIdLocator[]];
  /** Where the type of the event stands; `none` where no single place holds it. */
  readonly eventType: Locator | "none" | typeof notConfirmed;
  readonly handshake: ProviderHandshake;
  /**
   * What else it asks for that the front door cannot do, in one sentence.
   *
   * @default nothing
   */
  readonly missing?: string;
  /** MIME types that it sends, without parameters, the usual one first. A stage accepts them unless it names its own. */
  readonly contentTypes: readonly [string, ...string[]];
  readonly delivery: ProviderDelivery;
  /**
   * Why the definition is as it is, in whole sentences, for docs/signatures.md.
   *
   * @default the table says all there is
   */
  readonly notes?: string;
  /** What of the above no text of the provider's own has confirmed yet; empty where all of it was read there. */
  readonly unconfirmed: readonly string[];
  /** The provider's pages, or its code, that this was read from; the first one describes the signature. */
  readonly links: readonly [string, ...string[]];
  /** A webhook as the provider sends it, with which the tests prove that the definition fits together. */
  readonly sample: SampleWebhook;
}

/** What has to be stored as the source's secret. */
export interface ProviderSecret {
  /** What it is, in the provider's words. */
  readonly store: string;
  /** Where the provider shows it. It begins with {@link youChooseIt} where its user chooses it. */
  readonly shownAt: string;
}

const youChooseIt = "you choose it";

/** Whether the receiver of the webhooks makes the secret up, and tells the provider. */
export function isChosenByReceiver({ secret }: Pick<Provider, "secret">): boolean {
  return secret.shownAt.startsWith(youChooseIt);
}

/** How a provider asks, before it sends events, whether the address is its user's. */
export type ProviderHandshake =
  | { readonly kind: "none" | typeof notConfirmed }
  | { readonly kind: ServedHandshake }
  | {
      /** The front door has no answer for it. */
      readonly kind: "not served";
      /** The question, and the answer it wants. */
      readonly question: string;
      /** Why the front door cannot answer it. */
      readonly why: string;
      /** What to do instead. */
      readonly instead: string;
    };

/** How a provider delivers, as its own pages or its users tell it. */
export interface ProviderDelivery {
  /** How long it waits for an answer. */
  readonly answerTimeout: string;
  /** How often and how long it sends a webhook again that was not answered with 2xx, and what it does after that. */
  readonly retries: string;
  /**
   * What its user should know of this front door, for docs/ingest.md.
   *
   * @default nothing special
   */
  readonly atTheFrontDoor?: string;
}

/** A webhook as a provider sends it, but for the headers or fields that carry the signature. */
export interface SampleWebhook {
  /**
   * Headers besides the content type and those of the signature.
   *
   * @default none
   */
  readonly headers?: Readonly<Record<string, string>>;
  readonly body: string;
  /**
   * The value that the event id is taken from.
   *
   * @default the provider sends none
   */
  readonly eventId?: string;
  /**
   * The value of the event's type.
   *
   * @default the provider sends none, or it is not confirmed where
   */
  readonly eventType?: string;
}
