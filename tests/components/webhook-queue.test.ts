import { describe, expect, it } from "vitest";
import { WebhookQueue, type WebhookQueueArgs } from "../../components/webhook-queue.js";
import { queueArgs } from "../support/default-args.js";
import { policyIn, registered, untagged } from "../support/registered.js";

const queueType = "aws:sqs/queue:Queue";
const fourteenDays = 14 * 24 * 60 * 60;

function queues(args: Partial<WebhookQueueArgs> = {}): WebhookQueue {
  return new WebhookQueue("events", { ...queueArgs, ...args });
}

describe("WebhookQueue", () => {
  it("moves a message to the dead-letter queue after as many deliveries as it is given", async () => {
    const { one } = await registered(() => queues({ maxReceiveCount: 5 }));

    expect(JSON.parse(String(one(queueType, "events-queue").inputs.redrivePolicy))).toEqual({
      deadLetterTargetArn: one(queueType, "events-dlq").state.arn,
      maxReceiveCount: 5,
    });
  });

  it("takes the number of deliveries, retention and visibility that it is given", async () => {
    const { one } = await registered(() =>
      queues({ maxReceiveCount: 2, retentionDays: 3, visibilityTimeoutSeconds: 61 }),
    );

    const { inputs } = one(queueType, "events-queue");
    expect(JSON.parse(String(inputs.redrivePolicy))).toMatchObject({ maxReceiveCount: 2 });
    expect(inputs).toMatchObject({ messageRetentionSeconds: 259_200, visibilityTimeoutSeconds: 61 });
  });

  it("keeps dead letters for 14 days, longer than any message in the queue", async () => {
    const { one } = await registered(() => queues({ retentionDays: 13 }));

    expect(one(queueType, "events-dlq").inputs.messageRetentionSeconds).toBe(fourteenDays);
    expect(one(queueType, "events-queue").inputs.messageRetentionSeconds).toBeLessThan(fourteenDays);
  });

  it("lets a receiver wait for messages as long as SQS allows, so that an empty queue costs little", async () => {
    const { one } = await registered(() => queues());

    expect(one(queueType, "events-queue").inputs.receiveWaitTimeSeconds).toBe(20);
  });

  it("asks KMS for a data key every five minutes only, if it is given a key", async () => {
    const { all } = await registered(() => queues({ keyArn: "arn:aws:kms:::key/mine" }));

    expect(all(queueType).map(({ inputs }) => inputs.kmsDataKeyReusePeriodSeconds)).toEqual([300, 300]);
  });

  it("takes messages of up to 1 MiB in both queues, whatever the provider's default is", async () => {
    const { all } = await registered(() => queues());

    expect(all(queueType).map(({ inputs }) => inputs.maxMessageSize)).toEqual([1_048_576, 1_048_576]);
  });

  it("encrypts both queues with SQS's own key unless it is given one", async () => {
    const { all } = await registered(() => queues());

    for (const { inputs } of all(queueType)) {
      expect(inputs).toMatchObject({ sqsManagedSseEnabled: true });
      expect(inputs).not.toHaveProperty("kmsMasterKeyId");
    }
  });

  it("encrypts both queues with the key it is given, since a redrive needs the same on both", async () => {
    const { all } = await registered(() => queues({ keyArn: "arn:aws:kms:::key/mine" }));

    for (const { inputs } of all(queueType)) {
      expect(inputs).toMatchObject({ kmsMasterKeyId: "arn:aws:kms:::key/mine" });
      expect(inputs).not.toHaveProperty("sqsManagedSseEnabled");
    }
  });

  it("refuses calls without TLS on both queues and allows nobody anything", async () => {
    const { one } = await registered(() => queues());

    for (const name of ["events-queue", "events-dlq"]) {
      expect(policyIn(one("aws:sqs/queuePolicy:QueuePolicy", `${name}-policy`)).Statement).toEqual([
        {
          Sid: "DenyWithoutTls",
          Effect: "Deny",
          Principal: "*",
          Action: "sqs:*",
          Resource: one(queueType, name).state.arn,
          Condition: { Bool: { "aws:SecureTransport": "false" } },
        },
      ]);
    }
  });

  it("lets only its own queue move messages into the dead-letter queue", async () => {
    const { one } = await registered(() => queues());

    const { inputs } = one("aws:sqs/redriveAllowPolicy:RedriveAllowPolicy");
    expect(inputs.queueUrl).toBe(one(queueType, "events-dlq").state.url);
    expect(JSON.parse(String(inputs.redriveAllowPolicy))).toEqual({
      redrivePermission: "byQueue",
      sourceQueueArns: [one(queueType, "events-queue").state.arn],
    });
  });

  it("tags every queue and parents every child to itself", async () => {
    const tags = { team: "payments" };
    const { resources, one } = await registered(() => queues({ tags }));

    expect(untagged(resources, tags)).toEqual([]);
    const { urn } = one("webhooks:index:WebhookQueue");
    expect(resources.filter(({ custom }) => custom).every(({ parent }) => parent === urn)).toBe(true);
  });
});
