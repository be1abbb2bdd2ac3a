import type { AwsCall, Input, NeededAccess } from "./call.js";

/**
 * What is read and written of a bucket, by its name in the query: docs.aws.amazon.com/AmazonS3/latest/userguide/using-with-s3-policy-actions.html.
 * To delete most of it is to write it.
 */
const parts: Readonly<Record<string, string>> = {
  accelerate: "AccelerateConfiguration",
  acl: "BucketAcl",
  cors: "BucketCORS",
  encryption: "EncryptionConfiguration",
  lifecycle: "LifecycleConfiguration",
  location: "BucketLocation",
  logging: "BucketLogging",
  "object-lock": "BucketObjectLockConfiguration",
  ownershipControls: "BucketOwnershipControls",
  policy: "BucketPolicy",
  publicAccessBlock: "BucketPublicAccessBlock",
  replication: "ReplicationConfiguration",
  requestPayment: "BucketRequestPayment",
  tagging: "BucketTagging",
  versioning: "BucketVersioning",
  website: "BucketWebsite",
};

/** The bucket alone, by method. */
const whole: Readonly<Record<string, string>> = {
  HEAD: "ListBucket",
  GET: "ListBucket",
  PUT: "CreateBucket",
  DELETE: "DeleteBucket",
};

export function s3Access({ method, path }: AwsCall, _input: Input): NeededAccess[] | undefined {
  const [place = "", query = ""] = path.split("?");
  const [, bucket = "", key = ""] = /^\/([^/]*)\/?(.*)$/.exec(place) ?? [];
  if (key !== "" || bucket === "") return undefined;
  const names = [...new URLSearchParams(query).keys()];
  const part = names.map((name) => parts[name]).find((name) => name !== undefined);
  const action = names.includes("versions") ? "ListBucketVersions" : actionOn(method, part);
  if (action === undefined) return undefined;
  return [{ action: `s3:${action}`, resource: `arn:aws:s3:::${bucket}`, context: {} }];
}

function actionOn(method: string, part: string | undefined): string | undefined {
  if (part === undefined) return whole[method];
  if (method === "GET") return `Get${part}`;
  return method === "DELETE" && part === "BucketPolicy" ? "DeleteBucketPolicy" : `Put${part}`;
}
