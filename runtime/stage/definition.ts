import type { Locator } from "../envelope/locator.js";
import { needsSecret, type SignatureDefinition } from "../signatures/definition.js";
import type { EventPattern } from "./event-pattern.js";
import type { EventsDefinition } from "./events.js";
import type { PostedQuestion } from "./handshake.js";
import type { AwsTargetDefinition } from "./targets.js";

/**
 * What the deployed function knows about the stage. It is a file in the function's archive, written when the program
 * runs, so that a change of settings is deployed, reviewed and rolled back like a change of code. Names that AWS assigns
 * (queue URL, table, secrets) come from the environment instead, see `environment.ts`.
 */
export interface ProcessorDefinition {
  /** The sources whose webhooks this function takes. */
  readonly sources: readonly SourceDefinition[];
  /** The subscribers that this function works for, if it is a subscribers' function: such a one has no sources. */
  readonly subscribers?: readonly SubscriberDefinition[];
  /** The function's timeout in seconds. A claim's lease is longer. */
  readonly timeoutSeconds: number;
  /** Webhooks of one batch that are handled at the same time. */
  readonly concurrency: number;
  /** How long the history keeps a webhook, in days. */
  readonly historyTtlDays: number;
  /** The delay before a failed webhook's next delivery. */
  readonly backoff: BackoffDefinition;
  /**
   * Deliveries after which the queue moves a webhook to the dead-letter queue. After the last one it does not wait, because
   * it is not tried again. On a FIFO queue, the webhooks behind it in its group are tried in its last delivery.
   */
  readonly maxReceiveCount: number;
  /** What the history keeps of payloads. Default: `all`. */
  readonly keepPayload?: PayloadKeeping;
  /**
   * Whether there is a bucket for payloads that are too large for the history. Only then its client is bundled. A bucket
   * that is `retiring` takes nothing new.
   *
   * @default false
   */
  readonly overflow?: boolean | "retiring";
  /**
   * Whether the metrics are also counted by source.
   *
   * @default true
   */
  readonly metricsBySource?: boolean;
  /** Where events about the pipeline go. Only then the client for EventBridge is bundled. Default: nowhere. */
  readonly events?: EventsDefinition;
}

/**
 * What the history keeps of a payload: `all`, or `none` except the body's hash and length. Without payloads, nothing of
 * the source can be shown or replayed, not even rejected or invalid webhooks.
 */
export type PayloadKeeping = "all" | "none";

/** Exponential delay with full jitter: a random time up to `min(maxSeconds, baseSeconds × 2^(deliveries − 1))`. */
export interface BackoffDefinition {
  readonly baseSeconds: number;
  readonly maxSeconds: number;
}

/** When a target that fails for everybody is left alone, so that its webhooks do not use up their tries. */
export interface BreakerDefinition {
  /** Failures in a row after which it is left alone. */
  readonly failures: number;
  /** How long it is left alone at most before it is tried again. */
  readonly longestSeconds: number;
  /**
   * For how long after its first send a webhook waits for its target; after that it is tried. With the time that its tries can
   * take, it is as long as the queue keeps a webhook.
   */
  readonly holdingSeconds: number;
}

/** One sender, in the form that the function uses. */
export interface SourceDefinition {
  /** `[a-z0-9-]{1,64}`; the last segment of the path that the sender posts to. */
  readonly name: string;
  /**
   * The name in messages and in the history, where it starts every webhook's id. A renamed source keeps it, so that what it
   * handled under its earlier name is known again. Default: the name.
   */
  readonly rememberedAs?: string;
  readonly signature: SignatureDefinition;
  /**
   * What identifies an event. The first entry that a webhook has counts. If it has none, the webhook is an event of its
   * own, so that it is not lost.
   */
  readonly eventId: readonly EventIdLocator[];
  /** Replaces the stage's. */
  readonly backoff?: BackoffDefinition;
  /** When to leave the target alone. Default: never. */
  readonly breaker?: BreakerDefinition;
  /**
   * Whether an alarm waits for its webhooks, so that their arrival is counted.
   *
   * @default false
   */
  readonly expected?: boolean;
  /** Replaces the stage's. */
  readonly keepPayload?: PayloadKeeping;
  /** Values that the history must not keep. */
  readonly redact?: readonly RedactedPath[];
  /** Where the event type is, which filters and routes use. */
  readonly eventType?: Locator;
  /** Which webhooks are handled. Default: all. */
  readonly filter?: FilterDefinition;
  /** The question whether the URL is ours, if the sender posts it. Such webhooks are `ignored`. */
  readonly handshake?: PostedQuestion;
  /** JSON schema that bodies must fit. Webhooks that do not fit are `invalid`. Its validator is a file in the archive. */
  readonly schema?: JsonSchema;
  /** The target of each event type. Default: the handler file with the source's name, else `forward`, else nobody. */
  readonly routes?: RoutesDefinition;
  /** The HTTP endpoint that webhooks are forwarded to. */
  readonly forward?: ForwardDefinition;
  /** The AWS service that webhooks are handed to. */
  readonly target?: AwsTargetDefinition;
  /**
   * Names of those who each get every webhook, instead of a handler file or `forward`. Default: the source has none.
   */
  readonly subscribers?: readonly string[];
}

/**
 * One of those who get a source's webhooks, in the form that the function uses. It works on them like a source: by its own
 * claim, with its own tries and its own end in the history.
 */
export interface SubscriberDefinition
  extends Pick<
    SourceDefinition,
    "backoff" | "breaker" | "eventType" | "filter" | "schema" | "redact" | "keepPayload"
  > {
  /** {@link fullName} of the source's present name. */
  readonly name: string;
  /** {@link fullName} of the name that messages and the history have for the source. Default: the name. */
  readonly rememberedAs?: string;
  /** Present name of the source. */
  readonly source: string;
  /** How the source's webhooks are signed, and so which of their headers are credentials. */
  readonly signature: SignatureDefinition;
  readonly target: TargetDefinition;
}

/**
 * Where a subscriber's webhooks go: to the file `<handler>.ts` in the handlers' folder, to an HTTP endpoint, or to an AWS
 * service.
 */
export type TargetDefinition =
  | { readonly handler: string }
  | { readonly forward: ForwardDefinition }
  | AwsTargetDefinition;

/** What a subscriber is called outside of its source. No source's name has a dot. */
export function fullName(source: string, subscriber: string): string {
  return `${source}.${subscriber}`;
}

/** Who forwards to an HTTP endpoint: sources, and subscribers with such a target. */
export function forwardersOf({
  sources,
  subscribers = [],
}: Pick<ProcessorDefinition, "sources" | "subscribers">): Forwarding[] {
  return [
    ...sources.flatMap(({ name, signature, forward }) =>
      forward === undefined ? [] : { name, signature, forward },
    ),
    ...subscribers.flatMap(({ name, signature, target }) =>
      "forward" in target ? { name, signature, forward: target.forward } : [],
    ),
  ];
}

/** Who hands webhooks to an AWS service: sources, and subscribers with such a target. */
export function awsTargetsOf({
  sources,
  subscribers = [],
}: Pick<ProcessorDefinition, "sources" | "subscribers">): WithAwsTarget[] {
  return [
    ...sources.flatMap(({ target, ...source }) => (target === undefined ? [] : { ...source, target })),
    ...subscribers.flatMap(({ target, ...subscriber }) =>
      "kind" in target ? { ...subscriber, target } : [],
    ),
  ];
}

/** One who hands webhooks to an AWS service. */
export interface WithAwsTarget
  extends Pick<SourceDefinition, "name" | "signature" | "redact" | "keepPayload" | "eventType"> {
  readonly target: AwsTargetDefinition;
}

/** One who forwards. */
export interface Forwarding extends Pick<SourceDefinition, "name" | "signature"> {
  readonly forward: ForwardDefinition;
}

/** A JSON schema from the settings. */
export type JsonSchema = Readonly<Record<string, unknown>>;

/**
 * `json:customer.email`, `json:items.*.email`: a value in a JSON body. `*` stands for each member of a list or an
 * object.
 */
export type RedactedPath = `json:${string}`;

/** What a webhook must fit. Other webhooks are `ignored`. */
export interface FilterDefinition {
  /** Event types, with `*` for any characters. Default: all. If set, webhooks without a type are dropped, too. */
  readonly include?: readonly string[];
  /** Event types, as in `include`, over which it takes precedence. Default: none. */
  readonly exclude?: readonly string[];
  /** Values that a webhook must have. Default: any. */
  readonly pattern?: EventPattern;
}

/** The target of each event type. */
export interface RoutesDefinition {
  /** A type's exact name is tried first, then patterns with `*` in their order. */
  readonly byEventType: readonly { readonly match: string; readonly to: RouteTarget }[];
  /** For other types, and for webhooks without a type. Default: the same target as without routes. */
  readonly otherwise?: RouteTarget;
}

/** The file `<handler>.ts` in the handlers' folder, the source's `forward`, or nobody. */
export type RouteTarget = { readonly handler: string } | "forward" | "record";

/** How webhooks are forwarded to an HTTP endpoint. */
export interface ForwardDefinition {
  /**
   * `https://…`. In its path and query, `{header:x-shop}` and `{json:data.id}` stand for percent-encoded values of the
   * webhook.
   */
  readonly url: string;
  /** How long a request may take, including the answer's body. */
  readonly timeoutSeconds: number;
  /** Statuses after which a retry cannot help. The webhook is then `invalid`. */
  readonly permanentStatuses: readonly number[];
  /** Added to each request. They replace the sender's headers with the same name. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Passes on the sender's credentials: `authorization`, cookies, API keys. Default: no. */
  readonly passSecretHeaders?: boolean;
  /** Sends a CloudEvent 1.0, in structured or in binary mode. Default: the webhook as it came. */
  readonly format?: "cloudevents" | "cloudevents-binary";
  /** Signs requests with Standard Webhooks, with the secret that {@link forwardSecretName} names. Default: no. */
  readonly signing?: "standard-webhooks";
  /** Allows loopback, link-local and private addresses, and `http:`. Default: no. */
  readonly allowPrivateNetwork?: boolean;
}

/** The name of the secret that signs a source's forwarded webhooks. */
export function forwardSecretName(source: string): string {
  return `${source}-forward`;
}

/** Names of the secrets that a source needs: its own, and the one that signs forwarded webhooks. */
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

/** Names of all handler files that a function may need, whether they exist or not. */
export function handlersOf({
  sources,
  subscribers = [],
}: Pick<ProcessorDefinition, "sources" | "subscribers">): string[] {
  return [
    ...new Set([
      ...sources.flatMap((source) => (source.subscribers === undefined ? source.name : [])),
      ...sources.flatMap(routedHandlersOf),
      ...subscribers.flatMap(({ target }) => ("handler" in target ? target.handler : [])),
    ]),
  ];
}

/** Names of the handler files that a source routes to, in addition to the one with its own name. */
export function routedHandlersOf({ routes }: Pick<SourceDefinition, "routes">): string[] {
  if (routes === undefined) return [];
  const targets = [...routes.byEventType.map(({ to }) => to), routes.otherwise ?? "record"];
  return [...new Set(targets.flatMap((to) => (typeof to === "object" ? to.handler : [])))];
}

/**
 * What identifies an event: one part, or several parts that identify it only together. A webhook must have all of them.
 *
 * @example
 * ```ts
 * ["header:x-wc-webhook-topic", "json:id"]
 * ```
 */
export type EventIdLocator = EventIdPart | readonly EventIdPart[];

/**
 * - a {@link Locator}: the value at this place
 * - `signed-time`: the time that the signature covers, as the sender wrote it
 * - `body`: a hash of the body and the query. It is for senders whose equal bodies are the same event. An empty body does
 *   not have it.
 * - `body-without:json:attempt,json:events.*.attempt`: the same without some values, such as a counter of the sender's tries
 * - `request-id`: the gateway's id of the request. Each request is an event of its own, and repetitions are not
 *   recognised. It is for senders whose equal bodies are different events, where a hash would drop the second event.
 */
export type EventIdPart = Locator | "signed-time" | "body" | `body-without:${RedactedPath}` | "request-id";

/** The places in a request that an event id is read from. */
export function locatorsOfEventId(eventId: readonly EventIdLocator[]): Locator[] {
  return eventId.flat().filter((part): part is Locator => /^(header|query|json|form):/.test(part));
}

/** The paths that a `body-without:` leaves out. A path has no colon, so `,json:` always separates two paths. */
export function leftOutPaths(part: `body-without:${RedactedPath}`): RedactedPath[] {
  return part.slice("body-without:".length).split(/,(?=json:)/) as RedactedPath[];
}
