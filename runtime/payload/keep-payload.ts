import type { PayloadKeeping } from "../stage/definition.js";
import { type OverflowStore, storeOverflow } from "./overflow.js";
import {
  largestPayloadBytes,
  omitPayload,
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

/**
 * Decides where a webhook's payload is kept, and stores it there: in its item if it fits, else in the overflow bucket,
 * else nowhere.
 *
 * @param packed what {@link packIfKept} made of the webhook
 * @param body the sender's body, whose hash and length are kept if nothing else is
 * @param overflow undefined for a stage without a bucket; one that is read-only takes nothing
 */
export async function keepPayload(
  webhookId: string,
  packed: PackedPayload | undefined,
  { body, overflow }: { readonly body: Buffer; readonly overflow?: OverflowStore | undefined },
): Promise<KeptPayload> {
  if (packed === undefined) return { payload: omitPayload(body, "unwanted") };
  if (packed.bytes.length <= largestPayloadBytes) return { payload: packed };
  const omitted = omitPayload(body, "too large");
  if (overflow === undefined || overflow.readOnly) return { payload: omitted };
  try {
    return { payload: { kind: "overflow", pointer: await storeOverflow(overflow, webhookId, packed.bytes) } };
  } catch (error) {
    const cause = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
    const reason = `its payload could not be stored in the overflow bucket: ${cause}`;
    return { payload: omitted, failure: { outcome: "failed", reason, error } };
  }
}
