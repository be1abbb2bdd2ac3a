import type { Envelope } from "./envelope.js";
import { headerValues, type NameValue } from "./headers.js";
import { parseJson } from "./json.js";

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

/** A webhook as its handler sees it: authentic, and not claimed by anybody else at the same time. */
export class Webhook {
  /** Key in the history: `source/event id`. */
  readonly id: string;
  readonly source: string;
  /** The sender's id of the event, or one made from the content. It is the same in every delivery of the event. */
  readonly eventId: string;
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

  constructor(
    envelope: Envelope,
    { id, eventId, attempt }: { readonly id: string; readonly eventId: string; readonly attempt: number },
  ) {
    this.id = id;
    this.source = envelope.source;
    this.eventId = eventId;
    this.receivedAt = new Date(envelope.receivedAt);
    this.headers = values(envelope.headers, (name) => headerValues(envelope.headers, name)[0]);
    this.query = values(
      envelope.query,
      (name) => envelope.query.find(([candidate]) => candidate === name)?.[1],
    );
    this.body = envelope.body;
    this.sourceIp = envelope.sourceIp;
    this.attempt = attempt;
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
