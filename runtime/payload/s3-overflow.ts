import type { S3Client } from "@aws-sdk/client-s3";
import type { OverflowStore } from "./overflow.js";

/**
 * An overflow store in a bucket. The bucket's own settings decide about encryption and the objects' lifetime. The
 * client is loaded for the first payload that is too large for an item; most stages never have one.
 */
export function s3Overflow(
  bucket: string,
  requestHandler: {
    readonly connectionTimeout: number;
    readonly requestTimeout: number;
    readonly throwOnRequestTimeout: boolean;
  },
): OverflowStore {
  const connect = async () => {
    const { GetObjectCommand, PutObjectCommand, S3Client } = await import("@aws-sdk/client-s3");
    const client: S3Client = new S3Client({ requestHandler });
    return { client, GetObjectCommand, PutObjectCommand };
  };
  let connected: ReturnType<typeof connect> | undefined;
  return {
    bucket,
    async put(key, bytes) {
      connected ??= connect();
      const { client, PutObjectCommand } = await connected;
      await client.send(new PutObjectCommand({ Bucket: bucket, Key: key, Body: bytes }));
    },
    async get(key) {
      connected ??= connect();
      const { client, GetObjectCommand } = await connected;
      const { Body } = await client.send(new GetObjectCommand({ Bucket: bucket, Key: key }));
      return Body === undefined ? new Uint8Array() : Body.transformToByteArray();
    },
  };
}
