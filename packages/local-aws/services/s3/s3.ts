import { createHash, randomBytes } from "node:crypto";
import type { RequiredAccess } from "../../iam/required-access.js";
import type { BucketEncryption } from "../../program/bucket-encryption.js";
import { ServiceError } from "../service-error.js";

export interface BucketSettings {
  readonly name: string;
  readonly arn: string;
  readonly encryption: BucketEncryption;
}

/** What a caller gives with an object. */
export interface NewObject {
  readonly bytes: Buffer;
  readonly contentType: string;
  /** CRC-32 of the bytes in base64, if the caller sent it; it is told to whoever reads the object. */
  readonly crc32: string | undefined;
}

export interface StoredObject extends NewObject {
  /** With its quotes. */
  readonly etag: string;
  readonly modifiedAt: Date;
  readonly encryption: BucketEncryption;
}

/** docs.aws.amazon.com/AmazonS3/latest/userguide/object-keys.html */
const maximumKeyBytes = 1_024;

/** Keys of a bucket, in their order. */
export interface Listing {
  readonly objects: readonly { readonly key: string; readonly object: StoredObject }[];
  /** Beginnings of keys up to the delimiter, each of which stands for all of its keys. */
  readonly prefixes: readonly string[];
  /** The last key that the listing tells of, where there are more. */
  readonly next?: string;
}

/** What a caller wants to see of a bucket. */
export interface ListRequest {
  readonly prefix: string;
  readonly delimiter: string | undefined;
  /** Keys up to this one are left out. */
  readonly after: string;
  readonly most: number;
}

/** S3 for the program's buckets: whole objects, in memory. Buckets keep one version of each. */
export class S3 {
  readonly #buckets: ReadonlyMap<string, { settings: BucketSettings; objects: Map<string, StoredObject> }>;

  constructor(buckets: readonly BucketSettings[]) {
    this.#buckets = new Map(
      buckets.map((settings) => [settings.name, { settings, objects: new Map<string, StoredObject>() }]),
    );
  }

  /**
   * @param checkAccess throws for what the caller may not do
   * @throws ServiceError, or what `checkAccess` throws
   */
  handle(
    operation: string,
    input: Readonly<Record<string, unknown>>,
    checkAccess: (access: RequiredAccess) => void,
  ): StoredObject | Listing | undefined {
    const { settings, objects } = this.#bucket(input.Bucket);
    const key = String(input.Key);
    switch (operation) {
      case "PutObject": {
        const object = storedObject(input.Object as NewObject, settings.encryption);
        objects.set(key, object);
        return object;
      }
      case "GetObject":
      case "HeadObject": {
        const object = objects.get(key);
        if (object !== undefined) return object;
        // Whether a key exists is told to those who may list the bucket; to others it is as forbidden as any other:
        // docs.aws.amazon.com/AmazonS3/latest/API/API_GetObject.html, "Permissions".
        checkAccess({ action: "s3:ListBucket", resource: settings.arn });
        throw noSuchKey(key);
      }
      // Without a word where there is none: docs.aws.amazon.com/AmazonS3/latest/API/API_DeleteObject.html
      case "DeleteObject":
        objects.delete(key);
        return undefined;
      case "ListObjectsV2":
      case "ListObjectVersions":
        return listed(objects, input.List as ListRequest);
      default:
        throw new ServiceError("NotImplemented", `S3 on this machine has no ${operation}`, 501);
    }
  }

  /** The bytes of an object, without asking for permission. @throws ServiceError if there is none */
  bytesOf(bucket: string, key: string): Buffer {
    const object = this.#bucket(bucket).objects.get(key);
    if (object === undefined) throw noSuchKey(key);
    return object.bytes;
  }

  /** Throws what S3 says of a bucket that is not there, or of a key that is too long, to everybody alike. */
  checkTarget(bucket: string, key: string): void {
    this.#bucket(bucket);
    if (Buffer.byteLength(key) <= maximumKeyBytes) return;
    throw new ServiceError("KeyTooLongError", "Your key is too long", 400, {
      Size: String(Buffer.byteLength(key)),
      MaxSizeAllowed: String(maximumKeyBytes),
    });
  }

  #bucket(name: unknown) {
    const bucket = this.#buckets.get(String(name));
    if (bucket !== undefined) return bucket;
    throw new ServiceError("NoSuchBucket", "The specified bucket does not exist", 404, {
      BucketName: String(name),
    });
  }
}

function noSuchKey(key: string): ServiceError {
  return new ServiceError("NoSuchKey", "The specified key does not exist.", 404, { Key: key });
}

function storedObject(object: NewObject, encryption: BucketEncryption): StoredObject {
  // The MD5 of the bytes only where S3 encrypts with keys of its own:
  // docs.aws.amazon.com/AmazonS3/latest/API/API_Object.html, "ETag".
  const tag =
    encryption.key === undefined
      ? createHash("md5").update(object.bytes).digest("hex")
      : randomBytes(16).toString("hex");
  return { ...object, etag: `"${tag}"`, modifiedAt: new Date(), encryption };
}

function listed(
  all: ReadonlyMap<string, StoredObject>,
  { prefix, delimiter, after, most }: ListRequest,
): Listing {
  const objects: { key: string; object: StoredObject }[] = [];
  const prefixes: string[] = [];
  if (most === 0) return { objects, prefixes };
  let last = "";
  // S3 sorts by the bytes of UTF-8.
  const sorted = [...all].sort(([a], [b]) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
  for (const [key, object] of sorted) {
    if (!key.startsWith(prefix) || Buffer.compare(Buffer.from(key), Buffer.from(after)) <= 0) continue;
    const end = delimiter === undefined ? -1 : key.indexOf(delimiter, prefix.length);
    const group = end === -1 ? undefined : key.slice(0, end + (delimiter ?? "").length);
    if (group !== undefined && (prefixes.at(-1) === group || after === group)) continue;
    if (objects.length + prefixes.length === most) return { objects, prefixes, next: last };
    last = group ?? key;
    if (group === undefined) objects.push({ key, object });
    else prefixes.push(group);
  }
  return { objects, prefixes };
}
