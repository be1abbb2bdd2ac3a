import { unpackPayload } from "../../runtime/payload/payload.js";
import type { LocalPipeline } from "../pipeline.js";
import { completionsIn } from "./ledger.js";
import { type Aftermath, endOf, handedOver, itemOf } from "./run.js";
import { shop } from "./shop.js";

/** One of the product's promises, and every violation of it in the run. */
export interface Verdict {
  readonly promise: string;
  readonly broken: readonly string[];
}

/**
 * Checks the promises against what the pipeline did. Each check looks at the data itself and does not rely on another
 * check.
 */
export async function judge(pipeline: LocalPipeline, aftermath: Aftermath): Promise<Verdict[]> {
  return [
    { promise: "Every answer is the expected one", broken: wrongAnswers(aftermath) },
    { promise: "2xx means queued, and nothing refused was queued", broken: notQueued(aftermath) },
    { promise: "Every byte arrives, and every header", broken: await changedOnTheWay(aftermath) },
    { promise: "Once: no handler completed twice for an event", broken: notOnce(pipeline, aftermath) },
    { promise: "Nothing is lost: each accepted webhook has ended", broken: wrongEnds(aftermath) },
    {
      promise: "One bad webhook does not hold up the others: each needed one attempt",
      broken: hurt(aftermath),
    },
    {
      promise:
        "Each subscriber has every webhook once, and one that fails keeps its own and costs the others nothing",
      broken: notDistributed(pipeline, aftermath),
    },
    { promise: "An alarm reports the dead letter", broken: untold(pipeline) },
    {
      promise: "Least privilege: every call was allowed, by exactly its role",
      broken: deniedCalls(pipeline),
    },
    { promise: "No secret is in logs or history", broken: await leakedSecrets(pipeline, aftermath) },
  ];
}

function wrongAnswers({ sent }: Aftermath): string[] {
  return sent.flatMap(({ group, answers, expected }) =>
    answers
      .filter(({ status }) => status !== expected.status)
      .map(({ status }) => `${group}: answered ${status}, expected ${expected.status}`),
  );
}

function notQueued(aftermath: Aftermath): string[] {
  const { sent, items, deadLetters } = aftermath;
  const lost = sent
    .filter(({ answers }) => answers.some(({ status }) => status < 300))
    .filter((delivery) => endOf(delivery, aftermath) === "nowhere")
    .map(({ group }) => `${group}: answered 2xx, but is not in the pipeline`);
  const accepted = new Set(
    sent.flatMap(({ answers }) => answers.filter(({ status }) => status < 300).map(({ id }) => id)),
  );
  const stray = [...items.map(({ requestId }) => requestId), ...deadLetters]
    .filter((id) => !accepted.has(id))
    .map((id) => `request ${id} is in the pipeline, but was not answered 2xx`);
  return [...lost, ...stray];
}

async function changedOnTheWay({ sent, items }: Aftermath): Promise<string[]> {
  const broken: string[] = [];
  for (const delivery of sent) {
    const item = itemOf(delivery, items);
    if (item === undefined) continue;
    if (item.payload === undefined) {
      broken.push(`${delivery.group}: the history has no payload of ${item.webhookId}`);
      continue;
    }
    const stored = await unpackPayload(item.payload);
    if (!stored.body.equals(delivery.body))
      broken.push(`${delivery.group}: ${item.webhookId} has another body`);
    const headers = new Map(stored.headers.map(([name, value]) => [name.toLowerCase(), value]));
    for (const [name, value] of Object.entries(delivery.headers)) {
      if (headers.get(name.toLowerCase()) !== value)
        broken.push(`${item.webhookId}: header ${name} has changed`);
    }
  }
  return broken;
}

function notOnce(pipeline: LocalPipeline, { sent, items }: Aftermath): string[] {
  const completions = completionsIn(pipeline.logs.map(({ line }) => line));
  const due = sent.filter(({ expected }) => expected.end === "processed" || expected.end === "ignored");
  return due.flatMap((delivery) => {
    const id = itemOf(delivery, items)?.webhookId ?? `one of "${delivery.group}"`;
    const times = completions.get(id) ?? 0;
    return times === 1 ? [] : [`the handler of ${id} completed ${times} times`];
  });
}

function wrongEnds(aftermath: Aftermath): string[] {
  return aftermath.sent
    .filter(({ expected }) => expected.end !== "refused")
    .filter((delivery) => endOf(delivery, aftermath) !== delivery.expected.end)
    .map(
      (delivery) =>
        `${delivery.group}: ended as ${endOf(delivery, aftermath)}, expected ${delivery.expected.end}`,
    );
}

function hurt({ sent, items }: Aftermath): string[] {
  return sent
    .filter(({ expected }) => expected.end === "processed")
    .flatMap((delivery) => itemOf(delivery, items) ?? [])
    .filter(({ attempts }) => attempts !== 1)
    .map(({ webhookId, attempts }) => `${webhookId} took ${attempts} attempts`);
}

function notDistributed(pipeline: LocalPipeline, aftermath: Aftermath): string[] {
  const completions = completionsIn(pipeline.logs.map(({ line }) => line));
  const letters = aftermath.subscribersDeadLetters;
  const lane = new RegExp(`-${shop.source}_to_${shop.failing}(_fifo)?$`);
  const strays = letters
    .filter((letter) => !lane.test(letter.lane))
    .map((letter) => `${letter.webhookId} is in the dead-letter queue of ${letter.lane}`);
  const wrong = handedOver(aftermath).flatMap(({ subscriber, webhookId, item }) => {
    const times = completions.get(webhookId) ?? 0;
    const given = letters.filter((letter) => letter.webhookId === webhookId).length;
    if (subscriber === shop.failing) {
      return given === 1 && times === 0
        ? []
        : [`${webhookId} is ${given} times in the dead-letter queue, and was completed ${times} times`];
    }
    return times === 1 && item?.status === "processed" && item.attempts === 1
      ? []
      : [`${webhookId} was completed ${times} times in ${item?.attempts ?? 0} attempts: ${item?.status}`];
  });
  return [...strays, ...wrong];
}

function untold({ inbox }: LocalPipeline): string[] {
  const told = inbox.some(
    ({ subject, subscribers }) =>
      /^ALARM: ".*-dead-letters-[0-9a-f]{7}"/.test(subject ?? "") && subscribers.length > 0,
  );
  return told ? [] : ["no message about the dead letter reached the topic"];
}

function deniedCalls({ calls, problems }: LocalPipeline): string[] {
  const denied = calls
    .filter(({ allowed }) => !allowed)
    .map(({ action, resource }) => `${action} on ${resource} was denied`);
  return [...new Set([...denied, ...problems])];
}

async function leakedSecrets({ secrets, logs }: LocalPipeline, { items }: Aftermath): Promise<string[]> {
  const payloads = await Promise.all(
    items.flatMap(({ payload }) => (payload === undefined ? [] : [unpackPayload(payload)])),
  );
  const texts = [
    ...logs.map(({ line }) => line),
    ...payloads.map((payload) => JSON.stringify(payload.headers)),
  ];
  return Object.entries(secrets.values)
    .filter(([, value]) => texts.some((text) => text.includes(value)))
    .map(([source]) => `the secret of ${source} is in a log line or in the history`);
}
