import { createHash } from "node:crypto";
import type { IncomingHttpHeaders } from "node:http";
import { crc32 } from "node:zlib";
import { ServiceError } from "../service-error.js";
import type { NewObject } from "./s3.js";

/** Headers that come back with the object, beside those that begin with `x-amz-meta-`. */
const keptHeaders = [
  "cache-control",
  "content-disposition",
  "content-encoding",
  "content-language",
  "content-type",
  "expires",
];

/** Those that Node can compute; the SDKs send CRC-32 unless they are told otherwise. */
const checksumAlgorithms: Readonly<Record<string, (bytes: Buffer) => string>> = {
  crc32: (bytes) => {
    const sum = Buffer.alloc(4);
    sum.writeUInt32BE(crc32(bytes));
    return sum.toString("base64");
  },
  sha1: (bytes) => createHash("sha1").update(bytes).digest("base64"),
  sha256: (bytes) => createHash("sha256").update(bytes).digest("base64"),
};

/**
 * Reads what a `PutObject` brings, out of its chunks if it comes in any.
 *
 * @throws ServiceError for bytes that are not those whose length, hash or checksum was sent along
 */
export function readUpload(headers: IncomingHttpHeaders, body: Buffer): NewObject {
  const contentSha256 = String(headers["x-amz-content-sha256"] ?? "");
  const chunked = contentSha256.startsWith("STREAMING-");
  const { bytes, trailers } = chunked ? readChunks(body) : { bytes: body, trailers: {} };

  const announced = headers["x-amz-decoded-content-length"];
  if (announced !== undefined && Number(announced) !== bytes.length) {
    throw new ServiceError(
      "IncompleteBody",
      "You did not provide the number of bytes specified by the Content-Length HTTP header",
    );
  }
  if (/^[0-9a-f]{64}$/.test(contentSha256) && hex("sha256", bytes) !== contentSha256) {
    throw new ServiceError(
      "XAmzContentSHA256Mismatch",
      "The provided 'x-amz-content-sha256' header does not match what was computed.",
    );
  }
  const md5 = headers["content-md5"];
  if (md5 !== undefined && createHash("md5").update(bytes).digest("base64") !== md5) {
    throw new ServiceError("BadDigest", "The Content-MD5 you specified did not match what we received.");
  }
  checkTrailers(headers, trailers);
  return {
    bytes,
    headers: keptOf(headers),
    checksums: checkedChecksums({ ...headers, ...trailers }, bytes),
  };
}

function checkTrailers(headers: IncomingHttpHeaders, trailers: Readonly<Record<string, string>>): void {
  const announced = String(headers["x-amz-trailer"] ?? "")
    .toLowerCase()
    .split(",")
    .map((name) => name.trim())
    .filter((name) => name !== "");
  const missing = announced.find((name) => trailers[name] === undefined);
  if (missing === undefined) return;
  throw new ServiceError("MalformedTrailerError", `The request announced the trailer ${missing} without it.`);
}

function checkedChecksums(headers: IncomingHttpHeaders, bytes: Buffer): Record<string, string> {
  const sent = Object.entries(headers).filter(([name]) => name.startsWith("x-amz-checksum-"));
  return Object.fromEntries(
    sent.map(([name, value]) => {
      const algorithm = name.slice("x-amz-checksum-".length);
      const computed = checksumAlgorithms[algorithm]?.(bytes);
      if (computed === undefined) {
        throw new ServiceError(
          "NotImplemented",
          `S3 on this machine cannot check ${name}: it knows ${Object.keys(checksumAlgorithms).join(", ")}`,
          501,
        );
      }
      if (computed !== value) {
        throw new ServiceError(
          "BadDigest",
          `The ${algorithm.toUpperCase()} you specified did not match the calculated checksum.`,
        );
      }
      return [name, computed];
    }),
  );
}

function keptOf(headers: IncomingHttpHeaders): Record<string, string> {
  const kept = Object.entries(headers).filter(
    ([name]) => keptHeaders.includes(name) || name.startsWith("x-amz-meta-"),
  );
  const { "content-encoding": encoding, ...rest } = Object.fromEntries(
    kept.map(([name, value]) => [name, String(value)]),
  );
  // How the body came is not how the object is encoded.
  const own = (encoding ?? "").split(/\s*,\s*/).filter((each) => each !== "" && each !== "aws-chunked");
  return {
    "content-type": "binary/octet-stream",
    ...rest,
    ...(own.length === 0 ? {} : { "content-encoding": own.join(",") }),
  };
}

/**
 * `<size in hexadecimal>[;chunk-signature=…]\r\n<bytes>\r\n`, up to a chunk of no bytes, then trailers: what the SDKs send where
 * they cannot know the checksum before the bytes. docs.aws.amazon.com/AmazonS3/latest/API/sigv4-streaming-trailers.html
 */
function readChunks(body: Buffer): { bytes: Buffer; trailers: Record<string, string> } {
  const chunks: Buffer[] = [];
  let position = 0;
  for (;;) {
    const lineEnd = body.indexOf("\r\n", position);
    const size = /^([0-9a-f]{1,8})(;.*)?$/i.exec(
      body.toString("latin1", position, Math.max(position, lineEnd)),
    );
    if (size === null) throw malformedChunks();
    const start = lineEnd + 2;
    const end = start + Number.parseInt(size[1] ?? "", 16);
    if (end === start) return { bytes: Buffer.concat(chunks), trailers: readTrailers(body.subarray(start)) };
    if (body.toString("latin1", end, end + 2) !== "\r\n") throw malformedChunks();
    chunks.push(body.subarray(start, end));
    position = end + 2;
  }
}

function readTrailers(end: Buffer): Record<string, string> {
  const lines = end.toString("latin1").split("\r\n");
  return Object.fromEntries(
    lines.flatMap((line) => {
      const [, name, value] = /^([^:]+):\s*(.*?)\s*$/.exec(line) ?? [];
      return name === undefined || value === undefined ? [] : [[name.toLowerCase(), value]];
    }),
  );
}

function malformedChunks(): ServiceError {
  return new ServiceError(
    "IncompleteBody",
    "The request body terminated unexpectedly: its chunks do not add up",
  );
}

function hex(algorithm: string, bytes: Buffer): string {
  return createHash(algorithm).update(bytes).digest("hex");
}
