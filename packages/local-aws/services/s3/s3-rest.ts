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
import type { Listing, NewObject, StoredObject } from "./s3.js";
import { listing, listOperations, readList } from "./s3-listing.js";

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
    cloud.s3.checkTarget(String(input.Bucket), String(input.Key ?? ""));
    const output = await cloud.call(principal, { service: "s3", operation, input });
    if (output === undefined)
      return { status: 204, headers: { "x-amz-request-id": requestId }, body: Buffer.alloc(0) };
    if (input.List !== undefined) return listing(requestId, operation, input, output as Listing);
    return success(requestId, output as StoredObject, operation !== "PutObject");
  } catch (error) {
    return failure(requestId, error);
  }
}

/** The operations that this machine has, by the method and whether a key is named. */
const operations: Readonly<Record<string, string>> = {
  "PUT object": "PutObject",
  "GET object": "GetObject",
  "HEAD object": "HeadObject",
  "DELETE object": "DeleteObject",
};

/** The operations of S3 that this machine has. */
export const s3Operations: readonly string[] = [...Object.values(operations), ...listOperations];

/** @throws ServiceError for everything that would be done otherwise than asked */
function readCall(request: RestRequest): ApiCall {
  const { method, headers, body } = request;
  const [path = "", query = ""] = request.url.split("?");
  const [, Bucket = "", Key = ""] = /^\/([^/]*)\/?(.*)$/s.exec(decoded(path)) ?? [];
  // The SDKs name the operation in `x-id`, which has no effect.
  const parameters = new URLSearchParams(query);
  parameters.delete("x-id");
  const header = Object.keys(headers).find((name) => !hasNoEffect.test(name));
  const checkHeaders = () => {
    if (header !== undefined) throw notImplemented(`the header ${header}`);
  };
  if (Key === "" && method === "GET" && (parameters.get("list-type") === "2" || parameters.has("versions"))) {
    checkHeaders();
    const { operation, list } = readList(parameters);
    return { service: "s3", operation, input: { Bucket, List: list, Asked: Object.fromEntries(parameters) } };
  }
  const operation = operations[`${method} ${Key === "" ? "bucket" : "object"}`];
  const VersionId = operation === "PutObject" ? null : parameters.get("versionId");
  if (VersionId !== null) parameters.delete("versionId");
  const [parameter] = parameters.keys();
  if (operation === undefined || parameter !== undefined) {
    const asked = `${method} of ${Key === "" ? "a bucket" : "an object"}`;
    throw notImplemented(`${asked}${parameter === undefined ? "" : ` with ?${parameter}`}`);
  }
  checkHeaders();
  if (VersionId !== null && VersionId !== "null") {
    throw new ServiceError("NoSuchVersion", "The specified version does not exist.", 404);
  }
  return {
    service: "s3",
    operation,
    input: {
      Bucket,
      Key,
      ...(VersionId === null ? {} : { VersionId }),
      ...(operation === "PutObject" ? { Object: uploaded(headers, body) } : {}),
    },
  };
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
    `S3 on this machine does not know ${what}: it has ${s3Operations.join(", ")}, of whole objects`,
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
