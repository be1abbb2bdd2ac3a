import { createHmac } from "node:crypto";
import fc from "fast-check";
import { type Envelope, encodeEnvelope } from "../../../runtime/envelope/envelope.js";
import { rejectedEventId } from "../../../runtime/history/event-id.js";
import { storableWebhook } from "../../../runtime/payload/storable.js";
import { definition, githubSecret } from "../processor.js";
import { envelopeOf } from "../sqs-events.js";

/** What a webhook's handler makes of it. */
export type Behaviour =
  | "processed"
  | "ignored"
  | "invalid"
  /** Not signed with the source's secret: no handler sees it. */
  | "forged"
  /** Fails on the first two tries. */
  | "flaky"
  /** Fails on every try, until it is mended. */
  | "poison"
  /** Never comes to an end, until it is mended. */
  | "hanging"
  | FatalBehaviour;

/** What ends the function that works on it, on every try, until it is mended. */
export type FatalBehaviour =
  /** At once: `process.exit`, an error thrown outside of the handler, memory that runs out. */
  | "exits"
  /** When its time is up: a loop without an end, in which nothing else gets a turn either. */
  | "freezes"
  /** A while after the handler has returned, whatever is at work then: a promise that nobody awaited rejects. */
  | "exits later";

export const fatalBehaviours: readonly FatalBehaviour[] = ["exits", "freezes", "exits later"];

export interface WebhookPlan {
  readonly behaviour: Behaviour;
  /** How often its sender sends it. */
  readonly copies: number;
  /** Message group on a FIFO queue. */
  readonly group: string;
}

/** What may happen in a run besides the work. */
export interface Weather {
  /** Functions die, at any await. */
  readonly crashes: boolean;
  /** Calls to AWS fail, before or after they took effect. */
  readonly faults: boolean;
  /** SQS delivers twice, forgets deletes, and shows a message again while it is being worked on. */
  readonly glitches: boolean;
  /** Time passes while functions are at work; with crashes also beyond their time. */
  readonly restless: boolean;
  /** An operator redrives and replays, and senders redeliver when asked to. */
  readonly operator: boolean;
}

export interface Scenario {
  readonly fifo: boolean;
  readonly maxReceiveCount: number;
  readonly batchSize: number;
  /** One entry for each function that may run at a time: how far its clock is off, in milliseconds. */
  readonly clockSkews: readonly number[];
  /** Whether a refused write comes without the item that stood in its way, as from an emulator. */
  readonly bareRefusals: boolean;
  /** Failures in a row after which the target is left alone. Default: never. */
  readonly breakerFailures?: number;
  readonly webhooks: readonly WebhookPlan[];
  /** What happens, one number for each step; what comes after is the shortest way to rest. */
  readonly choices: readonly number[];
}

/** All that lets its function live. */
export const harmlessBehaviours: readonly Behaviour[] = [
  "processed",
  "ignored",
  "invalid",
  "forged",
  "flaky",
  "poison",
  "hanging",
];

/** Random scenarios. Smaller is: fewer webhooks, fewer events, standard queue. */
export function scenarios({
  fifo,
  webhooks = 4,
  steps = 120,
  only = harmlessBehaviours,
}: {
  readonly fifo: boolean;
  readonly webhooks?: number;
  readonly steps?: number;
  readonly only?: readonly Behaviour[];
}): fc.Arbitrary<Scenario> {
  return fc.record({
    fifo: fc.constant(fifo),
    maxReceiveCount: fc.integer({ min: 2, max: 5 }),
    batchSize: fc.integer({ min: 1, max: 5 }),
    // Together less than a lease's margin of five seconds.
    clockSkews: fc.array(fc.integer({ min: -2_000, max: 2_000 }), { minLength: 1, maxLength: 3 }),
    bareRefusals: fc.boolean(),
    webhooks: fc.array(
      fc.record({
        behaviour: fc.constantFrom(...only),
        copies: fc.integer({ min: 1, max: 3 }),
        group: fc.constantFrom("a", "b"),
      }),
      { minLength: 1, maxLength: webhooks },
    ),
    choices: fc.array(fc.nat(0xffff_ffff), { maxLength: steps, size: "max" }),
  });
}

/** A message as the gateway would have queued it, and the webhook that it carries. */
export interface Delivery {
  readonly webhook: number;
  /** Its number among all messages of the run. */
  readonly serial: number;
  /** The gateway's id of the sender's request; a replay has its original's. */
  readonly requestId: string;
  /** When the gateway took the request, in epoch milliseconds. */
  readonly receivedAt: number;
  readonly webhookId: string;
  readonly replayId?: string;
  readonly body: string;
}

/** Where a handler reads which of all messages it is that it works on. */
export const deliveryHeader = "X-Delivery";
const start = 1_767_225_600_000;

/** A sender's request, or with `replayId` an operator's repetition of one. */
export function deliveryOf(
  run: string,
  webhook: number,
  { behaviour }: WebhookPlan,
  {
    serial,
    requestId = `request-${run}-${serial}`,
    receivedAt,
    replayId,
  }: {
    readonly serial: number;
    readonly requestId?: string;
    readonly receivedAt: number;
    readonly replayId?: string;
  },
): Delivery {
  const eventId = `${run}-${webhook}`;
  const body = Buffer.from(JSON.stringify({ eventId, behaviour }));
  const secret = behaviour === "forged" ? "guessed" : githubSecret;
  const envelope: Envelope = envelopeOf({
    requestId,
    receivedAt,
    headers: [
      ["X-GitHub-Delivery", eventId],
      ["X-Hub-Signature-256", `sha256=${createHmac("sha256", secret).update(body).digest("hex")}`],
      [deliveryHeader, String(serial)],
    ],
    body,
    ...(replayId === undefined ? {} : { replayId }),
  });
  const source = definition.sources.find(({ name }) => name === "github");
  if (source === undefined) throw new Error("the stage under test has no source github");
  const id = behaviour === "forged" ? rejectedEventId(storableWebhook(envelope, source)) : eventId;
  return {
    webhook,
    serial,
    requestId,
    receivedAt,
    webhookId: `github/${id}`,
    ...(replayId === undefined || behaviour === "forged" ? {} : { replayId }),
    body: encodeEnvelope(envelope),
  };
}

/** When a run begins. */
export const startOfRuns = start;

/** Random numbers from 0 up to 1 that a seed decides: mulberry32. */
export function randomFrom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
