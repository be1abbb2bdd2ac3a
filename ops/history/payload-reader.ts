import type { HistoryItem } from "../../runtime/history/item.js";
import { loadPayload, OverflowError } from "../../runtime/payload/overflow.js";
import type { StoredWebhook } from "../../runtime/payload/storable.js";
import type { Stage } from "../stage/stage.js";
import type { HistoryReader } from "./read-history.js";

/** Reads the webhook that an item keeps, wherever it stands. Undefined for an item that keeps none. */
export type PayloadReader = (item: HistoryItem) => Promise<StoredWebhook | undefined>;

/** Reads from the table and from the bucket of a stage. An object that is gone counts as not kept. */
export function payloadReader({ outputs, clients }: Stage, reader: HistoryReader): PayloadReader {
  const { overflowBucket: Bucket } = outputs.operations;
  const store = Bucket === undefined ? undefined : { get };
  async function get(Key: string): Promise<Uint8Array> {
    const { GetObjectCommand } = await import("@aws-sdk/client-s3");
    const { Body } = await (await clients.s3()).send(new GetObjectCommand({ Bucket, Key }));
    return (await Body?.transformToByteArray()) ?? new Uint8Array();
  }
  return async (item) => {
    try {
      return await loadPayload(item, store, reader.get);
    } catch (error) {
      if (error instanceof OverflowError || (error as Error).name === "NoSuchKey") return undefined;
      throw error;
    }
  };
}
