import type { Envelope } from "./envelope.js";
import { findEventType } from "./event-type.js";
import { headerValues, type NameValue } from "./headers.js";
import { parseJson } from "./json.js";
import type { Locator } from "./locator.js";

/**
 * The error for a webhook that is the sender's mistake. If a handler throws it, the webhook is kept for people to look
 * at and not retried.
 */
export class InvalidWebhookError extends Error {
  override readonly name = "InvalidWebhookError";
}

/** Headers or query parameters. */
export interface WebhookValues extends Iterable<NameValue> {
  /** First value, or undefined. */
  get(name: string): string | undefined;
}

/** What the pipeline knows of a webhook besides what the sender sent. */
export interface WebhookFacts {
  readonly id: string;
  readonly eventId: string;
  readonly attempt: number;
  /** Where the type of the event stands. Default: not known. */
  readonly eventType?: Locator | undefined;
}

/** A webhook as its handler sees it: authentic, and not claimed by anybody else at the same time. */
export class Webhook {
  /** Key in the history: `source/event id`. */
  readonly id: string;
  readonly source: string;
  /** The sender's id of the event, or one made from the content. It is the same in every delivery of the event. */
  readonly eventId: string;
  /** The request's method, `POST` unless the API has been changed. */
  readonly method: string;
  /** When API Gateway received it. */
  readonly receivedAt: Date;
  /** Names in any case. */
  readonly headers: WebhookValues;
  /** Query parameters, names as the sender wrote them. */
  readonly query: WebhookValues;
  /** The sender's exact bytes, without the compression that `Content-Encoding` may name. */
  readonly body: Buffer;
  readonly sourceIp: string;
  /** Number of the try, counted over all deliveries, from 1. */
  readonly attempt: number;

  readonly #findType: () => string | undefined;
  #type: { readonly value: string | undefined } | undefined;

  constructor(envelope: Envelope, { id, eventId, attempt, eventType }: WebhookFacts) {
    this.id = id;
    this.source = envelope.source;
    this.eventId = eventId;
    this.method = envelope.method;
    this.receivedAt = new Date(envelope.receivedAt);
    this.headers = values(envelope.headers, (name) => headerValues(envelope.headers, name)[0]);
    this.query = values(
      envelope.query,
      (name) => envelope.query.find(([candidate]) => candidate === name)?.[1],
    );
    this.body = envelope.body;
    this.sourceIp = envelope.sourceIp;
    this.attempt = attempt;
    this.#findType = () => eventType && findEventType(eventType, envelope);
  }

  /**
   * The type of the event, such as `invoice.paid`. Undefined if the webhook has none, or if it is not known where the
   * source puts it (`eventType` in its settings).
   */
  get type(): string | undefined {
    this.#type ??= { value: this.#findType() };
    return this.#type.value;
  }

  /** The body as UTF-8 text. */
  text(): string {
    return this.body.toString("utf8");
  }

  /**
   * The value of the JSON body.
   *
   * @throws InvalidWebhookError for a body that is not JSON
   */
  json(): unknown {
    const value = parseJson(this.body);
    if (value === undefined) throw new InvalidWebhookError("the body is not JSON");
    return value;
  }
}

function values(pairs: readonly NameValue[], get: WebhookValues["get"]): WebhookValues {
  return { get, [Symbol.iterator]: () => pairs[Symbol.iterator]() };
}
