import { describe, expect, it } from "vitest";
import { WebhookHistory } from "../../components/webhook-history.js";
import { registered, untagged } from "../support/registered.js";

const tableType = "aws:dynamodb/table:Table";

describe("WebhookHistory", () => {
  it("finds a webhook by its id, by source and day, and by the trouble it is in", async () => {
    const { one } = await registered(() => new WebhookHistory("events"));

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

  it("is paid per request, expires items by their own time, and can be restored and not be deleted", async () => {
    const { one } = await registered(() => new WebhookHistory("events"));

    expect(one(tableType).inputs).toMatchObject({
      billingMode: "PAY_PER_REQUEST",
      ttl: { attributeName: "expires_at", enabled: true },
      pointInTimeRecovery: { enabled: true },
      deletionProtectionEnabled: true,
      serverSideEncryption: { enabled: true },
    });
  });

  it("gives up restoring and protection when told to", async () => {
    const { one } = await registered(
      () => new WebhookHistory("events", { pointInTimeRecovery: false, deletionProtection: false }),
    );

    expect(one(tableType).inputs).toMatchObject({
      pointInTimeRecovery: { enabled: false },
      deletionProtectionEnabled: false,
    });
  });

  it("is encrypted with the key it is given", async () => {
    const { one } = await registered(
      () => new WebhookHistory("events", { keyArn: "arn:aws:kms:::key/mine" }),
    );

    expect(one(tableType).inputs.serverSideEncryption).toEqual({
      enabled: true,
      kmsKeyArn: "arn:aws:kms:::key/mine",
    });
  });

  it("tags the table and parents it to itself", async () => {
    const tags = { team: "payments" };
    const { resources, one } = await registered(() => new WebhookHistory("events", { tags }));

    expect(untagged(resources, tags)).toEqual([]);
    expect(one(tableType).parent).toBe(one("webhooks:index:WebhookHistory").urn);
  });
});
