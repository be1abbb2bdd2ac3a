import type { Context, SQSBatchResponse, SQSEvent, SQSRecord } from "aws-lambda";
import { batchResponse, type Turn, workThrough } from "./batch/batch.js";
import { deleteBeforeCrash, isGivenUp, spreadRedelivery } from "./batch/crash-suspects.js";
import { type Deadline, type Share, shareOf, watchDeadline } from "./batch/deadline.js";
import { carriedOn, firstSentAt } from "./batch/held-message.js";
import { sendBack } from "./batch/hold.js";
import { goesBack, type Trace, type Verdict, workOn } from "./batch/record.js";
import { delayRedelivery, receiveCount } from "./batch/redelivery.js";
import { isUntried, measurementsOf, reportUntried, untriedDelay } from "./batch/untried.js";
import { type Breaker, createBreaker, type Experience } from "./breaker/breaker.js";
import { awsDependencies, type Dependencies, type OpenNewsBus, type OpenOverflow } from "./dependencies.js";
import { withoutContentCoding } from "./envelope/content-coding.js";
import { type Envelope, EnvelopeError, EnvelopeVersionError } from "./envelope/envelope.js";
import { readMessage } from "./envelope/message.js";
import { decodeReplayReference, isReplayReference } from "./envelope/replay-reference.js";
import { Webhook } from "./envelope/webhook.js";
import { forwardersOnFirstUse } from "./forward/first-use.js";
import { acceptedBefore } from "./history/accepted-before.js";
import { findEventId, rejectedEventId, webhookIdOf } from "./history/event-id.js";
import type { Claim, History, WebhookRecord } from "./history/history.js";
import { loadReplay } from "./history/load-replay.js";
import { type Outcome, outcomes } from "./history/outcome.js";
import { untilWritten } from "./history/until-written.js";
import {
  type KeptPayload,
  keepPayload,
  keepUnproven,
  packIfKept,
  whatIsKept,
} from "./payload/keep-payload.js";
import { type PackedPayload, type Payload, wasTooLarge } from "./payload/payload.js";
import { isBodyLeftOut, type StoredWebhook, storableWebhook } from "./payload/storable.js";
import { unreadableMessage } from "./payload/unreadable.js";
import { answeredByTheGateway, isPostedQuestion } from "./routing/posted-question.js";
import { type HandlerResult, HandlerTimeoutError, runHandler } from "./routing/run-handler.js";
import { createSourceHandler, type SourceCode } from "./routing/source-handler.js";
import type { Validator } from "./routing/validation.js";
import { ignore, type WebhookHandler } from "./routing/webhook-handler.js";
import { checkSignature } from "./signatures/check-signature.js";
import {
  awsTargetsOf,
  type BreakerDefinition,
  fullName,
  type ProcessorDefinition,
  type SourceDefinition,
  type SubscriberDefinition,
} from "./stage/definition.js";
import { handOver } from "./subscribers/hand-over.js";
import { carriedWebhook, decodeHandOver, isHandOver } from "./subscribers/message.js";
import { createSender, type Send } from "./subscribers/sender.js";
import { createTarget } from "./subscribers/target.js";
import { type TargetModules, targetsOnFirstUse } from "./targets/first-use.js";
import { createLog, type Log } from "./telemetry/log.js";
import { writeMetrics } from "./telemetry/metrics.js";

/** The function that Lambda calls with a batch of the queue's messages. */
export type BatchHandler = (event: SQSEvent, context: Context) => Promise<SQSBatchResponse>;

/**
 * Makes the Lambda function's handler.
 *
 * @param handlers default exports of the handler files, by the files' names
 * @param dependencies default: AWS, with the names from the function's environment
 * @throws Error that names a handler which is not a function, or missing code that the definition needs
 */
export function createHandler(
  definition: BundledDefinition,
  handlers: Readonly<Record<string, WebhookHandler>>,
  dependencies: Dependencies = awsDependencies(definition),
): BatchHandler {
  checkHandlers(handlers);
  const calledFor = new WeakSet<Webhook>();
  const code = {
    handlers,
    validators: definition.validators ?? {},
    forwarders: forwardersOnFirstUse(definition, dependencies),
    targets: targetsOnFirstUse(awsTargetsOf(definition), { ...definition, overflow: dependencies.overflow }),
    targetCalled: (webhook: Webhook) => calledFor.add(webhook),
  };
  const ofStage = { keepPayload: definition.keepPayload ?? "all" } as const;
  const sources = new Map(
    definition.sources.map((source) => [
      source.rememberedAs ?? source.name,
      { definition: source, handlerFor: sourceHandlers({ ...ofStage, ...source }, code) },
    ]),
  );
  const subscribers = new Map(
    definition.subscribers?.map((subscriber) => [
      subscriber.rememberedAs ?? subscriber.name,
      { definition: subscriber, handler: subscriberHandler({ ...ofStage, ...subscriber }, code) },
    ]),
  );
  const { timeoutSeconds, concurrency, maxReceiveCount, metricsBySource = true } = definition;
  const counting = {
    bySource: metricsBySource,
    expected: new Set(definition.sources.flatMap(({ name, expected }) => (expected === true ? [name] : []))),
  };
  const { clock, random, changeVisibility, deleteMessages, sendMessages, writeLine, logLevel } = dependencies;
  const isLastDelivery = (record: SQSRecord) => receiveCount(record) >= maxReceiveCount;
  const rootLog = createLog({ level: logLevel, writeLine, clock });
  const { breakerStore: store } = dependencies;
  const breaker = store && createBreaker({ store, timeoutSeconds, clock, random, log: rootLog });

  return async (event, context) => {
    const log = rootLog.with({ lambda_request_id: context.awsRequestId });
    const deadline = watchDeadline(() => context.getRemainingTimeInMillis(), timeoutSeconds);
    const inTime = (work: Promise<void>) => Promise.race([work, deadline.lastCall]);
    const send = createSender(sendMessages, event.Records.length);
    const about = {
      definition,
      sources,
      subscribers,
      dependencies,
      deadline,
      log,
      isLastDelivery,
      send,
      breaker,
      calledFor,
    };
    const backoffOf = (source = "") =>
      [...definition.sources, ...(definition.subscribers ?? [])].find(({ name }) => name === source)?.backoff;
    const work = { deadline, clock, log, backoffOf };
    try {
      const workInTurn = (record: SQSRecord, turn: Turn) =>
        workOn(record, (trace) => throughBreaker({ ...about, record, turn, trace }), work);
      const worked = await workThrough(event.Records, workInTurn, {
        concurrency,
        mayStart: deadline.mayStart,
        goesBack,
        isGivenUp: (record, { delay }) => delay.givenUp === true || isLastDelivery(record),
        crashesOf: (result) => (result.verdict === "suspect" ? result.crashes : undefined),
        leave: (done) => inTime(deleteBeforeCrash(done, { deleteMessages, log })),
        setApart: (lines) => inTime(spreadRedelivery(lines, { changeVisibility, timeoutSeconds, log })),
      });
      const sourceOf = (record: SQSRecord) => {
        const taker = takerOfMessage(record);
        return (sources.get(taker) ?? subscribers.get(taker))?.definition.name;
      };
      writeMetrics(measurementsOf(worked, sourceOf), {
        functionName: context.functionName,
        now: clock(),
        writeLine,
        counting,
      });

      const handedBack = worked
        .filter(({ result }) => result === undefined || goesBack(result))
        .map(({ record, result }) => ({
          record,
          ...(result?.delay ?? untriedDelay),
          // Whatever it ended as: its next receive is the one that moves it.
          ...(isLastDelivery(record) ? { givenUp: true } : {}),
        }));
      reportUntried(worked.filter(isUntried), { sourceOf, isLastDelivery, log });
      const delays = delayRedelivery(handedBack, {
        changeVisibility,
        backoff: definition.backoff,
        clock,
        random,
        log,
      });
      const told = dependencies.news?.tell(worked, { isLastDelivery, sourceOf, log });
      await inTime(delays);
      if (told !== undefined) await inTime(told);
      return batchResponse(handedBack.map(({ record }) => record));
    } finally {
      deadline.stop();
    }
  };
}

/** The settings together with the code that the bundle adds. */
export interface BundledDefinition extends ProcessorDefinition {
  /** Compiled schemas by source. */
  readonly validators?: Readonly<Record<string, Validator>>;
  /** `s3Overflow`, for a stage with a bucket. */
  readonly openOverflow?: OpenOverflow;
  /** Loads `openNewsBus`, for a stage that sends events about itself. */
  readonly openNewsBus?: OpenNewsBus;
  /** The code of the targets that the stage has. */
  readonly targetModules?: TargetModules;
  /** What Secrets Manager calls the secrets, by the names that the definition has for them. */
  readonly secretNames?: Readonly<Record<string, string>>;
  /** URLs of the queues of all subscribers to the function's sources, by their full names. */
  readonly subscriberQueues?: Readonly<Record<string, string>>;
}

/** A source, and the handler of each of its webhooks. */
interface Source {
  readonly definition: SourceDefinition;
  readonly handlerFor: (distribute: () => Promise<void>) => WebhookHandler;
}

/** A source's subscriber and its handler. */
interface Subscriber {
  readonly definition: SubscriberDefinition;
  readonly handler: WebhookHandler;
}

/** A record of an invocation. */
interface Delivery {
  readonly record: SQSRecord;
  readonly turn: Turn;
  readonly trace: Trace;
  readonly definition: BundledDefinition;
  readonly sources: ReadonlyMap<string, Source>;
  readonly subscribers: ReadonlyMap<string, Subscriber>;
  readonly dependencies: Dependencies;
  readonly deadline: Deadline;
  readonly log: Log;
  readonly isLastDelivery: (record: SQSRecord) => boolean;
  readonly send: Send;
  readonly breaker: Breaker | undefined;
  /** The webhooks that their targets got. */
  readonly calledFor: WeakSet<Webhook>;
}

/** A source with subscribers hands its webhooks over to them; any other has one handler for all of its webhooks. */
function sourceHandlers(source: SourceDefinition, code: SourceCode): Source["handlerFor"] {
  if (source.subscribers === undefined) {
    const handler = createSourceHandler(source, code);
    return () => handler;
  }
  const make = (distribute: () => Promise<void>) =>
    createSourceHandler(source, { ...code, handlers: { [source.name]: distribute } });
  // Settings and code that do not fit together are told of at the start.
  make(async () => {});
  return make;
}

function subscriberHandler(subscriber: SubscriberDefinition, code: SourceCode): WebhookHandler {
  const handlers = { [subscriber.name]: createTarget(subscriber, code) };
  return createSourceHandler(subscriber, { ...code, handlers });
}

async function follow(delivery: Delivery): Promise<Verdict> {
  const { record, definition } = delivery;
  if (carriedOn(record) !== undefined && receiveCount(record) > definition.maxReceiveCount) {
    return { verdict: "spent" };
  }
  return definition.subscribers === undefined ? followWebhook(delivery) : followHandOver(delivery);
}

/** Tells the breaker what a webhook says about its target, however it ended. */
async function throughBreaker(delivery: Delivery): Promise<Verdict> {
  const { trace, breaker } = delivery;
  try {
    return await follow(delivery);
  } finally {
    if (trace.visit !== undefined && breaker !== undefined) trace.opened = await breaker.leave(trace.visit);
  }
}

/**
 * Lets a webhook through to its target, or keeps it waiting while the target is left alone. Two are let through all the same:
 * one that has waited for so long that it needs the rest of its time for its tries, and one that would use up its last delivery
 * by waiting, and go to the dead-letter queue untried.
 *
 * @returns undefined if it is let through
 */
async function waitForTarget(
  name: string,
  definition: BreakerDefinition | undefined,
  { record, trace, breaker, dependencies, isLastDelivery, log }: Delivery,
): Promise<Verdict | undefined> {
  if (definition === undefined || breaker === undefined) return undefined;
  const passage = await breaker.enter(name);
  if (passage.state === "closed") {
    const { until } = passage;
    const { sendAgain, clock } = dependencies;
    const mayWait = until <= firstSentAt(record) + definition.holdingSeconds * 1000;
    const sentBack =
      mayWait && sendAgain !== undefined && (await sendBack(record, until, { sendAgain, clock, log }));
    if (sentBack || (mayWait && !isLastDelivery(record))) return { verdict: "held", until, sentBack };
  }
  trace.visit = {
    name,
    definition,
    passage: passage.state === "closed" ? { state: "free" } : passage,
    experience: { kind: "nothing" },
  };
  return undefined;
}

/** What a handler's result says about its target. */
function experienceOf({ outcome, retryAfterSeconds, forAll, untried }: HandlerResult): Experience {
  if (untried === true) return { kind: "nothing" };
  return outcome === "failed"
    ? { kind: "failure", failure: { retryAfterSeconds, forAll } }
    : { kind: "success" };
}

/**
 * Follows one webhook from the message to its end. An error on the way is our fault, and the webhook returns to the
 * queue.
 */
async function followWebhook(delivery: Delivery): Promise<Verdict> {
  const { record, trace, dependencies, definition, deadline } = delivery;
  const { history, overflow } = dependencies;

  if (isHandOver(record)) {
    throw new Error(
      "the message is for a subscriber, and this is its source's queue: move it to the subscriber's",
    );
  }
  const read = await readIfReadable(record, dependencies);
  if ("unreadable" in read) return keepUnreadable(read.unreadable, delivery);
  const { envelope } = read;
  trace.requestId = envelope.requestId;
  trace.receivedAt = envelope.receivedAt;
  const found = delivery.sources.get(envelope.source);
  if (found === undefined) {
    throw new Error(
      "the webhook's source is not one of this function's sources: deploy the gateway and the function together",
    );
  }
  const { definition: source, handlerFor } = found;
  trace.source = source.name;
  checkReplayFor(envelope, source);
  const stored = storableWebhook(envelope, source);
  const pack = () => packIfKept(stored, source.keepPayload ?? definition.keepPayload);
  const keeping = { body: envelope.body, storedBody: stored.body, overflow };
  const unproven = { ...keeping, withoutBucket: "beginning", giveUp: deadline.signal } as const;

  const plain = withoutContentCoding(envelope);
  const isQuestion = isPostedQuestion(source.handshake, plain);
  if (isQuestion && source.handshake?.signed !== true) {
    // No signature proves it, so it must not take the id of an event. It may also come before the secret is stored.
    const question = identified(envelope, `handshake:${envelope.requestId}`);
    trace.webhookId = question.webhookId;
    const { payload, note } = await keepUnproven(question.webhookId, await pack(), unproven);
    const reason = withNote(answeredByTheGateway, note);
    await history.recordIgnored(question, reason, payload);
    return { verdict: "ignored", reason };
  }
  const webhook = identified(envelope, findEventId(source, { ...plain, ...identifying(stored) }));
  const recorded = recordedForm(envelope, stored);
  const verification = await checkSignature(source, envelope, dependencies);
  if (
    !verification.verified &&
    !(await isAcceptedReplay(webhook, { replayed: recorded, stored }, dependencies))
  ) {
    const rejected = identified(envelope, rejectedEventId(recorded));
    trace.webhookId = rejected.webhookId;
    const { payload, note } = await keepUnproven(rejected.webhookId, await pack(), unproven);
    const reason = withNote(verification.reason, note);
    await history.recordRejected(rejected, reason, payload);
    return { verdict: "rejected", reason };
  }

  return handleOnce(
    {
      taker: source,
      webhook: source.subscribers === undefined ? webhook : { ...webhook, isHandedOver: true },
      pack,
      keep: (packed) => keepPayload(webhook.webhookId, packed, keeping),
      body: envelope.body,
      plain: { ...plain, source: source.name },
      handlerFor: (claim, payload) =>
        isQuestion
          ? () => ignore(answeredByTheGateway)
          : handlerFor(() =>
              handOver(
                {
                  source: envelope.source,
                  subscribers: source.subscribers ?? [],
                  eventId: webhook.eventId,
                  claim,
                  request: envelope,
                  payload,
                  isComplete: stored.redacted === undefined,
                  groupId: record.attributes.MessageGroupId,
                },
                { queues: definition.subscriberQueues ?? {}, send: delivery.send },
              ),
            ),
      completed: source.subscribers === undefined ? "processed" : "distributed",
      settle: () => settleReplay(envelope, recorded, webhook, history),
    },
    delivery,
  );
}

/** A replay for one subscriber waits in the queue until there is such a subscriber. */
function checkReplayFor({ replayFor }: Envelope, { name, subscribers = [] }: SourceDefinition): void {
  if (replayFor === undefined || subscribers.includes(replayFor)) return;
  throw new Error(
    `the replay is for ${fullName(name, replayFor)}, and the source has no such subscriber that takes webhooks`,
  );
}

/**
 * Follows one webhook that was handed over to a subscriber, from the message to its end. Its signature has been checked.
 * What is no such message was put into the queue by hand, and stays in it.
 */
async function followHandOver(delivery: Delivery): Promise<Verdict> {
  const { record, trace, dependencies } = delivery;
  if (!isHandOver(record)) {
    throw new Error("the message is not from a source's function: send it to its source's queue");
  }
  const message = decodeHandOver(record.body);
  const { eventId, replayId, wasTooLarge } = message;
  const rememberedAs = fullName(message.source, message.subscriber);
  const found = delivery.subscribers.get(rememberedAs);
  if (found === undefined) {
    throw new Error(
      `${rememberedAs} is not one of this function's subscribers: deploy all functions together`,
    );
  }
  const { definition: subscriber, handler } = found;
  trace.source = subscriber.name;
  const envelope = await carriedWebhook(message.carried, dependencies.overflow);
  const { receivedAt, requestId } = envelope;
  trace.requestId = requestId;
  trace.receivedAt = receivedAt;
  const webhook = identified({ source: rememberedAs, receivedAt, requestId, replayId }, eventId);
  const payload = {
    kind: "elsewhere",
    webhookId: webhookIdOf(message.source, eventId),
    wasTooLarge,
  } as const;
  return handleOnce(
    {
      taker: subscriber,
      webhook,
      pack: async () => undefined,
      keep: async () => ({ payload }),
      body: envelope.body,
      plain: { ...withoutContentCoding(envelope), source: subscriber.source },
      handlerFor: () => handler,
      completed: "processed",
      settle: async () => {},
    },
    delivery,
  );
}

/** A webhook that is known to be genuine, and how it is worked on. */
interface Work {
  /** The source, or the subscriber. */
  readonly taker: Pick<SourceDefinition, "name" | "signature" | "eventType" | "breaker">;
  readonly webhook: WebhookRecord;
  /** Compresses the payload, if it is to be kept. */
  readonly pack: () => Promise<PackedPayload | undefined>;
  readonly keep: (packed: PackedPayload | undefined) => Promise<KeptPayload>;
  /** As the sender sent it. */
  readonly body: Buffer;
  /** The webhook for the handler: without compression, by the source's present name. */
  readonly plain: Envelope;
  readonly handlerFor: (claim: Claim, payload: Payload) => WebhookHandler;
  /** The outcome if the handler completes. */
  readonly completed: HandlerResult["outcome"];
  /** Called when the webhook needs no further try. */
  readonly settle: () => Promise<void>;
}

/** Claims a webhook, keeps its payload, calls its handler and records how that ended. */
async function handleOnce(work: Work, delivery: Delivery): Promise<Verdict> {
  const { record, turn, trace, dependencies, deadline, log, isLastDelivery, calledFor } = delivery;
  const { history, clock } = dependencies;
  const { taker, webhook, pack, keep, plain, handlerFor, completed, settle } = work;
  trace.webhookId = webhook.webhookId;
  const held = await waitForTarget(webhook.source, taker.breaker, delivery);
  if (held !== undefined) return held;

  // The payload is compressed while the claim is in progress. For a duplicate this is wasted, but duplicates are rare.
  const givesUp = (crashes: number) => isGivenUp(record, crashes, turn, isLastDelivery(record));
  const mayTry = (crashes: number) => turn.alone && !givesUp(crashes);
  const [claimed, packed] = await Promise.all([history.claim(webhook, mayTry), pack()]);
  if (claimed.state === "busy") return { verdict: "busy", busyUntil: claimed.until };
  if (claimed.state === "duplicate") {
    await settle();
    return { verdict: "duplicate", reason: `it is already ${claimed.status}` };
  }
  if (claimed.state === "suspect") {
    const { crashes } = claimed;
    if (!givesUp(crashes)) return { verdict: "suspect", crashes };
    const reason = `not tried again: the function crashed on it ${crashes} times, and its message group waits behind it`;
    return { verdict: "failed", givenUp: true, reason };
  }
  const { claim } = claimed;
  trace.attempt = claim.attempt;

  // Everything that can fail comes before the handler, so that only a crash can come between the handler's end and its
  // record in the history.
  const { payload, failure } = await keep(packed);
  const share = shareInLastDelivery(delivery);
  const handled = new Webhook(plain, {
    id: webhook.webhookId,
    eventId: webhook.eventId,
    attempt: claim.attempt,
    eventType: taker.eventType,
  });
  const startedAt = clock();
  const result: HandlerResult =
    failure ??
    (await runHandler(handlerFor(claim, payload), handled, {
      deadline: share,
      log: log.with({ webhook_id: webhook.webhookId, source: taker.name }),
      completed,
    }));
  share.stop();
  const handlerMilliseconds = clock() - startedAt;
  if (trace.visit !== undefined && calledFor.has(handled)) trace.visit.experience = experienceOf(result);

  const { outcome, reason, ...rest } = withItsBytes(result, payload, work);
  const ending = { outcome, ...(reason === undefined ? {} : { reason }), handlerMilliseconds, payload };
  await untilWritten(() => history.finish(claim, ending), deadline);
  if (!outcomes[outcome].retried) await settle();
  const why = reason === undefined ? {} : { reason };
  if (result.untried === true) return { verdict: "untried", ...why, ...untriedDelay, handlerMilliseconds };
  return { verdict: outcome, ...why, ...rest, handlerMilliseconds };
}

/**
 * The time that a handler gets. What waits behind a webhook of a FIFO group is not tried before the last delivery if that
 * webhook fails in each (see `workThrough`). So in the last one they share the time: a handler that never ends would
 * otherwise take the others to the dead-letter queue untried.
 */
function shareInLastDelivery({ record, turn: { behind }, deadline, isLastDelivery }: Delivery): Share {
  const waiting = isLastDelivery(record) ? behind.filter(isLastDelivery).length : 0;
  const reason = `the handler did not finish within its share of the function's time: ${waiting} of its message group, also in their last delivery, waited behind it`;
  return shareOf(deadline, waiting + 1, new HandlerTimeoutError(reason));
}

/** Who a message is for, for telling about it: a source, or a subscriber. */
function takerOfMessage(record: SQSRecord): string {
  try {
    if (isReplayReference(record)) return decodeReplayReference(record.body).webhookId.split("/", 1)[0] ?? "";
    if (!isHandOver(record)) return readMessage(record).source;
    const { source, subscriber } = decodeHandOver(record.body);
    return fullName(source, subscriber);
  } catch {
    return "";
  }
}

/** A message of another version is not unreadable: it waits in the queue for the function that reads it. */
async function readIfReadable(
  record: SQSRecord,
  dependencies: Dependencies,
): Promise<{ readonly envelope: Envelope } | { readonly unreadable: EnvelopeError }> {
  try {
    if (!isReplayReference(record)) return { envelope: readMessage(record) };
    return { envelope: await loadReplay(decodeReplayReference(record.body), dependencies) };
  } catch (error) {
    if (!(error instanceof EnvelopeError) || error instanceof EnvelopeVersionError) throw error;
    return { unreadable: error };
  }
}

/**
 * Records a message that is not one of ours, with all its bytes. No further delivery would read it, and on a FIFO queue
 * its group would wait for each.
 */
async function keepUnreadable(
  error: EnvelopeError,
  { record, trace, definition, dependencies, deadline }: Delivery,
): Promise<Verdict> {
  const { history, overflow } = dependencies;
  const stored = unreadableMessage(record, definition);
  if (stored === undefined) throw error;
  const { source, receivedAt, requestId, body } = stored;
  const eventId = `message-id:${record.messageId}`;
  const message = { webhookId: webhookIdOf(source, eventId), source, eventId, receivedAt, requestId };
  trace.webhookId = message.webhookId;
  trace.receivedAt = receivedAt;
  const { payload, note } = await keepUnproven(message.webhookId, await packIfKept(stored), {
    body,
    storedBody: body,
    overflow,
    withoutBucket: "all",
    giveUp: deadline.signal,
  });
  if (payload.kind === "omitted") return keptInTheQueue("unreadable", error.message);
  const reason = withNote(error.message, note);
  await history.recordUnreadable(message, reason, payload);
  return { verdict: "unreadable", reason };
}

function identified(
  {
    source,
    receivedAt,
    requestId,
    replayId,
    replayFor,
  }: Pick<WebhookRecord, "source" | "receivedAt" | "requestId"> & {
    readonly replayId?: string | undefined;
    readonly replayFor?: string;
  },
  eventId: string,
): WebhookRecord {
  return {
    ...{ webhookId: webhookIdOf(source, eventId), source, eventId, receivedAt, requestId },
    ...(replayId === undefined ? {} : { replayId }),
    ...(replayFor === undefined ? {} : { replayFor }),
  };
}

/**
 * What an id must not be made of, because a replay does not have it: a secret in the query, and a body that the history
 * leaves out. They take the place of the sender's.
 */
function identifying(stored: StoredWebhook): Partial<Envelope> {
  return { query: stored.query, ...(isBodyLeftOut(stored) ? { body: stored.body } : {}) };
}

/**
 * A webhook as the history recorded it when it came first. A replay is exactly that, also if its source redacts more or
 * less by now.
 */
function recordedForm(envelope: Envelope, stored: StoredWebhook): Envelope {
  const { replayId, replayFor: _, ...replayed } = envelope;
  return replayId === undefined ? stored : replayed;
}

/** This may be the replay of a rejected webhook, which is now accepted. */
async function settleReplay(
  { replayId }: Envelope,
  recorded: Envelope,
  accepted: WebhookRecord,
  history: History,
): Promise<void> {
  if (replayId === undefined) return;
  const rejectedId = webhookIdOf(recorded.source, rejectedEventId(recorded));
  await history.settleRejected(rejectedId, accepted.webhookId);
}

async function isAcceptedReplay(
  { webhookId, replayId }: WebhookRecord,
  forms: { readonly replayed: Envelope; readonly stored: StoredWebhook },
  { recall, overflow }: Dependencies,
): Promise<boolean> {
  if (replayId === undefined || recall === undefined) return false;
  return acceptedBefore(webhookId, forms, { recall, overflow });
}

/** A reason, with what people should know about the payload. */
function withNote(reason: string, note: string | undefined): string {
  return note === undefined ? reason : `${reason} (${note})`;
}

/**
 * The outcome of a webhook, unless it must keep its bytes and they are too large for the history. A processed or ignored
 * webhook was seen by its handler. An invalid one stays in SQS and moves to the dead-letter queue, if it is known to be
 * genuine. Of a source without a signature it is not: anybody could fill the dead-letter queue.
 */
function withItsBytes(result: HandlerResult, payload: Payload, { taker, body }: Work): HandlerResult {
  if (!wasTooLarge(payload) || result.outcome !== "invalid") return result;
  const { outcome, reason = "no reason given" } = result;
  if (taker.signature.kind === "none") return { outcome, reason: withNote(reason, whatIsKept(body)) };
  const { verdict, reason: why } = keptInTheQueue(outcome, reason);
  return { outcome: verdict, reason: why };
}

/** What has to keep its bytes, and has them in the queue only. */
function keptInTheQueue(outcome: Outcome, reason: string) {
  return {
    verdict: "failed",
    reason: `${outcome}: ${reason} (kept in the queue, because the history has no room for its payload)`,
  } as const;
}

function checkHandlers(handlers: Readonly<Record<string, unknown>>): void {
  for (const [name, handler] of Object.entries(handlers)) {
    if (typeof handler !== "function") {
      throw new Error(`the handler ${name} is not a function: give its file export default defineHandler(…)`);
    }
  }
}
