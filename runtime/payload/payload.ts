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
 * {@link unpackPayload} gives back body, headers, query and receive time bit for bit.
 */
const format = 1;

/**
 * Quality 5, measured on the 329 example payloads of @octokit/webhooks-examples with their headers (10.7 KB on average,
 * Node 24): 1.87 KB and 2.63 write units an item, for 0.16 ms of CPU; gzip 6 gives 2.02 KB and 2.88 units for 0.12 ms,
 * quality 4 gives 2.02 KB, quality 6 nothing more. A quarter of a write unit costs a few hundred times the 0.04 ms.
 */
const brotliQuality = 5;

/**
 * Window of 64 KB to 4 MB (base 2 logarithm), the least that holds the whole payload. By default it is 4 MB for every
 * payload, which costs more CPU to allocate than compressing the examples takes: 0.45 ms against 0.16 ms, same size.
 */
function windowBits(bytes: number): number {
  return Math.min(22, Math.max(16, Math.ceil(Math.log2(bytes))));
}

/**
 * Largest packed payload that is kept, in bytes. The whole item must fit into 400 KB (AWS fact 6.3); its other attributes
 * take at most a few KB.
 */
export const largestPayloadBytes = 350 * 1024;

/** A payload as it goes into the history. */
export type Payload =
  | PackedPayload
  /** Too large for an item: it stands in the overflow bucket. */
  | { readonly kind: "overflow"; readonly pointer: OverflowPointer }
  /** Too large for an item, or not to be kept: only what tells it apart is. */
  | {
      readonly kind: "omitted";
      readonly why: "too large" | "unwanted";
      readonly bodySha256: string;
      readonly bodyBytes: number;
    };

/** A payload in its item. */
export interface PackedPayload {
  readonly kind: "packed";
  readonly bytes: Buffer;
}

/** Where a packed payload stands in the overflow bucket. */
export interface OverflowPointer {
  readonly key: string;
  /** Of the packed bytes, in hexadecimal. */
  readonly sha256: string;
  /** Length of the packed bytes. */
  readonly bytes: number;
}

const decompress = promisify(brotliDecompress);

/**
 * Packs a webhook for the history, as it is; what it must not keep is gone by now.
 *
 * It takes a turn of the event loop first, in which requests that were made before leave, and packs while they are under
 * way. Not in other threads: the detour costs as much CPU again, and a function has less than one processor up to 1,769 MB
 * (docs/benchmarks.md; docs.aws.amazon.com/lambda/latest/dg/configuration-memory.html).
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

/** What is left of a payload that is not kept. */
export function omitPayload(body: Buffer, why: "too large" | "unwanted"): Payload {
  return { kind: "omitted", why, bodySha256: sha256(body), bodyBytes: body.length };
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
