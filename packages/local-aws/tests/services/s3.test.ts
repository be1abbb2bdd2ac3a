import { request } from "node:http";
import { Readable } from "node:stream";
import { buffer } from "node:stream/consumers";
import {
  DeleteBucketCommand,
  DeleteObjectCommand,
  GetObjectCommand,
  GetObjectTaggingCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  ListObjectVersionsCommand,
  PutObjectCommand,
  S3Client,
} from "@aws-sdk/client-s3";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { type AccessKey, operatorKey } from "../../iam/principal.js";
import type { GraphResource } from "../../program/graph.js";
import { startCloud } from "../../services/cloud.js";
import { startTestCloud, type TestCloud } from "../support/cloud.js";
import { arnOf, graphOf, policyOf, region, resource, role, type TestStatement } from "../support/graphs.js";

const plain = resource("aws:s3/bucket:Bucket", "plain");
const encrypted = resource("aws:s3/bucket:Bucket", "encrypted");
const guarded = resource("aws:s3/bucket:Bucket", "guarded");
const customerKey = resource("aws:kms/key:Key", "key");
const objectsOf = (bucket: GraphResource) => `${arnOf(bucket)}/*`;

const throughS3 = { StringLike: { "kms:ViaService": "s3.*.amazonaws.com" } };
const useKey = (Action: string): TestStatement => ({
  Action,
  Resource: arnOf(customerKey),
  Condition: throughS3,
});
const roles = {
  writer: [
    { Action: "s3:PutObject", Resource: [objectsOf(plain), objectsOf(encrypted), objectsOf(guarded)] },
  ],
  encryptor: [{ Action: "s3:PutObject", Resource: objectsOf(encrypted) }, useKey("kms:GenerateDataKey")],
  reader: [{ Action: "s3:GetObject", Resource: [objectsOf(plain), objectsOf(encrypted)] }],
  decryptor: [{ Action: "s3:GetObject", Resource: objectsOf(encrypted) }, useKey("kms:Decrypt")],
  lister: [
    { Action: "s3:GetObject", Resource: objectsOf(plain) },
    { Action: "s3:ListBucket", Resource: arnOf(plain) },
  ],
} satisfies Record<string, TestStatement[]>;

let test: TestCloud;
const made: S3Client[] = [];
beforeAll(async () => {
  test = await startTestCloud(() => [
    plain,
    encrypted,
    guarded,
    resource("aws:s3/bucket:Bucket", "listed"),
    customerKey,
    resource("aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration", "e", {
      bucket: encrypted.id,
      rules: [
        {
          bucketKeyEnabled: true,
          applyServerSideEncryptionByDefault: {
            sseAlgorithm: "aws:kms",
            kmsMasterKeyId: arnOf(customerKey),
          },
        },
      ],
    }),
    resource("aws:s3/bucketPolicy:BucketPolicy", "p", {
      bucket: guarded.id,
      policy: policyOf({ Effect: "Deny", Principal: "*", Action: "s3:*", Resource: objectsOf(guarded) }),
    }),
    ...Object.entries(roles).flatMap(([name, statements]) =>
      role(name, "lambda.amazonaws.com", ...statements),
    ),
  ]);
});
afterEach(() => {
  for (const client of made.splice(0)) client.destroy();
});
afterAll(() => test.close());

function connect(key: AccessKey = operatorKey) {
  const client = new S3Client({
    region,
    endpoint: test.origin,
    credentials: key,
    maxAttempts: 1,
  });
  made.push(client);
  return client;
}
const as = (name: keyof typeof roles) =>
  connect(test.keys.issue({ kind: "role", arn: `arn:aws:iam::000000000000:role/${name}` }));
const put = (Bucket: string, Key: string, Body: string | Buffer = "x") =>
  new PutObjectCommand({ Bucket, Key, Body });
const get = (Bucket: string, Key: string) => new GetObjectCommand({ Bucket, Key });

/** A request that no SDK would send, with the operator's key. */
async function raw(
  method: string,
  path: string,
  headers: Record<string, string> = {},
  body: Buffer = Buffer.alloc(0),
) {
  const authorization = `AWS4-HMAC-SHA256 Credential=LOCALOPERATOR/20260101/${region}/s3/aws4_request, Signature=x`;
  const sent = request(`${test.origin}${path}`, {
    method,
    headers: { "x-amz-content-sha256": "UNSIGNED-PAYLOAD", ...headers, authorization },
  });
  sent.end(body);
  const [response] = await new Promise<[import("node:http").IncomingMessage]>((resolve, reject) => {
    sent.once("response", (...got) => resolve(got as [import("node:http").IncomingMessage]));
    sent.once("error", reject);
  });
  return { status: response.statusCode, headers: response.headers, body: await buffer(response) };
}

describe("an object in the local S3", () => {
  const everyByte = Buffer.from(Array.from({ length: 100_000 }, (_, index) => index % 256));

  it("comes back byte for byte, with its type and the checksum that was sent", async () => {
    const s3 = connect();
    const Key = "a folder/ü+&%20?#.bin";
    const stored = await s3.send(
      new PutObjectCommand({ Bucket: "plain", Key, Body: everyByte, ContentType: "application/x-test" }),
    );
    const read = await s3.send(get("plain", Key));
    expect(await read.Body?.transformToByteArray()).toEqual(new Uint8Array(everyByte));
    expect(read).toMatchObject({
      ContentType: "application/x-test",
      ContentLength: everyByte.length,
      ChecksumCRC32: stored.ChecksumCRC32,
      ETag: stored.ETag,
      ServerSideEncryption: "AES256",
      LastModified: expect.any(Date),
    });
    expect(stored.ChecksumCRC32).toMatch(/^.{6}==$/);
  });

  it("is replaced by the next of its key", async () => {
    const s3 = connect();
    await s3.send(put("plain", "again", "one"));
    await s3.send(put("plain", "again", "second"));
    const read = await s3.send(get("plain", "again"));
    expect(await read.Body?.transformToString()).toBe("second");
  });
});

describe("the objects of a bucket", () => {
  const Bucket = "listed";
  const keys = ["a/1", "a/2", "a/3", "b", "c/ü"];
  beforeAll(() => Promise.all(keys.map((key) => connect().send(put(Bucket, key, `of ${key}`)))));

  it("are listed by their beginning, and page by page", async () => {
    const list = (input: object) => connect().send(new ListObjectsV2Command({ Bucket, ...input }));
    const all = await list({});
    expect(all).toMatchObject({ KeyCount: 5, IsTruncated: false, Name: Bucket, MaxKeys: 1_000 });
    expect(all.Contents?.map(({ Key }) => Key)).toEqual(keys);
    expect(all.Contents?.[0]).toMatchObject({
      Size: 6,
      LastModified: expect.any(Date),
      StorageClass: "STANDARD",
    });
    const first = await list({ MaxKeys: 2, Prefix: "a/" });
    expect(first.Contents?.map(({ Key }) => Key)).toEqual(["a/1", "a/2"]);
    const second = await list({ Prefix: "a/", ContinuationToken: first.NextContinuationToken });
    expect(second.Contents?.map(({ Key }) => Key)).toEqual(["a/3"]);
  });

  it("are listed by folders", async () => {
    const folders = await connect().send(new ListObjectsV2Command({ Bucket, Delimiter: "/", MaxKeys: 2 }));
    expect(folders.CommonPrefixes).toEqual([{ Prefix: "a/" }]);
    expect(folders.Contents?.map(({ Key }) => Key)).toEqual(["b"]);
    const rest = await connect().send(
      new ListObjectsV2Command({ Bucket, Delimiter: "/", ContinuationToken: folders.NextContinuationToken }),
    );
    expect(rest.CommonPrefixes).toEqual([{ Prefix: "c/" }]);
  });

  it("have one version each, and are gone when it is deleted", async () => {
    const s3 = connect();
    const versions = await s3.send(new ListObjectVersionsCommand({ Bucket, Prefix: "b" }));
    expect(versions.Versions).toMatchObject([{ Key: "b", VersionId: "null", IsLatest: true, Size: 4 }]);
    const head = await s3.send(new HeadObjectCommand({ Bucket, Key: "b" }));
    expect(head).toMatchObject({ ContentLength: 4, ETag: versions.Versions?.[0]?.ETag });
    await s3.send(new DeleteObjectCommand({ Bucket, Key: "b", VersionId: "null" }));
    await expect(s3.send(new HeadObjectCommand({ Bucket, Key: "b" }))).rejects.toMatchObject({
      name: "NotFound",
    });
    // Deleting what is not there is no fault.
    await s3.send(new DeleteObjectCommand({ Bucket, Key: "b" }));
  });

  it("are listed and deleted by whom the policy lets do so", async () => {
    const user = test.cloud.authoriser.addUser(
      "eraser",
      policyOf(
        { Action: "s3:ListBucket", Resource: `arn:aws:s3:::${Bucket}` },
        { Action: "s3:DeleteObject", Resource: `arn:aws:s3:::${Bucket}/a/*` },
      ),
    );
    const eraser = connect(test.keys.issue(user));
    await eraser.send(new ListObjectsV2Command({ Bucket }));
    await eraser.send(new DeleteObjectCommand({ Bucket, Key: "a/1" }));
    for (const refused of [
      new DeleteObjectCommand({ Bucket, Key: "c/ü" }),
      new DeleteObjectCommand({ Bucket, Key: "a/2", VersionId: "null" }),
      new ListObjectVersionsCommand({ Bucket }),
    ]) {
      await expect(eraser.send(refused as DeleteObjectCommand)).rejects.toMatchObject({
        name: "AccessDenied",
      });
    }
  });
});

describe("bytes that are not what was announced", () => {
  it.each([
    ["a checksum", "BadDigest", { "x-amz-checksum-crc32": "AAAAAA==" }],
    ["a hash", "XAmzContentSHA256Mismatch", { "x-amz-content-sha256": "0".repeat(64) }],
  ])("are refused for %s, with %s, and not stored", async (_, code, sent) => {
    const refused = await raw("PUT", "/plain/announced", sent, Buffer.from("hello"));
    expect(refused.status).toBe(400);
    expect(refused.headers["content-type"]).toBe("application/xml");
    expect(refused.body.toString()).toContain(`<Code>${code}</Code>`);
    await expect(connect().send(get("plain", "announced"))).rejects.toMatchObject({ name: "NoSuchKey" });
  });
});

describe("what a role may do in S3", () => {
  it("is what its policy says of the objects, and nothing else", async () => {
    const writer = as("writer");
    await writer.send(put("plain", "written"));
    await expect(writer.send(get("plain", "written"))).rejects.toMatchObject({
      name: "AccessDenied",
      message: expect.stringMatching(
        /role\/writer is not authorized to perform: s3:GetObject on resource: arn:aws:s3:::plain\/written because/,
      ),
      $metadata: { httpStatusCode: 403 },
    });
    await as("reader").send(get("plain", "written"));
    await expect(as("reader").send(put("plain", "written"))).rejects.toMatchObject({ name: "AccessDenied" });
  });

  it("needs the customer's key that encrypts the bucket, to write and to read", async () => {
    await expect(as("writer").send(put("encrypted", "secret"))).rejects.toMatchObject({
      message: expect.stringContaining(`kms:GenerateDataKey on resource: ${arnOf(customerKey)}`),
    });
    expect(await as("encryptor").send(put("encrypted", "secret"))).toMatchObject({
      ServerSideEncryption: "aws:kms",
      SSEKMSKeyId: arnOf(customerKey),
    });
    await expect(as("reader").send(get("encrypted", "secret"))).rejects.toMatchObject({
      message: expect.stringContaining("kms:Decrypt"),
    });
    await as("decryptor").send(get("encrypted", "secret"));
  });

  it("is denied where the bucket's own policy denies it", async () => {
    await expect(as("writer").send(put("guarded", "x"))).rejects.toMatchObject({
      name: "AccessDenied",
      message: expect.stringContaining("with an explicit deny in BucketPolicy p"),
    });
  });

  it("is not told whether a key exists unless it may list the bucket", async () => {
    await expect(as("reader").send(get("plain", "missing"))).rejects.toMatchObject({
      name: "AccessDenied",
      message: expect.stringContaining("s3:ListBucket on resource: arn:aws:s3:::plain "),
    });
    await expect(as("lister").send(get("plain", "missing"))).rejects.toMatchObject({ name: "NoSuchKey" });
  });

  it("is nothing with a key that was not handed out here", async () => {
    const stranger = connect({ accessKeyId: "AKIASTRANGER", secretAccessKey: "x" });
    await expect(stranger.send(put("plain", "x"))).rejects.toMatchObject({ name: "InvalidAccessKeyId" });
  });
});

describe("a call that the local S3 cannot make as asked", () => {
  it("names a bucket that is not there and a key that is too long", async () => {
    await expect(as("writer").send(put("nowhere", "x"))).rejects.toMatchObject({ name: "NoSuchBucket" });
    await expect(connect().send(put("plain", "x".repeat(1_025)))).rejects.toMatchObject({
      name: "KeyTooLongError",
    });
  });

  it.each([
    [
      "another operation",
      "GET of an object with ?tagging",
      new GetObjectTaggingCommand({ Bucket: "plain", Key: "x" }),
    ],
    [
      "another listing",
      "ListObjectsV2 with ?fetch-owner",
      new ListObjectsV2Command({ Bucket: "plain", FetchOwner: true }),
    ],
    [
      "an encryption of its own",
      "the header x-amz-server-side-encryption",
      new PutObjectCommand({ Bucket: "plain", Key: "x", Body: "x", ServerSideEncryption: "aws:kms" }),
    ],
    [
      "a condition",
      "the header if-none-match",
      new PutObjectCommand({ Bucket: "plain", Key: "x", Body: "x", IfNoneMatch: "*" }),
    ],
    ["a range", "the header range", new GetObjectCommand({ Bucket: "plain", Key: "x", Range: "bytes=0-1" })],
    ["a deletion of a bucket", "DELETE of a bucket", new DeleteBucketCommand({ Bucket: "plain" })],
    [
      "metadata",
      "the header x-amz-meta-source",
      new PutObjectCommand({ Bucket: "plain", Key: "x", Body: "x", Metadata: { source: "github" } }),
    ],
    [
      "a stream",
      "does not know the header",
      new PutObjectCommand({
        Bucket: "plain",
        Key: "x",
        Body: Readable.from([Buffer.from("x")]),
        ContentLength: 1,
      }),
    ],
    [
      "another checksum",
      "the header x-amz-checksum-crc32c",
      new PutObjectCommand({ Bucket: "plain", Key: "x", Body: "x", ChecksumCRC32C: "AAAAAA==" }),
    ],
  ])("is refused by name: %s", async (_, named, call) => {
    await expect(connect().send(call as PutObjectCommand)).rejects.toMatchObject({
      name: "NotImplemented",
      message: expect.stringContaining(named),
      $metadata: { httpStatusCode: 501 },
    });
  });

  it("stops the start for an input of a bucket that has no meaning here", async () => {
    const versioned = resource("aws:s3/bucket:Bucket", "b", { objectLockEnabled: true });
    await expect(startCloud(graphOf([versioned]))).rejects.toThrow(
      'Bucket b: local AWS does not know the input "objectLockEnabled"',
    );
  });
});
