import { brotliDecompressSync, gunzipSync, inflateSync } from "node:zlib";
import type { Envelope } from "./envelope.js";
import { headerValues } from "./headers.js";

/** Longest body that is decoded, in bytes: as much as API Gateway takes. It bounds what a small message can make of the memory. */
const longestBodyBytes = 10 * 1024 * 1024;

const decoders = { gzip: gunzipSync, deflate: inflateSync, br: brotliDecompressSync } as const;

/** Whether this code can take a content coding off a body. */
export function isKnownCoding(coding: string): coding is keyof typeof decoders {
  return Object.hasOwn(decoders, coding);
}

/**
 * The webhook with its body as the sender made it before any compression. `Content-Encoding` stays as it was sent.
 *
 * API Gateway documents that it decompresses bodies and keeps the header (AWS fact 1.23), so the header alone tells
 * nothing: a body that is not in the coding that its header names has been decompressed already, and stays as it is.
 */
export function withoutContentCoding(envelope: Envelope): Envelope {
  const coding = headerValues(envelope.headers, "content-encoding").join(",").trim().toLowerCase();
  if (!isKnownCoding(coding)) return envelope;
  try {
    return { ...envelope, body: decoders[coding](envelope.body, { maxOutputLength: longestBodyBytes }) };
  } catch {
    return envelope;
  }
}
