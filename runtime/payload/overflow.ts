import { sha256 } from "../envelope/sha256.js";
import type { OverflowPointer } from "./payload.js";
import { unpackPayload } from "./payload.js";
import type { StoredWebhook } from "./storable.js";

/** The store for payloads that are too large for the history's items. */
export interface OverflowStore {
  /** The bucket's name, by which others find what is in it. Default: nobody else does. */
  readonly bucket?: string;
  /** Whether it only gives out what it has. Default: no. */
  readonly readOnly?: boolean;
  /** Writes an object. To do it again changes nothing. */
  put(key: string, bytes: Uint8Array): Promise<void>;
  get(key: string): Promise<Uint8Array>;
}

/** The error for a stored payload that differs from its pointer. */
export class OverflowError extends Error {
  override readonly name = "OverflowError";
}

/**
 * Stores a packed payload. The key consists of hashes of the webhook's id and the content, so that each try of a
 * webhook finds the same object and no key contains what a sender wrote.
 */
export async function storeOverflow(
  store: OverflowStore,
  webhookId: string,
  bytes: Buffer,
): Promise<OverflowPointer> {
  const contentSha256 = sha256(bytes);
  const key = `${sha256(webhookId)}/${contentSha256}`;
  await store.put(key, bytes);
  return { key, sha256: contentSha256, bytes: bytes.length };
}

/** What an item of the history says of its payload; neither: it was not kept. */
export interface PayloadPlace {
  /** For {@link unpackPayload}. */
  readonly payload?: Uint8Array;
  /** Where it stands in the overflow bucket, instead. */
  readonly overflow?: OverflowPointer;
  /** Of a subscriber's item: the webhook of its source, whose item says where the payload is. */
  readonly payloadOf?: string;
}

/**
 * Reads the payload of an item: from the item, from the bucket, or from where a subscriber's item says. Undefined for an
 * item that has none.
 *
 * @param store undefined if there is no bucket
 * @param recall reads an item by its webhook's id. Only subscribers' items need it
 * @throws OverflowError if the object is not the one that was stored
 */
export async function loadPayload(
  { payload, overflow, payloadOf }: PayloadPlace,
  store: Pick<OverflowStore, "get"> | undefined,
  recall?: (webhookId: string) => Promise<PayloadPlace | undefined>,
): Promise<StoredWebhook | undefined> {
  if (payload !== undefined) return unpackPayload(payload);
  if (overflow !== undefined) return unpackPayload(await loadOverflow(overflow, store));
  if (payloadOf === undefined) return undefined;
  if (recall === undefined)
    throw new Error(`the payload is that of ${payloadOf}, whose item is not read here`);
  const { payloadOf: _, ...place } = (await recall(payloadOf)) ?? {};
  return loadPayload(place, store);
}

/**
 * Reads the packed bytes that a pointer names.
 *
 * @param store undefined if there is no bucket
 * @throws OverflowError if the object is not the one that was stored
 */
export async function loadOverflow(
  { key, sha256: expected, bytes: length }: OverflowPointer,
  store: Pick<OverflowStore, "get"> | undefined,
): Promise<Uint8Array> {
  if (store === undefined) {
    throw new OverflowError("the payload is in the overflow bucket, but no bucket is set: deploy the stack");
  }
  const bytes = await store.get(key);
  if (bytes.length !== length || sha256(bytes) !== expected) {
    throw new OverflowError(`the object ${key} is not what was stored: its sha256 differs`);
  }
  return bytes;
}
