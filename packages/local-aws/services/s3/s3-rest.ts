import { randomUUID } from "node:crypto";
import type { IncomingHttpHeaders } from "node:http";
import { AccessDenied } from "../../iam/authoriser.js";
import type { Principal } from "../../iam/principal.js";
import type { ApiCall } from "../../iam/required-access.js";
import type { Cloud } from "../cloud.js";
import { escapeXml, wireError } from "../protocols.js";
import type { ServiceResponse } from "../service-call.js";
import { ServiceError } from "../service-error.js";
import type { StoredObject } from "./s3.js";
import { readUpload } from "./s3-upload.js";

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
        "The AWS Access Key Id you provided does not exist in our records: use a key of the local pipeline",
        403,
      );
    }
    const { operation, input } = readCall(request);
    cloud.s3.checkTarget(String(input.Bucket), String(input.Key));
    const output = await cloud.call(principal, { service: "s3", operation, input });
    return success(
      requestId,
      operation,
      output as StoredObject | undefined,
      input.ChecksumMode === "ENABLED",
    );
  } catch (error) {
    return failure(requestId, error);
  }
}

const operations: Readonly<Record<string, string>> = {
  PUT: "PutObject",
  GET: "GetObject",
  HEAD: "HeadObject",
  DELETE: "DeleteObject",
};

/** @throws ServiceError for everything that would be done otherwise than asked */
function readCall(request: RestRequest): ApiCall {
  const { method, headers, body } = request;
  const [path = "", query = ""] = request.url.split("?");
  const { bucket, key } = target(path, headers.host);
  const operation = operations[method];
  // The SDKs name the operation in `x-id`, which has no effect; every other parameter asks for another operation.
  const parameter = [...new URLSearchParams(query).keys()].find((name) => name !== "x-id");
  if (operation === undefined || key === "" || parameter !== undefined) {
    const asked = `${method} of ${key === "" ? "a bucket" : "an object"}`;
    throw notImplemented(`${asked}${parameter === undefined ? "" : ` with ?${parameter}`}`);
  }
  const header = Object.keys(headers).find((name) => changesTheCall(name));
  if (header !== undefined) throw notImplemented(`the header ${header}`);
  const upload = operation === "PutObject" ? { Object: readUpload(headers, body) } : {};
  return {
    service: "s3",
    operation,
    input: { Bucket: bucket, Key: key, ChecksumMode: headers["x-amz-checksum-mode"], ...upload },
  };
}

/** Headers that say how a call is sent and checked, or that are kept with the object. */
const understood =
  /^x-amz-(checksum-.+|content-sha256|date|decoded-content-length|meta-.+|sdk-checksum-algorithm|security-token|trailer|user-agent)$/;

/** An encryption, an ACL, a condition or a range that was left out of account would pass for having been heeded. */
function changesTheCall(name: string): boolean {
  return (name.startsWith("x-amz-") && !understood.test(name)) || /^(if-.+|range)$/.test(name);
}

/** The bucket stands first in the path, or in front of the host name where that is no IP address. */
function target(path: string, host = ""): { bucket: string; key: string } {
  const decode = (text: string) => {
    try {
      return decodeURIComponent(text);
    } catch {
      throw new ServiceError("InvalidURI", "Couldn't parse the specified URI.");
    }
  };
  const [, virtual] = /^(.+)\.localhost(?::\d+)?$/.exec(host) ?? [];
  if (virtual !== undefined) return { bucket: virtual, key: decode(path.slice(1)) };
  const [, bucket = "", key = ""] = /^\/([^/]*)\/?(.*)$/s.exec(path) ?? [];
  return { bucket: decode(bucket), key: decode(key) };
}

function notImplemented(what: string): ServiceError {
  return new ServiceError(
    "NotImplemented",
    `S3 on this machine does not know ${what}: it has plain ${Object.values(operations).join(", ")}`,
    501,
  );
}

function success(
  requestId: string,
  operation: string,
  object: StoredObject | undefined,
  withChecksums: boolean,
): ServiceResponse {
  const common = { "x-amz-request-id": requestId };
  if (object === undefined) return { status: 204, headers: common, body: Buffer.alloc(0) };
  const { algorithm, key } = object.encryption;
  const described = {
    ...common,
    etag: object.etag,
    "x-amz-server-side-encryption": algorithm,
    ...(key === undefined ? {} : { "x-amz-server-side-encryption-aws-kms-key-id": key }),
  };
  if (operation === "PutObject") {
    return { status: 200, headers: { ...described, ...object.checksums }, body: Buffer.alloc(0) };
  }
  return {
    status: 200,
    headers: {
      ...described,
      ...object.headers,
      ...(withChecksums ? object.checksums : {}),
      "last-modified": object.modifiedAt.toUTCString(),
    },
    // Node sends no body where HEAD was asked, but its length.
    body: object.bytes,
  };
}

/** docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html */
function failure(requestId: string, error: unknown): ServiceResponse {
  const { code, message, status, details } = refusal(error);
  const elements = { Code: code, Message: message, ...details, RequestId: requestId };
  const xml = Object.entries(elements).map(
    ([name, value]) => `<${name}>${escapeXml(String(value))}</${name}>`,
  );
  return {
    status,
    headers: { "x-amz-request-id": requestId, "content-type": "application/xml" },
    body: Buffer.from(`<?xml version="1.0" encoding="UTF-8"?>\n<Error>${xml.join("")}</Error>`),
  };
}

function refusal(error: unknown): ReturnType<typeof wireError> {
  if (error instanceof AccessDenied) return { code: "AccessDenied", message: error.message, status: 403 };
  return wireError(error, "s3");
}
