import type { PayloadKeeping } from "../stage/definition.js";
import { type OverflowStore, storeOverflow } from "./overflow.js";
import {
  largestPayloadBytes,
  largestUnprovenPayloadBytes,
  omitPayload,
  omittedStartBytes,
  type PackedPayload,
  type Payload,
  packPayload,
} from "./payload.js";
import type { StoredWebhook } from "./storable.js";

/** A payload as its item keeps it, and the webhook's outcome if the payload could not be stored. */
export interface KeptPayload {
  readonly payload: Payload;
  readonly failure?: StorageFailure;
}

/** The webhook has to wait: its payload could not be stored where it belongs. */
export interface StorageFailure {
  readonly outcome: "failed";
  readonly reason: string;
  /** The error that was thrown, for the log. */
  readonly error: unknown;
}

/** Packs a webhook for the history. Undefined if the history must not keep it. */
export async function packIfKept(
  stored: StoredWebhook,
  keep: PayloadKeeping = "all",
): Promise<PackedPayload | undefined> {
  return keep === "none" ? undefined : packPayload(stored);
}

/** What {@link keepPayload} has to work with. */
export interface Keeping {
  /** The sender's body, whose hash and length are kept if nothing else is. */
  readonly body: Buffer;
  /** The body without what must not be kept. Its beginning is kept if the whole has no room. */
  readonly storedBody: Buffer;
  /** Undefined for a stage without a bucket. One that is read-only takes nothing. */
  readonly overflow?: OverflowStore | undefined;
}

/**
 * Decides where the payload of a genuine webhook is kept, and stores it there: in its item if it fits, else in the
 * overflow bucket, else nowhere.
 *
 * @param packed what {@link packIfKept} made of the webhook
 */
export async function keepPayload(
  webhookId: string,
  packed: PackedPayload | undefined,
  { body, storedBody, overflow }: Keeping,
): Promise<KeptPayload> {
  if (packed === undefined) return { payload: omitPayload(body) };
  if (packed.bytes.length <= largestPayloadBytes) return { payload: packed };
  const omitted = omitPayload(body, storedBody);
  if (!takesPayloads(overflow)) return { payload: omitted };
  try {
    return { payload: { kind: "overflow", pointer: await storeOverflow(overflow, webhookId, packed.bytes) } };
  } catch (error) {
    const reason = `its payload could not be stored in the overflow bucket: ${causeOf(error)}`;
    return { payload: omitted, failure: { outcome: "failed", reason, error } };
  }
}

/**
 * The same for a webhook that nobody has proven to be genuine. Anybody can send as many of these as they like, so its item
 * keeps little, and no failure of ours sends it back to the queue: there it would end among the dead letters.
 *
 * If the bucket does not take it, its item does, as far as it has room: an outage of S3 must not cost the bytes of a
 * webhook that was rejected by mistake.
 *
 * @param withoutBucket what its item keeps on a stage without a bucket: the `beginning` of a large body, or `all` that has
 *   room
 * @param giveUp fires when there is no more time to wait for the bucket
 */
export async function keepUnproven(
  webhookId: string,
  packed: PackedPayload | undefined,
  {
    body,
    storedBody,
    overflow,
    withoutBucket,
    giveUp,
  }: Keeping & { readonly withoutBucket: "beginning" | "all"; readonly giveUp: AbortSignal },
): Promise<UnprovenPayload> {
  if (packed === undefined) return { payload: omitPayload(body) };
  if (packed.bytes.length <= largestUnprovenPayloadBytes) return { payload: packed };
  const omitted = omitPayload(body, storedBody);
  const inItem = packed.bytes.length <= largestPayloadBytes ? packed : omitted;
  if (!takesPayloads(overflow)) {
    const payload = withoutBucket === "all" ? inItem : omitted;
    if (payload.kind === "packed") return { payload };
    return { payload, note: `${whatIsKept(body)}, because there is no overflow bucket (history.overflow)` };
  }
  try {
    const pointer = await orGiveUp(storeOverflow(overflow, webhookId, packed.bytes), giveUp);
    return { payload: { kind: "overflow", pointer } };
  } catch (error) {
    const kept = inItem.kind === "packed" ? "kept in the table" : whatIsKept(body);
    return {
      payload: inItem,
      note: `${kept}, because the overflow bucket did not take it: ${causeOf(error)}`,
    };
  }
}

/** A payload as its item keeps it, and what people should know about it. */
export interface UnprovenPayload {
  readonly payload: Payload;
  readonly note?: string;
}

function takesPayloads(overflow: OverflowStore | undefined): overflow is OverflowStore {
  return overflow !== undefined && overflow.readOnly !== true;
}

/** In words, what is kept of a body that has no room. */
export function whatIsKept({ length }: Buffer): string {
  const { format } = new Intl.NumberFormat("en");
  return `only the first ${format(Math.min(length, omittedStartBytes))} of its ${format(length)} bytes are kept`;
}

async function orGiveUp<Result>(work: Promise<Result>, giveUp: AbortSignal): Promise<Result> {
  const { promise: noTime, reject } = Promise.withResolvers<never>();
  const stop = () => reject(new Error("the function ran out of time"));
  if (giveUp.aborted) stop();
  giveUp.addEventListener("abort", stop, { once: true });
  try {
    return await Promise.race([work, noTime]);
  } finally {
    giveUp.removeEventListener("abort", stop);
  }
}

function causeOf(error: unknown): string {
  return error instanceof Error ? `${error.name}: ${error.message}` : String(error);
}
