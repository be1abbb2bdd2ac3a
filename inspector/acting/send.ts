import { RefusedError } from "../../command-line/command-error.js";
import { counted } from "../../command-line/counted.js";
import { eventTypesOf } from "../../ops/history/contents.js";
import { openHistory } from "../../ops/history/open-history.js";
import { timeWindow } from "../../ops/history/time-window.js";
import { paced } from "../../ops/send/paced.js";
import { type Answer, isTaken, post } from "../../ops/send/post.js";
import { sampleFrom, senderFor } from "../../ops/send/sender.js";
import { keptWebhook, sourceOfWebhook } from "../../ops/show/describe.js";
import { textOf } from "../../ops/show/request-forms.js";
import type { OperatedSource } from "../../ops/stage/outputs.js";
import { type Stage, titleOf } from "../../ops/stage/stage.js";
import { usualRate } from "../../ops/usual-rate.js";
import { providers } from "../../providers/support/known.js";
import { findEventType } from "../../runtime/envelope/event-type.js";
import type { Action, Draft, DraftRequest, Senders } from "../contract.js";
import type { Inspected } from "../inspected.js";
import { type Prepared, shellWord } from "./prepared.js";

/** As `ops send` makes webhooks and posts them. */
export async function prepareSend(
  { stage }: Inspected,
  {
    source,
    bodyBase64,
    eventType,
    signing = "signed",
    count = 1,
    rate = usualRate,
  }: Extract<Action, { kind: "send" }>,
): Promise<Prepared> {
  onThisMachine(stage);
  const sender = await senderFor(stage, source, undefined);
  const wishes = {
    body: bodyBase64 === undefined ? undefined : Buffer.from(bodyBase64, "base64"),
    eventType,
    tampered: signing === "tampered",
    unsigned: signing === "unsigned",
  };
  // What cannot be made is told before anybody confirms it.
  await sampleFrom(sender, wishes);
  const words = [
    ...["send", source],
    ...(eventType === undefined ? [] : ["--event", shellWord(eventType)]),
    ...(count === 1 ? [] : ["--count", String(count), "--rate", String(rate)]),
    ...(signing === "signed" ? [] : [`--${signing}`]),
  ];
  return {
    lines: [`${titleOf(stage)}: ${counted(count, "webhook")} to ${sender.url}, ${signing}`],
    question: `Send ${counted(count, "webhook")}?`,
    count,
    ready: count,
    // A body of one's own is in no file.
    ...(bodyBase64 === undefined
      ? { command: `npm run ops -- ${words.join(" ")} --stack ${stage.name}` }
      : {}),
    canStop: count > 1,
    async act(progress, stop) {
      const answers: Answer[] = [];
      const send = async () => {
        const answer = await post(await sampleFrom(sender, wishes));
        answers.push(answer);
        progress.done(answers.length);
      };
      await paced(count, rate, send, stop);
      const refused = answers.filter((answer) => !isTaken(answer));
      const [first] = refused;
      if (first !== undefined) {
        progress.tell(`the front door answered ${first.status}: ${first.message ?? "no reason given"}`);
      } else if (signing !== "signed") {
        progress.tell("it is taken now, and must be rejected when its signature is checked");
      }
      const taken = answers.length - refused.length;
      return { summary: `${taken} of ${counted(count, "webhook")} were taken`, isWhole: taken === count };
    },
  };
}

/** The sources of the stage as senders. */
export async function senders({ stage }: Inspected): Promise<Senders> {
  onThisMachine(stage);
  const sources = Object.entries(stage.outputs.operations.sources);
  return { senders: await Promise.all(sources.map(([name, source]) => senderFacts(stage, name, source))) };
}

async function senderFacts(
  stage: Stage,
  name: string,
  { provider: providerName, signature, eventType }: OperatedSource,
): Promise<Senders["senders"][number]> {
  const provider = providerName === undefined ? undefined : providers[providerName];
  const sample = provider && {
    headers: Object.entries(provider.sample.headers ?? {}),
    query: [],
    body: Buffer.from(provider.sample.body),
  };
  const type = sample === undefined || eventType === undefined ? undefined : findEventType(eventType, sample);
  const problem = await senderFor(stage, name, undefined).then(
    () => undefined,
    (error: unknown) => (error as Error).message,
  );
  return {
    source: name,
    eventTypes: type === undefined ? [] : [type],
    takesType: eventType !== undefined,
    isSigned: signature.kind !== "none",
    ...(providerName === undefined ? {} : { provider: providerName }),
    ...(provider === undefined ? {} : { displayName: provider.displayName }),
    ...(problem === undefined ? {} : { problem }),
  };
}

/** A webhook to begin with: the sample of a source, or one that came. */
export async function draft(inspected: Inspected, request: DraftRequest): Promise<Draft> {
  const { stage } = inspected;
  onThisMachine(stage);
  const begin = "from" in request ? await earlier(stage, request.from) : { ...request, body: undefined };
  const { source, eventType, body } = begin;
  const sender = await senderFor(stage, source, undefined);
  const sample = await sampleFrom(sender, { body, eventType });
  const text = textOf(sample.body);
  return {
    source,
    ...(eventType === undefined ? {} : { eventType }),
    headers: sample.headers.map(([name, value]) => ({ name, value })),
    bodyBase64: sample.body.toString("base64"),
    ...(text === undefined ? {} : { text }),
  };
}

async function earlier(stage: Stage, id: string) {
  const history = await openHistory(stage, { tell() {} });
  const item = await history.find(id, timeWindow({}, Date.now()));
  const webhook = keptWebhook({ item, webhook: await history.payloadOf(item) });
  return {
    source: sourceOfWebhook({ stage, item }).name,
    eventType: eventTypesOf(stage.outputs)(item, webhook),
    body: webhook.body,
  };
}

/** @throws RefusedError for a stage on AWS: its senders are its providers */
function onThisMachine(stage: Stage): void {
  if (stage.local !== undefined) return;
  throw new RefusedError("the inspector sends webhooks only to what npm start runs", {
    next: `npm run ops -- send <source> --stack ${stage.name}`,
  });
}
