import { createHash, randomUUID } from "node:crypto";
import type { IncomingHttpHeaders } from "node:http";
import { crc32 } from "node:zlib";
import { AccessDenied } from "../../iam/authoriser.js";
import type { Principal } from "../../iam/principal.js";
import type { ApiCall } from "../../iam/required-access.js";
import type { Cloud } from "../cloud.js";
import { wireError } from "../protocols.js";
import type { ServiceResponse } from "../service-call.js";
import { ServiceError } from "../service-error.js";
import { xmlElement } from "../xml.js";
import type { NewObject, StoredObject } from "./s3.js";

/** What S3 sees of an HTTP request. */
export interface RestRequest {
  readonly method: string;
  /** With the query string, as it came. */
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

/**
 * Makes the call that a request to S3 asks for, and answers in S3's form.
 *
 * @param principal undefined for a key that was not handed out here
 */
export async function callS3(
  cloud: Cloud,
  principal: Principal | undefined,
  request: RestRequest,
): Promise<ServiceResponse> {
  const requestId = randomUUID();
  try {
    if (principal === undefined) {
      throw new ServiceError(
        "InvalidAccessKeyId",
        "The AWS Access Key Id you provided does not exist in our records: use a key that local AWS handed out",
        403,
      );
    }
    const { operation, input } = readCall(request);
    cloud.s3.checkTarget(String(input.Bucket), String(input.Key));
    const object = (await cloud.call(principal, { service: "s3", operation, input })) as StoredObject;
    return success(requestId, object, operation === "GetObject");
  } catch (error) {
    return failure(requestId, error);
  }
}

const operations: Readonly<Record<string, string>> = { PUT: "PutObject", GET: "GetObject" };

/** @throws ServiceError for everything that would be done otherwise than asked */
function readCall(request: RestRequest): ApiCall {
  const { method, headers, body } = request;
  const [path = "", query = ""] = request.url.split("?");
  const [, Bucket = "", Key = ""] = /^\/([^/]*)\/?(.*)$/s.exec(decoded(path)) ?? [];
  const operation = operations[method];
  // The SDKs name the operation in `x-id`, which has no effect; every other parameter asks for another operation.
  const parameter = [...new URLSearchParams(query).keys()].find((name) => name !== "x-id");
  if (operation === undefined || Key === "" || parameter !== undefined) {
    const asked = `${method} of ${Key === "" ? "a bucket" : "an object"}`;
    throw notImplemented(`${asked}${parameter === undefined ? "" : ` with ?${parameter}`}`);
  }
  const header = Object.keys(headers).find((name) => !hasNoEffect.test(name));
  if (header !== undefined) throw notImplemented(`the header ${header}`);
  const upload = operation === "PutObject" ? { Object: uploaded(headers, body) } : {};
  return { service: "s3", operation, input: { Bucket, Key, ...upload } };
}

/**
 * Headers that say how a call is sent and checked. Any other might change what is asked for: an encryption, an ACL, a
 * condition, a range or metadata that is left out of account would pass for having been heeded.
 */
const hasNoEffect =
  /^(accept|accept-encoding|amz-sdk-invocation-id|amz-sdk-request|authorization|connection|content-length|content-type|expect|host|user-agent|x-amz-(checksum-crc32|checksum-mode|content-sha256|date|sdk-checksum-algorithm|security-token|user-agent)|x-amzn-trace-id)$/;

function decoded(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    throw new ServiceError("InvalidURI", "Couldn't parse the specified URI.");
  }
}

/** What a `PutObject` brings. @throws ServiceError for bytes that are not those whose hash or checksum was sent along */
function uploaded(headers: IncomingHttpHeaders, bytes: Buffer): NewObject {
  const sha256 = String(headers["x-amz-content-sha256"] ?? "UNSIGNED-PAYLOAD");
  if (sha256 !== "UNSIGNED-PAYLOAD" && createHash("sha256").update(bytes).digest("hex") !== sha256) {
    throw new ServiceError(
      "XAmzContentSHA256Mismatch",
      "The provided 'x-amz-content-sha256' header does not match what was computed.",
    );
  }
  const sent = headers["x-amz-checksum-crc32"];
  if (sent !== undefined && sent !== crc32Base64(bytes)) {
    throw new ServiceError("BadDigest", "The CRC32 you specified did not match the calculated checksum.");
  }
  return {
    bytes,
    contentType: headers["content-type"] ?? "binary/octet-stream",
    crc32: sent === undefined ? undefined : String(sent),
  };
}

function crc32Base64(bytes: Buffer): string {
  const sum = Buffer.alloc(4);
  sum.writeUInt32BE(crc32(bytes));
  return sum.toString("base64");
}

function notImplemented(what: string): ServiceError {
  return new ServiceError(
    "NotImplemented",
    `S3 on this machine does not know ${what}: it has plain ${Object.values(operations).join(" and ")} of whole objects`,
    501,
  );
}

function success(requestId: string, object: StoredObject, withBytes: boolean): ServiceResponse {
  const { algorithm, key } = object.encryption;
  return {
    status: 200,
    headers: {
      "x-amz-request-id": requestId,
      etag: object.etag,
      "x-amz-server-side-encryption": algorithm,
      ...(key === undefined ? {} : { "x-amz-server-side-encryption-aws-kms-key-id": key }),
      ...(object.crc32 === undefined ? {} : { "x-amz-checksum-crc32": object.crc32 }),
      ...(withBytes
        ? { "content-type": object.contentType, "last-modified": object.modifiedAt.toUTCString() }
        : {}),
    },
    body: withBytes ? object.bytes : Buffer.alloc(0),
  };
}

/** docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html */
function failure(requestId: string, error: unknown): ServiceResponse {
  const { code, message, status, details } =
    error instanceof AccessDenied
      ? { code: "AccessDenied", message: error.message, status: 403, details: {} }
      : wireError(error, "s3");
  const texts = Object.entries(details ?? {}).map(([name, value]) => [name, String(value)]);
  const content = {
    Code: code,
    Message: message,
    ...(Object.fromEntries(texts) as Record<string, string>),
    RequestId: requestId,
  };
  return {
    status,
    headers: { "x-amz-request-id": requestId, "content-type": "application/xml" },
    body: Buffer.from(`<?xml version="1.0" encoding="UTF-8"?>\n${xmlElement("Error", content)}`),
  };
}
