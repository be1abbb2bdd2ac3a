import { setTimeout as delay } from "node:timers/promises";
import type { SQSEvent } from "aws-lambda";
import { type Cloud, type LocalAws, startLocalAws } from "local-aws";
import { localEndpoints } from "../../local/endpoints.js";
import { programFolder } from "../../local/program-folder.js";
import { type HistoryAttributes, historyAttributes } from "../../runtime/history/item.js";
import { historySchema } from "../../runtime/history/schema.js";
import { decodeHandOver, isHandOver } from "../../runtime/subscribers/message.js";
import { completed } from "./completed.js";
import { startEndpoints } from "./endpoints.js";
import { Ledger } from "./ledger.js";
import { type LoadSubscriber, source, stageSettings, subscribers, webhookId } from "./subscribers.js";

export interface LoadOptions {
  readonly webhooks: number;
  /** Timeout of the functions. A webhook whose function died comes back after six times as long. */
  readonly timeoutSeconds: number;
  /** A function dies so often, on average. */
  readonly killEverySeconds: number;
  /**
   * @default no limit
   */
  readonly mostKills?: number;
  /** The run ends after this time at the latest, done or not. */
  readonly mostSeconds: number;
  readonly onProgress: (line: string) => void;
}

/** What became of the webhooks at one subscriber. */
export interface SubscriberResult
  extends Pick<LoadSubscriber, "name" | "behaviour" | "arn" | "knowsRepetitionsSeconds"> {
  /** Times that its target got a webhook. */
  readonly reached: number;
  /** Events that its target never got. */
  readonly missing: readonly string[];
  /** Events that its target got again though no try of them failed, or while it knows repetitions. */
  readonly repeated: readonly string[];
  /** Webhooks that the history has as processed. */
  readonly processed: number;
  /** Webhooks that the history has as failed, or as being handled by a function that died in their last delivery. */
  readonly failed: number;
  /** Events in its dead-letter queue. */
  readonly deadLetters: number;
}

export interface LoadResult {
  readonly webhooks: number;
  /** Answered with 200. */
  readonly accepted: number;
  /** Webhooks that the history has as handed over to all subscribers. */
  readonly distributed: number;
  readonly subscribers: readonly SubscriberResult[];
  /** Messages that are still in some queue, or in a dead-letter queue that is nobody's here. */
  readonly left: number;
  /** Names of the alarms that are on. */
  readonly alarms: readonly string[];
  readonly killed: number;
  /** Invocations that failed, those that were killed included. */
  readonly failedInvocations: number;
  /** Calls that an SDK repeated, by service: a target may have both. */
  readonly repeatedCalls: Readonly<Record<string, number>>;
  /** Calls that no policy allows. */
  readonly denied: number;
  readonly problems: readonly string[];
  readonly seconds: number;
}

/** Sends webhooks to a source with 25 subscribers on the local pipeline, while functions die, until all queues are empty. */
export async function runLoad(options: LoadOptions): Promise<LoadResult> {
  const { timeoutSeconds, onProgress } = options;
  const ledger = new Ledger();
  let failedInvocations = 0;
  const repeatedCalls: Record<string, number> = {};
  const endpoints = await startEndpoints((name, body) => {
    ledger.reached(name, (JSON.parse(body) as { id: string }).id);
    return subscribers.some((each) => each.name === name && each.behaviour === "down") ? 503 : 204;
  });
  try {
    const running = await startLocalAws({
      program: programFolder,
      stack: "dev",
      overrides: stageSettings(endpoints.origin, timeoutSeconds),
      prepare: ({ eventBridge, sns, stepFunctions, lambda, kinesis, firehose }) => {
        const at = (arn: string, text: string) => {
          const subscriber = subscribers.find((each) => each.arn === arn);
          if (subscriber !== undefined) ledger.reached(subscriber.name, eventIn(text));
        };
        eventBridge.received.listen(({ arn, content }) => at(arn, JSON.stringify(content.detail)));
        sns.listen(({ topicArn, message }) => at(topicArn, message));
        stepFunctions.executions.listen(({ arn, content }) => at(arn, JSON.stringify(content.input)));
        lambda.invocations.listen(({ arn, content }) => at(arn, JSON.stringify(content.payload)));
        kinesis.received.listen(({ arn, content }) => at(arn, content.data.toString()));
        firehose.received.listen(({ arn, content }) => at(arn, content.toString()));
      },
      onLog: ({ line }) => {
        const { message, webhook_id: id = "" } = parseLine(line);
        const [, subscriber, event] = /^[^.]+\.([^/]+)\/(.*)$/.exec(id) ?? [];
        if (subscriber === undefined || event === undefined) return;
        if (message === completed) ledger.reached(subscriber, event);
        // Such as one whose target answered too late.
        if (message === "webhook failed") ledger.unsure(subscriber, event);
      },
      onRepeatedCall: (service) => {
        repeatedCalls[service] = (repeatedCalls[service] ?? 0) + 1;
      },
      onFailedInvocation: ({ event }) => {
        failedInvocations += 1;
        ledger.died((event as SQSEvent).Records);
      },
    });
    try {
      onProgress(`${subscribers.length} subscribers, ${running.functions.length} functions`);
      const worked = await work(running, options);
      for (const { name, arn = "" } of subscribers) {
        const queue = arn.includes(":sqs:") ? running.cloud.sqs.queueByArn(arn) : undefined;
        for (const { body, sentAt } of queue?.peek() ?? []) ledger.reached(name, eventIn(body), sentAt);
      }
      return await resultOf(running, ledger, options, { ...worked, failedInvocations, repeatedCalls });
    } finally {
      await running.stop();
    }
  } finally {
    await endpoints.close();
  }
}

/** Webhooks that are sent at the same time. */
const senders = 8;

async function work(
  running: LocalAws,
  { webhooks, killEverySeconds, mostKills = Number.POSITIVE_INFINITY, mostSeconds, onProgress }: LoadOptions,
): Promise<{ accepted: number; killed: number; seconds: number }> {
  const url = localEndpoints(running.graph, running.apis[0]?.url ?? "")[source] ?? "";
  const startedAt = performance.now();
  const seconds = () => (performance.now() - startedAt) / 1000;
  let [accepted, next, killed, isDone] = [0, 0, 0, false];
  const send = async () => {
    while (next < webhooks) {
      const number = next++;
      const body = JSON.stringify({ id: eventOf(number), type: "load.sent", number });
      let status = await post(url, body);
      // The stage lets so many in at a time, and a sender that is refused sends again.
      while (status === 429 && !isDone) {
        await delay(100);
        status = await post(url, body);
      }
      if (status === 200) accepted += 1;
    }
  };
  const kill = async () => {
    while (!isDone && killed < mostKills) {
      await delay(2 * killEverySeconds * 1000 * Math.random());
      const one = running.functions[Math.floor(Math.random() * running.functions.length)];
      if (!isDone && one?.killOne()) killed += 1;
    }
  };
  const finish = async () => {
    let tellAt = 0;
    while (seconds() < mostSeconds) {
      await delay(1_000);
      const left = messagesLeft(running);
      if (next >= webhooks && left === 0) break;
      if (seconds() < tellAt) continue;
      tellAt = seconds() + 10;
      onProgress(
        `${seconds().toFixed(0)} s: ${accepted} webhooks accepted, ${left} messages in queues, ${killed} functions killed`,
      );
    }
    isDone = true;
    next = webhooks;
  };
  await Promise.all([...Array.from({ length: senders }, send), kill(), finish()]);
  return { accepted, killed, seconds: seconds() };
}

async function post(url: string, body: string): Promise<number> {
  const response = await fetch(url, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body,
  });
  await response.arrayBuffer();
  return response.status;
}

async function resultOf(
  running: LocalAws,
  ledger: Ledger,
  { webhooks }: LoadOptions,
  worked: Pick<LoadResult, "accepted" | "killed" | "failedInvocations" | "repeatedCalls" | "seconds">,
): Promise<LoadResult> {
  const { cloud, graph, calls, problems } = running;
  const events = Array.from({ length: webhooks }, (_, number) => eventOf(number));
  /** Events by status. Each item is asked for, because a scan of so many would begin anew for each page. */
  const byStatus = async (idOf: (event: string) => string) => {
    const found: Record<string, string[]> = {};
    for (const event of events) {
      const status = await statusInHistory(cloud, graph.outputs.historyTable, idOf(event));
      found[status] = [...(found[status] ?? []), event];
    }
    return found;
  };
  const letters = deadLetters(running);
  return {
    webhooks,
    ...worked,
    distributed: (await byStatus((event) => `${source}/${event}`)).distributed?.length ?? 0,
    subscribers: await Promise.all(
      subscribers.map(async ({ name, behaviour, arn, knowsRepetitionsSeconds }) => {
        const {
          processed = [],
          failed = [],
          processing = [],
        } = await byStatus((event) => webhookId(name, event));
        const times = (event: string) => ledger.timesReached(name, event);
        const isRepeated = (event: string) =>
          times(event) > 1 + ledger.timesUnsure(name, event) ||
          ledger.shortestGapSeconds(name, event) < (knowsRepetitionsSeconds ?? 0);
        return {
          name,
          behaviour,
          ...(arn === undefined ? {} : { arn }),
          ...(knowsRepetitionsSeconds === undefined ? {} : { knowsRepetitionsSeconds }),
          reached: events.reduce((sum, event) => sum + times(event), 0),
          missing: events.filter((event) => times(event) === 0),
          repeated: events.filter(isRepeated),
          processed: processed.length,
          // A function that dies cannot write how the try ended, and after the last one nobody else does.
          failed: failed.length + processing.filter((event) => ledger.timesDied(name, event) > 0).length,
          deadLetters: letters.get(name)?.size ?? 0,
        };
      }),
    ),
    left: messagesLeft(running) + (letters.get("")?.size ?? 0),
    alarms: running.alarms.states().flatMap(({ name, state }) => (state === "ALARM" ? [name] : [])),
    denied: calls.filter(({ allowed }) => !allowed).length,
    problems,
  };
}

async function statusInHistory({ dynamoDb }: Cloud, TableName: unknown, id: string): Promise<string> {
  const { Item } = await dynamoDb.handle("GetItem", {
    TableName,
    Key: { [historySchema.hashKey]: { S: id } },
  });
  return (Item as HistoryAttributes | undefined)?.[historyAttributes.status]?.S ?? "";
}

/** Events in the dead-letter queues that are a subscriber's own. By the empty name: messages in all others. */
function deadLetters({ cloud, graph }: LocalAws): Map<string, Set<string>> {
  const found = new Map<string, Set<string>>();
  const urls = graph.outputs.deadLetterQueueUrls as Record<string, string>;
  for (const [lane, url] of Object.entries(urls)) {
    for (const { id, body } of cloud.sqs.queueByUrl(url)?.peek() ?? []) {
      const { subscriber, eventId } = isHandOver({ body, messageAttributes: {} })
        ? decodeHandOver(body)
        : { subscriber: "", eventId: id };
      const name = lane.endsWith(`_to_${subscriber}`) ? subscriber : "";
      found.set(name, (found.get(name) ?? new Set()).add(eventId));
    }
  }
  return found;
}

function messagesLeft({ cloud, graph }: LocalAws): number {
  return Object.values(graph.outputs.queueUrls as Record<string, string>)
    .flatMap((url) => cloud.sqs.queueByUrl(url) ?? [])
    .map((queue) => queue.counts())
    .reduce((sum, { visible, notVisible, delayed }) => sum + visible + notVisible + delayed, 0);
}

function eventOf(number: number): string {
  return `event-${number}`;
}

function parseLine(line: string): { message?: string; webhook_id?: string } {
  return line.startsWith("{") ? JSON.parse(line) : {};
}

/** The event of a webhook in either format. */
function eventIn(text: string): string {
  const { eventId, id } = JSON.parse(text) as { eventId?: string; id: string };
  return eventId ?? id;
}
