import type { ApiCall } from "../../iam/required-access.js";
import type { ServiceResponse } from "../service-call.js";
import { ServiceError } from "../service-error.js";
import { type XmlContent, xmlElement } from "../xml.js";
import type { Listing, ListRequest } from "./s3.js";

/** The listings of S3: docs.aws.amazon.com/AmazonS3/latest/API/API_ListObjectsV2.html and API_ListObjectVersions.html */
export const listOperations = ["ListObjectsV2", "ListObjectVersions"] as const;

/** Keys of one answer. */
const mostKeys = 1_000;

const knownParameters = {
  ListObjectsV2: [
    "list-type",
    "prefix",
    "delimiter",
    "max-keys",
    "continuation-token",
    "start-after",
    "encoding-type",
  ],
  ListObjectVersions: [
    "versions",
    "prefix",
    "delimiter",
    "max-keys",
    "key-marker",
    "version-id-marker",
    "encoding-type",
  ],
};

/** @throws ServiceError for a parameter that would be passed over, or that S3 would refuse */
export function readList(parameters: URLSearchParams): {
  readonly operation: (typeof listOperations)[number];
  readonly list: ListRequest;
} {
  const operation = parameters.has("versions") ? "ListObjectVersions" : "ListObjectsV2";
  const unknown = [...parameters.keys()].find((name) => !knownParameters[operation].includes(name));
  if (unknown !== undefined) {
    throw new ServiceError(
      "NotImplemented",
      `S3 on this machine does not know ${operation} with ?${unknown}`,
      501,
    );
  }
  const encoding = parameters.get("encoding-type");
  if (encoding !== null && encoding !== "url") {
    throw invalidArgument("Invalid Encoding Method specified in Request");
  }
  const asked = parameters.get("max-keys") ?? String(mostKeys);
  if (!/^\d+$/.test(asked)) throw invalidArgument("Provided max-keys not an integer or within integer range");
  const token = parameters.get("continuation-token");
  const after =
    token === null
      ? (parameters.get(operation === "ListObjectsV2" ? "start-after" : "key-marker") ?? "")
      : readToken(token);
  return {
    operation,
    list: {
      prefix: parameters.get("prefix") ?? "",
      delimiter: parameters.get("delimiter") || undefined,
      after,
      most: Math.min(Number(asked), mostKeys),
    },
  };
}

const tokenOf = (key: string) => Buffer.from(`local:${key}`).toString("base64url");

function readToken(token: string): string {
  const text = Buffer.from(token, "base64url").toString("utf8");
  if (!text.startsWith("local:")) throw invalidArgument("The continuation token provided is incorrect");
  return text.slice("local:".length);
}

/** A listing in S3's form. */
export function listing(
  requestId: string,
  operation: string,
  input: ApiCall["input"],
  { objects, prefixes, next }: Listing,
): ServiceResponse {
  const asked = input.Asked as Readonly<Record<string, string>>;
  const { prefix, delimiter, most } = input.List as ListRequest;
  const isEncoded = asked["encoding-type"] === "url";
  const encoded = (text: string) => (isEncoded ? encodeURIComponent(text).replaceAll("%2F", "/") : text);
  const common = {
    Name: String(input.Bucket),
    Prefix: encoded(prefix),
    ...(delimiter === undefined ? {} : { Delimiter: encoded(delimiter) }),
    MaxKeys: String(most),
    ...(isEncoded ? { EncodingType: "url" } : {}),
    IsTruncated: String(next !== undefined),
    CommonPrefixes: prefixes.map((each) => ({ Prefix: encoded(each) })),
  };
  const entries = objects.map(({ key, object }) => ({
    Key: encoded(key),
    LastModified: object.modifiedAt.toISOString(),
    ETag: object.etag,
    Size: String(object.bytes.length),
    StorageClass: "STANDARD",
  }));
  const content: XmlContent =
    operation === "ListObjectsV2"
      ? {
          ...common,
          KeyCount: String(objects.length + prefixes.length),
          ...(asked["continuation-token"] === undefined
            ? {}
            : { ContinuationToken: asked["continuation-token"] }),
          ...(next === undefined ? {} : { NextContinuationToken: tokenOf(next) }),
          ...(asked["start-after"] === undefined ? {} : { StartAfter: encoded(asked["start-after"]) }),
          Contents: entries,
        }
      : {
          ...common,
          KeyMarker: encoded(asked["key-marker"] ?? ""),
          ...(next === undefined ? {} : { NextKeyMarker: encoded(next), NextVersionIdMarker: "null" }),
          // A bucket without versioning has one version of each object, called null.
          Version: entries.map((entry) => ({ ...entry, VersionId: "null", IsLatest: "true" })),
        };
  const name = operation === "ListObjectsV2" ? "ListBucketResult" : "ListVersionsResult";
  const element = xmlElement(name, content, "http://s3.amazonaws.com/doc/2006-03-01/");
  return {
    status: 200,
    headers: { "x-amz-request-id": requestId, "content-type": "application/xml" },
    body: Buffer.from(`<?xml version="1.0" encoding="UTF-8"?>\n${element}`),
  };
}

const invalidArgument = (message: string) => new ServiceError("InvalidArgument", message);
