import { describe, expect, it } from "vitest";
import { EncryptionKey } from "../../components/encryption-key.js";
import { policyIn, registered, untagged } from "../support/registered.js";

const keyType = "aws:kms/key:Key";

describe("EncryptionKey", () => {
  it("rotates every year and can be called back for 30 days after its deletion", async () => {
    const { one } = await registered(() => new EncryptionKey("events", { tags: {} }));

    expect(one(keyType).inputs).toMatchObject({ enableKeyRotation: true, deletionWindowInDays: 30 });
  });

  it("lets CloudWatch's alarms publish to topics it encrypts, for this account only", async () => {
    const { one } = await registered(() => new EncryptionKey("events", { tags: {} }));

    const statement = policyIn(one(keyType)).Statement.find(({ Sid }) => Sid === "CloudWatchAlarms");
    expect(statement).toMatchObject({
      Effect: "Allow",
      Principal: { Service: "cloudwatch.amazonaws.com" },
      Action: ["kms:Decrypt", "kms:GenerateDataKey"],
      Condition: { StringEquals: { "aws:SourceAccount": "000000000000" } },
    });
  });

  it("lets CloudWatch Logs encrypt log groups of this account and Region only", async () => {
    const { one } = await registered(() => new EncryptionKey("events", { tags: {} }));

    const statement = policyIn(one(keyType)).Statement.find(({ Sid }) => Sid === "CloudWatchLogs");
    expect(statement).toMatchObject({
      Principal: { Service: "logs.eu-west-1.amazonaws.com" },
      Condition: {
        ArnLike: {
          "kms:EncryptionContext:aws:logs:arn": "arn:aws:logs:eu-west-1:000000000000:log-group:*",
        },
      },
    });
  });

  it("leaves the account able to manage the key, without a wildcard action", async () => {
    const { one } = await registered(() => new EncryptionKey("events", { tags: {} }));

    const policy = policyIn(one(keyType));
    const actions = policy.Statement.flatMap(({ Action }) => Action);
    expect(actions).toContain("kms:PutKeyPolicy");
    expect(actions.filter((action) => action.includes("*"))).toEqual([]);
  });

  it("tags the key and parents it to itself", async () => {
    const tags = { team: "payments" };
    const { resources, one } = await registered(() => new EncryptionKey("events", { tags }));

    expect(untagged(resources, tags)).toEqual([]);
    expect(one(keyType).parent).toBe(one("webhooks:index:EncryptionKey").urn);
  });
});
