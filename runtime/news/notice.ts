import type { SQSRecord } from "aws-lambda";
import type { WorkedRecord } from "../batch/batch.js";
import { goesBack, type RecordResult } from "../batch/record.js";
import { receiveCount } from "../batch/redelivery.js";
import { SecretError } from "../signatures/scheme.js";
import { SecretUnavailableError } from "../signatures/secrets.js";
import { shortened } from "../telemetry/shortened.js";
import type { SourceEvent, WebhookEvent } from "./events.js";

type Worked = WorkedRecord<RecordResult>;

/** What is known of a batch's records besides their results. */
export interface BatchFacts {
  readonly isLastDelivery: (record: SQSRecord) => boolean;
  /** The source of a record that was not started, as far as its message tells it. */
  readonly sourceOf: (record: SQSRecord) => string | undefined;
}

/** What a batch has to tell. */
export interface Noticed {
  readonly webhooks: readonly WebhookEvent[];
  readonly sources: readonly SourceEvent[];
}

/** Length of the longest reason in an event, in characters. */
const longestReason = 1_000;

/** What in a batch is worth telling. */
export function notice(worked: readonly Worked[], facts: BatchFacts): Noticed {
  return {
    webhooks: worked.flatMap((one) => aboutWebhook(one, facts)),
    sources: [
      ...bySource("Webhooks Rejected", worked, ({ verdict }) => verdict === "rejected"),
      ...bySource("Source Without Secret", worked, lacksSecret),
      ...bySource("Target Left Alone", worked, ({ trace }) => trace.opened === true),
    ],
  };
}

function aboutWebhook({ record, result }: Worked, { isLastDelivery, sourceOf }: BatchFacts): WebhookEvent[] {
  const { source, webhookId, requestId, attempt, receivedAt } = result?.trace ?? {};
  const detail = {
    source: source ?? sourceOf(record),
    webhookId,
    requestId,
    reason: shortened(reasonOf(result), longestReason),
    attempts: attempt,
    receivedAt: receivedAt === undefined ? undefined : new Date(receivedAt).toISOString(),
  };
  if (result?.verdict === "invalid") return [{ type: "Webhook Invalid", detail }];
  // It was told of when it had its last try.
  if (result?.verdict === "spent") return [];
  const returns = result === undefined || goesBack(result);
  if (!returns || !isLastDelivery(record)) return [];
  const { messageId, eventSourceARN: queueArn } = record;
  const letter = { ...detail, deliveries: receiveCount(record), messageId, queueArn };
  return [{ type: "Webhook Dead-Lettered", detail: letter }];
}

function reasonOf(result: RecordResult | undefined): string {
  if (result === undefined) return "not tried in its last delivery: no time or no turn was left for it";
  if (result.verdict === "busy") return "another delivery of it was being handled";
  if (result.verdict === "suspect") {
    return `not tried in its last delivery: the function crashed on it before (${result.crashes} times)`;
  }
  if (result.verdict === "held" || result.verdict === "spent") return "its target was left alone";
  const { reason, error } = result;
  if (reason !== undefined) return reason;
  return error instanceof Error ? `${error.name}: ${error.message}` : String(error ?? "no reason given");
}

function lacksSecret(result: RecordResult): boolean {
  const error = "error" in result ? result.error : undefined;
  return error instanceof SecretUnavailableError || error instanceof SecretError;
}

function bySource(
  type: SourceEvent["type"],
  worked: readonly Worked[],
  applies: (result: RecordResult) => boolean,
): SourceEvent[] {
  const results = worked.flatMap(({ result }) => (result !== undefined && applies(result) ? [result] : []));
  const ofSources = Map.groupBy(results, ({ trace }) => trace.source);
  return [...ofSources].flatMap(([source, same]) => {
    if (source === undefined) return [];
    const reason = shortened(reasonOf(same.at(-1)), longestReason);
    return [{ type, detail: { source, reason, count: same.length } }];
  });
}
