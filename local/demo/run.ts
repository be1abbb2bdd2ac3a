import { setTimeout as sleep } from "node:timers/promises";
import { decodeEnvelope } from "../../runtime/envelope/envelope.js";
import { webhookIdOf } from "../../runtime/history/event-id.js";
import type { HistoryItem } from "../../runtime/history/item.js";
import { fullName } from "../../runtime/stage/definition.js";
import { decodeHandOver, isHandOver } from "../../runtime/subscribers/message.js";
import type { LocalPipeline } from "../pipeline.js";
import type { Delivery } from "./deliveries.js";
import { shop } from "./shop.js";

/** A delivery with the answers that the sender got. */
export interface Sent extends Delivery {
  readonly answers: readonly { readonly status: number; readonly id: string | undefined }[];
}

/** What became of all deliveries after the pipeline has finished. */
export interface Aftermath {
  readonly sent: readonly Sent[];
  readonly items: readonly HistoryItem[];
  /** The gateway's ids of the requests whose messages are in a source's dead-letter queue. */
  readonly deadLetters: readonly string[];
  /** Webhooks of subscribers in dead-letter queues, by the names of those queues' lanes. */
  readonly subscribersDeadLetters: readonly { readonly lane: string; readonly webhookId: string }[];
  /** Whether everything had ended in time. */
  readonly settled: boolean;
}

/** Posts every delivery as often as it says, a few at a time, like senders do. */
export async function send(pipeline: LocalPipeline, deliveries: readonly Delivery[]): Promise<Sent[]> {
  const answers = new Map<Delivery, { status: number; id: string | undefined }[]>(
    deliveries.map((delivery) => [delivery, []]),
  );
  const waiting = deliveries.flatMap((delivery) => Array.from({ length: delivery.times }, () => delivery));
  const sender = async () => {
    for (let delivery = waiting.shift(); delivery !== undefined; delivery = waiting.shift()) {
      answers.get(delivery)?.push(await post(pipeline, delivery));
    }
  };
  await Promise.all(Array.from({ length: 8 }, sender));
  return deliveries.map((delivery) => ({ ...delivery, answers: answers.get(delivery) ?? [] }));
}

async function post(pipeline: LocalPipeline, { source, headers, body }: Delivery) {
  // The URL of a path that the program has not registered is made from one that it has.
  const [anyEndpoint = ""] = Object.values(pipeline.endpoints);
  const url = pipeline.endpoints[source] ?? new URL(source, anyEndpoint).href;
  const response = await fetch(url, { method: "POST", headers, body: new Uint8Array(body) });
  const answer = (await response.json()) as { id?: string };
  return { status: response.status, id: answer.id };
}

/** Waits until every accepted delivery has ended and the alarm about the dead letter has reached the topic. */
export async function settle(
  pipeline: LocalPipeline,
  sent: readonly Sent[],
  timeoutSeconds: number,
): Promise<Aftermath> {
  const deadline = Date.now() + timeoutSeconds * 1_000;
  for (;;) {
    const aftermath = await look(pipeline, sent);
    const queued = Object.values(pipeline.queues.counts()).reduce(
      (sum, { notVisible }) => sum + notVisible,
      0,
    );
    const ended = sent.every(
      (delivery) => delivery.expected.end === "refused" || endOf(delivery, aftermath) !== "nowhere",
    );
    const told = pipeline.inbox.some(({ subject }) => subject?.startsWith("ALARM"));
    const settled = ended && subscribersAreDone(aftermath) && queued === 0 && told;
    if (settled || Date.now() > deadline) return { ...aftermath, settled };
    await sleep(250);
  }
}

async function look(pipeline: LocalPipeline, sent: readonly Sent[]): Promise<Omit<Aftermath, "settled">> {
  const items = await pipeline.history();
  const urls = (pipeline.graph.outputs.deadLetterQueueUrls ?? {}) as Record<string, string>;
  const messages = Object.entries(urls).flatMap(([lane, url]) =>
    pipeline.queues.peek(url).map(({ body, attributes }) => ({
      lane,
      body,
      isForSubscriber: isHandOver({ body, messageAttributes: attributes as Record<string, never> }),
    })),
  );
  return {
    sent,
    items,
    deadLetters: messages
      .filter(({ isForSubscriber }) => !isForSubscriber)
      .map(({ body }) => decodeEnvelope(body).requestId),
    subscribersDeadLetters: messages
      .filter(({ isForSubscriber }) => isForSubscriber)
      .map(({ lane, body }) => {
        const { source, subscriber, eventId } = decodeHandOver(body);
        return { lane, webhookId: webhookIdOf(fullName(source, subscriber), eventId) };
      }),
  };
}

/** Whether each subscriber has handled or given up each webhook that was handed over to it. */
function subscribersAreDone(aftermath: Omit<Aftermath, "settled">): boolean {
  return handedOver(aftermath).every(
    ({ webhookId, item }) =>
      aftermath.subscribersDeadLetters.some((letter) => letter.webhookId === webhookId) ||
      (item !== undefined && item.status !== "processing" && item.status !== "failed"),
  );
}

/** What each of the shop's subscribers should have, with what the history has of it. */
export function handedOver({ sent, items }: Pick<Aftermath, "sent" | "items">) {
  const distributed = sent.filter(({ expected }) => expected.end === "distributed");
  return distributed.flatMap((delivery) =>
    [...shop.working, shop.failing].map((subscriber) => {
      const eventId = itemOf(delivery, items)?.eventId ?? "?";
      const webhookId = webhookIdOf(fullName(delivery.source, subscriber), eventId);
      return { subscriber, webhookId, item: items.find((item) => item.webhookId === webhookId) };
    }),
  );
}

/** Where a delivery ended: an outcome of the history, the dead-letter queue, or nowhere yet. */
export function endOf(delivery: Sent, { items, deadLetters }: Omit<Aftermath, "settled">): string {
  if (ids(delivery).some((id) => deadLetters.includes(id))) return "dead-letter";
  const item = itemOf(delivery, items);
  return item === undefined || item.status === "processing" || item.status === "failed"
    ? "nowhere"
    : item.status;
}

/** The only item of a delivery at its source, independent of which repetition was handled. */
export function itemOf(delivery: Sent, items: readonly HistoryItem[]): HistoryItem | undefined {
  return items.find(
    ({ requestId, payloadOf }) => payloadOf === undefined && ids(delivery).includes(requestId),
  );
}

function ids({ answers }: Sent): string[] {
  return answers.flatMap(({ id }) => id ?? []);
}
