import { promisify } from "node:util";
import { brotliCompressSync, brotliDecompress, constants } from "node:zlib";
import { sha256 } from "../envelope/sha256.js";
import type { StoredWebhook } from "./storable.js";

/**
 * A webhook as the history keeps it, in one binary value:
 *
 *     byte 0      format, 1
 *     from 1 on   brotli of: one line of JSON with the envelope's fields except the body, `\n`, the body's bytes
 *
 * {@link unpackPayload} returns body, headers, query and receive time bit for bit.
 */
const format = 1;

/**
 * Quality 5, measured on the 329 example payloads of @octokit/webhooks-examples with their headers (10.7 KB on average,
 * Node 24): 1.87 KB and 2.63 write units an item, for 0.16 ms of CPU; gzip 6 gives 2.02 KB and 2.88 units for 0.12 ms,
 * quality 4 gives 2.02 KB, quality 6 nothing more. A quarter of a write unit costs a few hundred times as much as 0.04
 * ms.
 */
const brotliQuality = 5;

/**
 * Window of 64 KB to 4 MB (base 2 logarithm): the smallest that holds the whole payload. The default is 4 MB for every
 * payload. Allocating that takes more CPU than compressing the examples: 0.45 ms instead of 0.16 ms, for the same size.
 */
function windowBits(bytes: number): number {
  return Math.min(22, Math.max(16, Math.ceil(Math.log2(bytes))));
}

/**
 * Largest packed payload that is kept in an item, in bytes. The whole item must fit into 400 KB (AWS fact 6.3). Its
 * other attributes take at most a few KB.
 */
export const largestPayloadBytes = 350 * 1024;

/**
 * Largest packed payload in the item of a webhook that nobody has proven to be genuine, in bytes; a larger one goes to the
 * overflow bucket. It bounds what a forgery costs: 1 write unit for each KB of its item, and 2 for the indexes. All 329
 * example payloads of @octokit/webhooks-examples, signed, have at most 2.8 KB. So the usual webhook that is rejected by
 * our own mistake, such as a wrong secret, still needs no bucket. A PUT into the bucket costs as much as 8 write units
 * (docs/processing.md).
 */
export const largestUnprovenPayloadBytes = 4 * 1024;

/** How much of a body is kept, in bytes, if there is no room for the whole. It shows people what was sent. */
export const omittedStartBytes = 1024;

/** A payload as it is written to the history. */
export type Payload =
  | PackedPayload
  /** Too large for an item: it is in the overflow bucket. */
  | { readonly kind: "overflow"; readonly pointer: OverflowPointer }
  /** A subscriber's: the item of its source's webhook has it, unless it was too large for that. */
  | { readonly kind: "elsewhere"; readonly webhookId: string; readonly wasTooLarge: boolean }
  | OmittedPayload;

/** Only the body's hash and length, and its beginning if there was no room for the rest. */
export interface OmittedPayload {
  readonly kind: "omitted";
  readonly bodySha256: string;
  readonly bodyBytes: number;
  /** Absent: nothing of the body must be kept. */
  readonly bodyStart?: Buffer;
}

/** A payload in its item. */
export interface PackedPayload {
  readonly kind: "packed";
  readonly bytes: Buffer;
}

/** The place of a packed payload in the overflow bucket. */
export interface OverflowPointer {
  readonly key: string;
  /** Of the packed bytes, in hexadecimal. */
  readonly sha256: string;
  /** Length of the packed bytes. */
  readonly bytes: number;
}

const decompress = promisify(brotliDecompress);

/**
 * Packs a webhook for the history unchanged. What must not be kept has already been removed.
 *
 * It first waits for one turn of the event loop, in which earlier requests are sent, and packs while they are in
 * progress. It does not use other threads, because that costs the same CPU time again and a function below 1,769 MB has
 * less than one processor (docs/benchmarks.md, AWS fact 4.17).
 */
export async function packPayload(stored: StoredWebhook): Promise<PackedPayload> {
  await new Promise((resolve) => setImmediate(resolve));
  const { body, ...metadata } = stored;
  const plain = Buffer.concat([Buffer.from(`${JSON.stringify(metadata)}\n`), body]);
  const packed = brotliCompressSync(plain, {
    params: {
      [constants.BROTLI_PARAM_QUALITY]: brotliQuality,
      [constants.BROTLI_PARAM_LGWIN]: windowBits(plain.length),
      [constants.BROTLI_PARAM_SIZE_HINT]: plain.length,
    },
  });
  return { kind: "packed", bytes: Buffer.concat([Buffer.from([format]), packed]) };
}

/**
 * What remains of a payload that is not kept.
 *
 * @param body the sender's
 * @param storedBody the body without what must not be kept. Absent: nothing of it must be kept
 */
export function omitPayload(body: Buffer, storedBody?: Buffer): OmittedPayload {
  return {
    kind: "omitted",
    bodySha256: sha256(body),
    bodyBytes: body.length,
    ...(storedBody === undefined ? {} : { bodyStart: storedBody.subarray(0, omittedStartBytes) }),
  };
}

/** Whether the history keeps less than the payload because it has no room for it. */
export function wasTooLarge(payload: Payload): boolean {
  if (payload.kind === "elsewhere") return payload.wasTooLarge;
  return payload.kind === "omitted" && payload.bodyStart !== undefined;
}

/** Reads what {@link packPayload} packed. */
export async function unpackPayload(bytes: Uint8Array): Promise<StoredWebhook> {
  if (bytes[0] !== format) {
    throw new Error(`the stored payload has format ${bytes[0] ?? "none"}, this code reads format ${format}`);
  }
  const plain = await decompress(bytes.subarray(1));
  const end = plain.indexOf("\n");
  const metadata = JSON.parse(plain.subarray(0, end).toString("utf8")) as Omit<StoredWebhook, "body">;
  return { ...metadata, body: Buffer.from(plain.subarray(end + 1)) };
}
