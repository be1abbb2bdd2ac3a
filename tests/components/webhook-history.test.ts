import { describe, expect, it } from "vitest";
import { WebhookHistory, type WebhookHistoryArgs } from "../../components/webhook-history.js";
import { historyArgs } from "../support/default-args.js";
import { policyIn, registered, untagged } from "../support/registered.js";

const tableType = "aws:dynamodb/table:Table";

function history(args: Partial<WebhookHistoryArgs> = {}): WebhookHistory {
  return new WebhookHistory("events", { ...historyArgs, ...args });
}

describe("WebhookHistory", () => {
  it("finds a webhook by its id, by source and day, and by the trouble it is in", async () => {
    const { one } = await registered(() => history());

    expect(one(tableType).inputs).toMatchObject({
      hashKey: "webhook_id",
      globalSecondaryIndexes: [
        { name: "by_source", hashKey: "source_day", rangeKey: "received_at", projectionType: "KEYS_ONLY" },
        { name: "by_attention", hashKey: "attention", rangeKey: "received_at", projectionType: "KEYS_ONLY" },
      ],
      attributes: [
        { name: "webhook_id", type: "S" },
        { name: "received_at", type: "N" },
        { name: "source_day", type: "S" },
        { name: "attention", type: "S" },
      ],
    });
  });

  it("is paid per request, expires items by their own time, and can be restored", async () => {
    const { one } = await registered(() => history());

    expect(one(tableType).inputs).toMatchObject({
      billingMode: "PAY_PER_REQUEST",
      ttl: { attributeName: "expires_at", enabled: true },
      pointInTimeRecovery: { enabled: true },
      deletionProtectionEnabled: false,
    });
  });

  it("gives up restoring, and has AWS refuse a deletion, when told to", async () => {
    const { one } = await registered(() => history({ pointInTimeRecovery: false, deletionProtection: true }));

    expect(one(tableType).inputs).toMatchObject({
      pointInTimeRecovery: { enabled: false },
      deletionProtectionEnabled: true,
    });
  });

  it("is encrypted with DynamoDB's own key, and says so, or it would keep a key that it had before", async () => {
    const { one } = await registered(() => history());

    expect(one(tableType).inputs.serverSideEncryption).toEqual({ enabled: false });
  });

  it("is encrypted with the key it is given", async () => {
    const { one } = await registered(() => history({ keyArn: "arn:aws:kms:::key/mine" }));

    expect(one(tableType).inputs.serverSideEncryption).toEqual({
      enabled: true,
      kmsKeyArn: "arn:aws:kms:::key/mine",
    });
  });

  it("tags the table and the bucket, and parents the table to itself", async () => {
    const tags = { team: "payments" };
    const { resources, one } = await registered(() => history({ tags }));

    expect(untagged(resources, tags)).toEqual([]);
    expect(one(tableType).parent).toBe(one("webhooks:index:WebhookHistory").urn);
  });

  it("has no bucket if told to do without", async () => {
    const { resources } = await registered(() => history({ overflow: false }));

    expect(resources.filter(({ type }) => type.startsWith("aws:s3/"))).toEqual([]);
  });

  it("keeps large payloads in a bucket that is closed, encrypted, TLS only, and forgets with the history", async () => {
    const { one } = await registered(() =>
      history({
        overflow: true,
        ttlDays: 30,
        keyArn: "arn:key",
        deletionProtection: true,
      }),
    );

    const bucket = one("aws:s3/bucket:Bucket");
    expect(bucket.inputs.forceDestroy).toBe(false);
    expect(one("aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock").inputs).toMatchObject({
      blockPublicAcls: true,
      blockPublicPolicy: true,
      ignorePublicAcls: true,
      restrictPublicBuckets: true,
    });
    expect(JSON.stringify(encryptionOf(one))).toContain("arn:key");
    expect(
      one("aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration").inputs.rules,
    ).toMatchObject([{ status: "Enabled", expiration: { days: 30 } }]);
    expect(policyIn(one("aws:s3/bucketPolicy:BucketPolicy")).Statement).toMatchObject([
      {
        Effect: "Deny",
        Action: "s3:*",
        Resource: [bucket.state.arn, `${bucket.state.arn}/*`],
        Condition: { Bool: { "aws:SecureTransport": "false" } },
      },
    ]);
  });

  it("encrypts the bucket with S3's own key unless it is given one", async () => {
    const { one } = await registered(() => history({ overflow: true }));

    expect(JSON.stringify(encryptionOf(one))).toContain("AES256");
  });
});

function encryptionOf(
  one: (type: string) => { readonly inputs: Readonly<Record<string, unknown>> },
): unknown {
  return one("aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration").inputs
    .rules;
}
