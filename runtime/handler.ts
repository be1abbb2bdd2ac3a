import type { Context, SQSBatchResponse, SQSEvent, SQSRecord } from "aws-lambda";
import { batchResponse, workThrough } from "./batch.js";
import { type Deadline, watchDeadline } from "./deadline.js";
import type { WebhookHandler } from "./define-handler.js";
import type { ProcessorDefinition, SourceDefinition } from "./definition.js";
import { awsDependencies, type Dependencies } from "./dependencies.js";
import type { Envelope } from "./envelope.js";
import { findEventId, rejectedEventId, webhookIdOf } from "./event-id.js";
import type { History, WebhookRecord } from "./history.js";
import { createLog, errorFields, type Log } from "./log.js";
import { readMessage } from "./message.js";
import { type Measurement, unknownSource, writeMetrics } from "./metrics.js";
import { type Outcome, outcomes } from "./outcome.js";
import { packPayload } from "./payload.js";
import { delayRedelivery, receiveCount } from "./redelivery.js";
import { runHandler } from "./run-handler.js";
import { checkSignature } from "./signature.js";
import { Webhook } from "./webhook.js";

/** What Lambda calls with a batch of the queue's messages. */
export type BatchHandler = (event: SQSEvent, context: Context) => Promise<SQSBatchResponse>;

/**
 * Makes the Lambda function's handler.
 *
 * @param handlers by source; a source without one has its webhooks recorded and nothing else
 * @param dependencies default: AWS, as the function's environment names it
 * @throws Error naming a handler that is not a function
 */
export function createHandler(
  definition: ProcessorDefinition,
  handlers: Readonly<Record<string, WebhookHandler>>,
  dependencies: Dependencies = awsDependencies(definition),
): BatchHandler {
  const sources = new Map(definition.sources.map((source) => [source.name, source]));
  const handlerBySource = checkedHandlers(handlers);
  const { clock, random, changeVisibility, writeLine, logLevel } = dependencies;
  const rootLog = createLog({ level: logLevel, writeLine, clock });

  return async (event, context) => {
    const log = rootLog.with({ lambda_request_id: context.awsRequestId });
    const deadline = watchDeadline(() => context.getRemainingTimeInMillis(), definition.timeoutSeconds);
    const invocation: Invocation = { sources, handlers: handlerBySource, dependencies, deadline, log };
    try {
      const worked = await workThrough(event.Records, (record) => workOn(record, invocation), {
        concurrency: definition.concurrency,
        mayStart: deadline.mayStart,
        goesBack,
      });
      const measurements = worked.flatMap(({ result }) => result?.measurement ?? []);
      writeMetrics(measurements, { functionName: context.functionName, now: clock(), writeLine });

      const handedBack = worked
        .filter(({ result }) => result === undefined || goesBack(result))
        .map(({ record, result }) => ({
          record,
          ...(result?.verdict === "busy" ? { notBefore: result.busyUntil } : {}),
        }));
      const unstarted = worked.filter(({ result }) => result === undefined).length;
      if (unstarted > 0) log.warn("webhooks handed back unstarted", { count: unstarted });
      const delays = delayRedelivery(handedBack, {
        changeVisibility,
        backoff: definition.backoff,
        clock,
        random,
        log,
      });
      await Promise.race([delays, deadline.lastCall]);
      return batchResponse(handedBack.map(({ record }) => record));
    } finally {
      deadline.stop();
    }
  };
}

/** What the work on each record of one invocation shares. */
interface Invocation {
  readonly sources: ReadonlyMap<string, SourceDefinition>;
  readonly handlers: ReadonlyMap<string, WebhookHandler>;
  readonly dependencies: Dependencies;
  readonly deadline: Deadline;
  readonly log: Log;
}

/** What became of one record. */
type Verdict =
  | {
      readonly verdict: Outcome;
      readonly reason?: string;
      /** What was thrown, for the log. */
      readonly error?: unknown;
      readonly handlerMilliseconds?: number;
    }
  /** Another delivery of the same event is being worked on. Not an outcome: it is not this one's turn. */
  | { readonly verdict: "busy"; readonly busyUntil: number };

type RecordResult = Verdict & { readonly measurement?: Measurement };

/** What is known of a webhook so far; filled on the way, so that a failure can say whose it is. */
interface Trace {
  source?: string;
  requestId?: string;
  receivedAt?: number;
  webhookId?: string;
  attempt?: number;
}

/** Follows one webhook from the message to its end. Whatever throws on the way is ours, and goes back to the queue. */
async function followWebhook(record: SQSRecord, invocation: Invocation, trace: Trace): Promise<Verdict> {
  const { dependencies, deadline, log } = invocation;
  const { history, secrets, clock } = dependencies;

  const envelope = readMessage(record);
  trace.requestId = envelope.requestId;
  trace.receivedAt = envelope.receivedAt;
  const source = invocation.sources.get(envelope.source);
  if (source === undefined) {
    throw new Error(
      "the webhook's source is none of this function's: deploy the gateway and the function together",
    );
  }
  trace.source = source.name;

  const verification = await checkSignature(source, envelope, secrets);
  if (!verification.verified) {
    const rejected = identified(envelope, rejectedEventId(envelope));
    trace.webhookId = rejected.webhookId;
    return reject(rejected, envelope, verification.reason, invocation);
  }

  const webhook = identified(envelope, findEventId(source.eventId, envelope));
  trace.webhookId = webhook.webhookId;

  const claimed = await history.claim(webhook);
  if (claimed.state === "busy") return { verdict: "busy", busyUntil: claimed.until };
  if (claimed.state === "duplicate") {
    await settleReplay(envelope, webhook, history);
    return { verdict: "duplicate", reason: `it is ${claimed.status} already` };
  }
  const { claim } = claimed;
  trace.attempt = claim.attempt;

  // Whatever can fail comes before the handler: only a crash may come between its end and the history's knowledge of it.
  const payload = await packPayload(envelope);
  const startedAt = clock();
  const result = await runHandler(
    invocation.handlers.get(source.name),
    new Webhook(envelope, { id: webhook.webhookId, eventId: webhook.eventId, attempt: claim.attempt }),
    { deadline, log: log.with({ webhook_id: webhook.webhookId, source: source.name }) },
  );
  const handlerMilliseconds = clock() - startedAt;

  const { outcome, reason, error } = payload.kind === "omitted" ? withoutItsBytes(result) : result;
  await history.finish(claim, {
    outcome,
    ...(reason === undefined ? {} : { reason }),
    handlerMilliseconds,
    payload,
  });
  if (!outcomes[outcome].retried) await settleReplay(envelope, webhook, history);
  return { verdict: outcome, ...(reason === undefined ? {} : { reason }), error, handlerMilliseconds };
}

function identified(envelope: Envelope, eventId: string): WebhookRecord {
  const { source, receivedAt, requestId, replayId } = envelope;
  const webhook = { webhookId: webhookIdOf(source, eventId), source, eventId, receivedAt, requestId };
  return replayId === undefined ? webhook : { ...webhook, replayId };
}

/** A replay may be one of a webhook that was turned away, which has found its way by now. */
async function settleReplay(envelope: Envelope, accepted: WebhookRecord, history: History): Promise<void> {
  if (envelope.replayId === undefined) return;
  const rejectedId = webhookIdOf(envelope.source, rejectedEventId(envelope));
  await history.settleRejected(rejectedId, accepted.webhookId);
}

async function reject(
  webhook: WebhookRecord,
  envelope: Envelope,
  reason: string,
  { dependencies }: Invocation,
): Promise<Verdict> {
  const payload = await packPayload(envelope);
  await dependencies.history.recordRejected(webhook, reason, payload);
  const { outcome, ...rest } =
    payload.kind === "omitted"
      ? withoutItsBytes({ outcome: "rejected", reason })
      : ({ outcome: "rejected", reason } as const);
  return { verdict: outcome, ...rest };
}

/**
 * The outcome for a webhook whose payload is too large for the history. A handler has seen it if it is processed or
 * ignored; what was turned away must keep its bytes, so it stays with SQS and ends in the dead-letter queue.
 */
function withoutItsBytes<Result extends { readonly outcome: Outcome; readonly reason?: string }>(
  result: Result,
): Result | { readonly outcome: "failed"; readonly reason: string; readonly error?: undefined } {
  if (result.outcome !== "invalid" && result.outcome !== "rejected") return result;
  const why = `${result.outcome}: ${result.reason ?? "no reason given"}`;
  return { outcome: "failed", reason: `${why} (kept in the queue, the history has no room for its payload)` };
}

/** Works on one record, come what may, and says on one line what became of it. */
async function workOn(record: SQSRecord, invocation: Invocation): Promise<RecordResult> {
  const { deadline, dependencies, log } = invocation;
  const trace: Trace = {};
  const outOfTime = deadline.lastCall.then(() => {
    throw new Error("the function's time was up (processor.timeoutSeconds)");
  });

  let result: Verdict;
  try {
    result = await Promise.race([followWebhook(record, invocation, trace), outOfTime]);
  } catch (error) {
    result = { verdict: "failed", error };
  }

  // The gateway's clock and this one may differ by a little.
  const now = dependencies.clock();
  const latencyMilliseconds = Math.max(0, now - (trace.receivedAt ?? now));
  const fields = {
    webhook_id: trace.webhookId,
    source: trace.source,
    request_id: trace.requestId,
    message_id: record.messageId,
    receive_count: receiveCount(record),
    attempt: trace.attempt,
  };
  if (result.verdict === "busy") {
    log.info("webhook handed back: another delivery of it is being worked on", fields);
    return result;
  }
  const { verdict, reason, error, handlerMilliseconds } = result;
  log.write(outcomes[verdict].level, `webhook ${verdict}`, {
    ...fields,
    ...(error === undefined ? { reason } : errorFields(error)),
    latency_ms: latencyMilliseconds,
    handler_ms: handlerMilliseconds,
  });
  return {
    ...result,
    measurement: { source: trace.source ?? unknownSource, outcome: verdict, latencyMilliseconds },
  };
}

function goesBack({ verdict }: Verdict): boolean {
  return verdict === "busy" || outcomes[verdict].retried;
}

function checkedHandlers(handlers: Readonly<Record<string, unknown>>): ReadonlyMap<string, WebhookHandler> {
  const checked = new Map<string, WebhookHandler>();
  for (const [source, handler] of Object.entries(handlers)) {
    if (typeof handler !== "function") {
      throw new Error(
        `the handler of source ${source} is not a function: give its file export default defineHandler(…)`,
      );
    }
    checked.set(source, handler as WebhookHandler);
  }
  return checked;
}
