import type { Envelope } from "./envelope/envelope.js";
import type { NameValue } from "./envelope/headers.js";
import { findEventId, webhookIdOf } from "./history/event-id.js";
import { type HandlerResult, runHandler } from "./routing/run-handler.js";
import type { WebhookHandler } from "./routing/webhook-handler.js";
import type { SourceDefinition } from "./stage/definition.js";
import { createLog, type LogFields } from "./telemetry/log.js";
import { Webhook } from "./webhook.js";

/** A webhook for a handler's test. */
export interface Fixture {
  readonly source: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly query?: Readonly<Record<string, string>>;
  /** The exact text or bytes. Any other value is sent as JSON. */
  readonly body: unknown;
  /** Where the event id is. Default: `["body"]`, a hash of the body and the query. */
  readonly eventId?: SourceDefinition["eventId"];
  /** Where the type of the event is, such as `json:type`. Default: the webhook has no type. */
  readonly eventType?: SourceDefinition["eventType"];
  /** Default: 1, the first try. */
  readonly attempt?: number;
  /** Default: now. */
  readonly receivedAt?: Date;
  /** Time until `signal` fires, in milliseconds. Default: 30,000, like the function's. */
  readonly timeoutMilliseconds?: number;
}

/** The fixture's outcome, in the pipeline's terms. */
export interface HandlerRun extends HandlerResult {
  /** The lines that the handler logged, including DEBUG. */
  readonly logs: readonly (LogFields & { readonly level: string; readonly message: string })[];
}

/**
 * Runs a handler as the pipeline does, but without the pipeline, AWS or a network. For tests of handlers.
 *
 * @example
 * ```ts
 * const { outcome, reason } = await runHandlerOn(orders, { source: "shop", body: { id: "o-1" } });
 * expect(outcome).toBe("processed");
 * ```
 */
export async function runHandlerOn(handler: WebhookHandler, fixture: Fixture): Promise<HandlerRun> {
  const { attempt = 1, timeoutMilliseconds = 30_000, eventId: locators = ["body"], eventType } = fixture;
  const envelope = envelopeOf(fixture);
  const eventId = findEventId({ eventId: locators, signature: { kind: "none" } }, envelope);
  const id = webhookIdOf(fixture.source, eventId);
  const logs: HandlerRun["logs"][number][] = [];
  const log = createLog({
    level: "DEBUG",
    clock: Date.now,
    writeLine: (line) => logs.push(JSON.parse(line)),
  }).with({ webhook_id: id, source: fixture.source });

  const endsAt = Date.now() + timeoutMilliseconds;
  const controller = new AbortController();
  const timer = setTimeout(() => controller.abort(), timeoutMilliseconds);
  try {
    const result = await runHandler(handler, new Webhook(envelope, { id, eventId, attempt, eventType }), {
      deadline: { signal: controller.signal, remainingMilliseconds: () => Math.max(0, endsAt - Date.now()) },
      log,
    });
    return { ...result, logs };
  } finally {
    clearTimeout(timer);
  }
}

function envelopeOf({ source, headers = {}, query = {}, body, receivedAt = new Date() }: Fixture): Envelope {
  const isJson = typeof body !== "string" && !(body instanceof Uint8Array);
  const pairs: NameValue[] = Object.entries(headers);
  const typed = pairs.some(([name]) => name.toLowerCase() === "content-type");
  return {
    source,
    bodyEncoding: "bytes",
    requestId: "fixture",
    receivedAt: receivedAt.getTime(),
    sourceIp: "192.0.2.1",
    method: "POST",
    path: `/v1/webhooks/${source}`,
    headers: isJson && !typed ? [...pairs, ["content-type", "application/json"]] : pairs,
    query: Object.entries(query),
    body: isJson ? Buffer.from(JSON.stringify(body)) : Buffer.from(body as string),
  };
}
