import { needsSecret, type SignatureDefinition } from "../signatures/definition.js";

/**
 * What the deployed function knows of the stage: written into its bundle when the program runs, so that a change of
 * settings is a change of code, reviewed and rolled back like one. Names that AWS gives (queue URL, table, secrets) come
 * from the environment instead, see `environment.ts`.
 */
export interface ProcessorDefinition {
  /** The sources whose webhooks this function takes. */
  readonly sources: readonly SourceDefinition[];
  /** How long the function may run, in seconds; a claim's lease outlives it. */
  readonly timeoutSeconds: number;
  /** Webhooks of one batch worked on at the same time. */
  readonly concurrency: number;
  /** How long a webhook is remembered, in days. */
  readonly historyTtlDays: number;
  /** Delay of a failed webhook's next delivery. */
  readonly backoff: BackoffDefinition;
  /**
   * Deliveries after which the queue gives a webhook up. On a FIFO queue what follows in its group is then tried in its last
   * one.
   *
   * @default not known: it waits, and may be given up together with it
   */
  readonly maxReceiveCount?: number | undefined;
  /** What the history keeps of payloads. Default: `all`. */
  readonly keepPayload?: PayloadKeeping;
  /** Whether there is a bucket for payloads that are too large for the history; only then is its client bundled. Default: no. */
  readonly overflow?: boolean;
}

/**
 * What the history keeps of a payload: `all` of it, or `none` but the body's hash and length. Of a source that keeps none,
 * nothing can be shown or replayed, what is rejected or invalid included.
 */
export type PayloadKeeping = "all" | "none";

/** Exponential delay with full jitter: a random time up to `min(maxSeconds, baseSeconds × 2^(deliveries − 1))`. */
export interface BackoffDefinition {
  readonly baseSeconds: number;
  readonly maxSeconds: number;
}

/** One sender, as the function sees it. */
export interface SourceDefinition {
  /** `[a-z0-9-]{1,64}`; the last part of the path the sender posts to. */
  readonly name: string;
  readonly signature: SignatureDefinition;
  /**
   * Where the sender's own id of the event is found; the first that is present counts. With none present the id is the
   * sha256 of the raw body.
   */
  readonly eventId: readonly Locator[];
  /** Replaces the stage's. */
  readonly backoff?: BackoffDefinition;
  /** Replaces the stage's. */
  readonly keepPayload?: PayloadKeeping;
  /** What the history must not keep of a payload. */
  readonly redact?: readonly RedactedPath[];
  /** Where the type of the event stands, by which filters and routes go. */
  readonly eventType?: EventTypeLocator;
  /** Which types of events are of interest. Default: all. */
  readonly filter?: FilterDefinition;
  /** How the sender asks whether the address is ours; such webhooks are `ignored`. */
  readonly handshake?: { readonly kind: "slack" | "meta" };
  /** JSON schema that bodies must fit; those that do not are `invalid`. Compiled into the function's bundle. */
  readonly schema?: JsonSchema;
  /** Who works on which type. Default: the handler file of the source's name, else `forward`, else nobody. */
  readonly routes?: RoutesDefinition;
  /** The HTTP endpoint that webhooks are passed on to. */
  readonly forward?: ForwardDefinition;
}

/** A JSON schema as it stands in the settings. */
export type JsonSchema = Readonly<Record<string, unknown>>;

/** `json:customer.email`, `json:items.*.email`: a value in a JSON body; `*` stands for each of a list or an object. */
export type RedactedPath = `json:${string}`;

/** Where a type stands: `header:x-github-event`, `json:type`. */
export type EventTypeLocator = Exclude<Locator, "request-id">;

/** Types of events, `*` standing for any characters. What is excluded stays so if it is included as well. */
export interface FilterDefinition {
  /** Default: everything. With it, webhooks without a type are dropped too. */
  readonly include?: readonly string[];
  readonly exclude?: readonly string[];
}

/** Who works on which type of event. */
export interface RoutesDefinition {
  /** A type's own name counts before patterns with `*`, these in their order. */
  readonly byEventType: readonly { readonly match: string; readonly to: RouteTarget }[];
  /** For other types, and webhooks without one. Default: as without routes. */
  readonly otherwise?: RouteTarget;
}

/** The file `<handler>.ts` of the handlers' folder, the source's `forward`, or nobody. */
export type RouteTarget = { readonly handler: string } | "forward" | "record";

/** Passing webhooks on to an HTTP endpoint. */
export interface ForwardDefinition {
  /**
   * `https://…`; `{header:x-shop}` and `{json:data.id}` in its path or query stand for values of the webhook,
   * percent-encoded.
   */
  readonly url: string;
  /** How long a request may take, its answer's body included. */
  readonly timeoutSeconds: number;
  /** Answers that mean that no further try will help; the webhook is `invalid` then. */
  readonly permanentStatuses: readonly number[];
  /** Added to each request, and replacing the sender's of the same name. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Passes on what proves who the sender is: `authorization`, cookies, API keys. Default: no. */
  readonly passSecretHeaders?: boolean;
  /** Signs requests the Standard Webhooks way, with the secret that {@link forwardSecretName} names. Default: no. */
  readonly signing?: "standard-webhooks";
  /** Lets the URL lead to loopback, link-local and private addresses, and to `http:`. Default: no. */
  readonly allowPrivateNetwork?: boolean;
}

/** Name under which the secret goes that a source's forwarded webhooks are signed with. */
export function forwardSecretName(source: string): string {
  return `${source}-forward`;
}

/** Names of the secrets that a source needs: its own, and the one that forwarded webhooks are signed with. */
export function secretNamesOf({
  name,
  signature,
  forward,
}: Pick<SourceDefinition, "name" | "signature" | "forward">): string[] {
  return [
    ...(needsSecret(signature) ? [name] : []),
    ...(forward?.signing === undefined ? [] : [forwardSecretName(name)]),
  ];
}

/** Names of the handler files that a source routes to, besides the one of its own name. */
export function routedHandlersOf({ routes }: Pick<SourceDefinition, "routes">): string[] {
  if (routes === undefined) return [];
  const targets = [...routes.byEventType.map(({ to }) => to), routes.otherwise ?? "record"];
  return [...new Set(targets.flatMap((to) => (typeof to === "object" ? to.handler : [])))];
}

/**
 * A value in a webhook: `header:x-github-delivery`, or `json:data.object.id` in a JSON body.
 *
 * `request-id` is the gateway's id of the request: each request is its own event and nothing a sender repeats is known
 * again. For senders whose equal bodies are different events, where a hash would drop the second.
 */
export type Locator = `header:${string}` | `json:${string}` | "request-id";
