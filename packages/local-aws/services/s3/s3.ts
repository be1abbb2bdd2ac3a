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

/** S3 for the program's buckets: puts and gets whole objects, in memory. */
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
  ): StoredObject {
    const { settings, objects } = this.#bucket(input.Bucket);
    const key = String(input.Key);
    switch (operation) {
      case "PutObject": {
        const object = storedObject(input.Object as NewObject, settings.encryption);
        objects.set(key, object);
        return object;
      }
      case "GetObject": {
        const object = objects.get(key);
        if (object !== undefined) return object;
        // Whether a key exists is told to those who may list the bucket; to others it is as forbidden as any other:
        // docs.aws.amazon.com/AmazonS3/latest/API/API_GetObject.html, "Permissions".
        checkAccess({ action: "s3:ListBucket", resource: settings.arn });
        throw new ServiceError("NoSuchKey", "The specified key does not exist.", 404, { Key: key });
      }
      default:
        throw new ServiceError("NotImplemented", `S3 on this machine has no ${operation}`, 501);
    }
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

function storedObject(object: NewObject, encryption: BucketEncryption): StoredObject {
  // The MD5 of the bytes only where S3 encrypts with keys of its own:
  // docs.aws.amazon.com/AmazonS3/latest/API/API_Object.html, "ETag".
  const tag =
    encryption.key === undefined
      ? createHash("md5").update(object.bytes).digest("hex")
      : randomBytes(16).toString("hex");
  return { ...object, etag: `"${tag}"`, modifiedAt: new Date(), encryption };
}
