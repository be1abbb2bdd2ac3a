/** The `source` of every event about the pipeline. A target's events have `webhooks.<source>`. */
export const eventSource = "webhooks";

/** What an event tells of one webhook. Never a body, a header or a secret. */
interface WebhookDetail {
  /** Absent where the message does not tell it. */
  readonly source?: string | undefined;
  /** Its key in the history. Absent if it did not get that far. */
  readonly webhookId?: string | undefined;
  /** The gateway's id of the request. */
  readonly requestId?: string | undefined;
  readonly reason: string;
  /** Tries that were begun, as the history counts them. */
  readonly attempts?: number | undefined;
  /** When the gateway took it: ISO 8601, UTC. */
  readonly receivedAt?: string | undefined;
}

/** A webhook on its way to the dead-letter queue. */
interface DeadLetterDetail extends WebhookDetail {
  /** Deliveries, as SQS counts them. */
  readonly deliveries: number;
  /** SQS's id of the message, which it keeps in the dead-letter queue. */
  readonly messageId: string;
  /** The queue that gives it up. */
  readonly queueArn: string;
}

/** What happened to a source, so many times in a batch. */
interface SourceDetail {
  readonly source: string;
  /** Of the last one. */
  readonly reason: string;
  readonly count: number;
}

/** Events about one webhook, of which each tells. */
export type WebhookEvent =
  | { readonly type: "Webhook Dead-Lettered"; readonly detail: DeadLetterDetail }
  | { readonly type: "Webhook Invalid"; readonly detail: WebhookDetail };

/** Events about a source, of which one tells in a window of time. */
export interface SourceEvent {
  readonly type: "Webhooks Rejected" | "Source Without Secret" | "Target Left Alone";
  readonly detail: SourceDetail;
}

/** What EventBridge is told. */
export interface BusEntry {
  readonly type: WebhookEvent["type"] | SourceEvent["type"];
  readonly time: Date;
  readonly detail: object;
}

/** Puts events on the bus. Rejects if one of them was not taken. */
export type PutEvents = (entries: readonly BusEntry[], signal: AbortSignal) => Promise<void>;
