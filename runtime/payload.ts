import { createHash } from "node:crypto";
import { promisify } from "node:util";
import { brotliCompress, brotliDecompress, constants } from "node:zlib";
import type { Envelope } from "./envelope.js";

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
 * Largest packed payload that is kept, in bytes. The whole item must fit into 400 KB (fact 6.3); its other attributes
 * take at most a few KB.
 */
export const largestPayloadBytes = 350 * 1024;

/**
 * Headers that carry credentials of the sender's: they are checked, never kept. X-Hub-Signature and its like stay: they
 * prove one body and give nothing else away.
 */
export const sensitiveHeaders: readonly string[] = ["authorization", "cookie", "proxy-authorization"];

/** A payload as it goes into the history. */
export type Payload =
  | { readonly kind: "packed"; readonly bytes: Buffer }
  /** Too large for an item: it stands in the overflow bucket. */
  | { readonly kind: "overflow"; readonly pointer: OverflowPointer }
  /** Too large for an item: only what tells it apart is kept. */
  | { readonly kind: "omitted"; readonly bodySha256: string; readonly bodyBytes: number };

/** Where a packed payload stands in the overflow bucket. */
export interface OverflowPointer {
  readonly key: string;
  /** Of the packed bytes, in hexadecimal. */
  readonly sha256: string;
  /** Length of the packed bytes. */
  readonly bytes: number;
}

const compress = promisify(brotliCompress);
const decompress = promisify(brotliDecompress);

/** A webhook as the history keeps it: the original request, without credentials and whatever replay it came by. */
export function keptEnvelope({ replayId: _, ...envelope }: Envelope): Envelope {
  const headers = envelope.headers.filter(([name]) => !sensitiveHeaders.includes(name.toLowerCase()));
  return { ...envelope, headers };
}

/** Packs a webhook for the history. */
export async function packPayload(envelope: Envelope): Promise<Payload> {
  const { body, ...metadata } = keptEnvelope(envelope);
  const plain = Buffer.concat([Buffer.from(`${JSON.stringify(metadata)}\n`), body]);
  const packed = await compress(plain, {
    params: {
      [constants.BROTLI_PARAM_QUALITY]: brotliQuality,
      [constants.BROTLI_PARAM_SIZE_HINT]: plain.length,
    },
  });
  if (1 + packed.length > largestPayloadBytes) {
    const bodySha256 = createHash("sha256").update(body).digest("hex");
    return { kind: "omitted", bodySha256, bodyBytes: body.length };
  }
  return { kind: "packed", bytes: Buffer.concat([Buffer.from([format]), packed]) };
}

/** Reads what {@link packPayload} packed. */
export async function unpackPayload(bytes: Uint8Array): Promise<Envelope> {
  if (bytes[0] !== format) {
    throw new Error(`the stored payload has format ${bytes[0] ?? "none"}, this code reads format ${format}`);
  }
  const plain = await decompress(bytes.subarray(1));
  const end = plain.indexOf("\n");
  const metadata = JSON.parse(plain.subarray(0, end).toString("utf8")) as Omit<Envelope, "body">;
  return { ...metadata, body: Buffer.from(plain.subarray(end + 1)) };
}
