import { createHmac } from "node:crypto";
import fc from "fast-check";
import { encodeEnvelope } from "../../../../runtime/envelope/envelope.js";
import { githubSecret } from "../../processor.js";
import { envelopeOf } from "../../sqs-events.js";

/** What a subscriber makes of all its webhooks. */
export type SubscriberBehaviour =
  | "processed"
  /** Fails on its first two tries at each. */
  | "flaky"
  /** Fails on every try, until it is mended. */
  | "poison";

/** One source with subscribers, what its sender sends, and what happens to it. */
export interface FanOutScenario {
  readonly fifo: boolean;
  readonly maxReceiveCount: number;
  readonly batchSize: number;
  /** One entry for each function that a lane may run at a time: how far its clock is off, in milliseconds. */
  readonly clockSkews: readonly number[];
  readonly subscribers: readonly SubscriberBehaviour[];
  /** Failures in a row after which a subscriber's target is left alone. Absent: it never is. */
  readonly breakerFailures?: number;
  /** How often its sender sends each webhook, and its message group on a FIFO queue. */
  readonly webhooks: readonly { readonly copies: number; readonly group: string }[];
  /** What happens, one number for each step; what comes after is the shortest way to rest. */
  readonly choices: readonly number[];
}

/** Random scenarios. Smaller is: fewer webhooks, fewer subscribers, fewer events. */
export function fanOuts({ fifo }: { readonly fifo: boolean }): fc.Arbitrary<FanOutScenario> {
  return fc.record({
    fifo: fc.constant(fifo),
    maxReceiveCount: fc.integer({ min: 3, max: 5 }),
    batchSize: fc.integer({ min: 1, max: 4 }),
    clockSkews: fc.array(fc.integer({ min: -2_000, max: 2_000 }), { minLength: 1, maxLength: 2 }),
    subscribers: fc.array(fc.constantFrom("processed" as const, "flaky" as const, "poison" as const), {
      minLength: 1,
      maxLength: 3,
    }),
    webhooks: fc.array(
      fc.record({ copies: fc.integer({ min: 1, max: 2 }), group: fc.constantFrom("a", "b") }),
      { minLength: 1, maxLength: 3 },
    ),
    choices: fc.array(fc.nat(0xffff_ffff), { maxLength: 200, size: "max" }),
  });
}

/** A message in the source's queue. */
export interface Sent {
  readonly webhook: number;
  readonly eventId: string;
  readonly group: string;
  readonly replayId?: string;
  /** The subscriber that a replay is for; absent: all. */
  readonly replayFor?: string;
  readonly body: string;
}

/** A sender's request, or with `replayId` an operator's repetition of one. */
export function requestOf(
  webhook: number,
  {
    group,
    requestId,
    receivedAt,
    ...replay
  }: {
    readonly group: string;
    readonly requestId: string;
    readonly receivedAt: number;
    readonly replayId?: string;
    readonly replayFor?: string;
  },
): Sent {
  const eventId = `event-${webhook}`;
  const body = Buffer.from(JSON.stringify({ eventId }));
  const envelope = envelopeOf({
    requestId,
    receivedAt,
    headers: [
      ["X-GitHub-Delivery", eventId],
      ["X-Hub-Signature-256", `sha256=${createHmac("sha256", githubSecret).update(body).digest("hex")}`],
    ],
    body,
    ...replay,
  });
  return { webhook, eventId, group, ...replay, body: encodeEnvelope(envelope) };
}
