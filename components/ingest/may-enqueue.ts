import * as pulumi from "@pulumi/pulumi";
import type { Statement } from "../support/iam.js";

/** What API Gateway must be allowed to put messages into queues, and nothing else. */
export function mayEnqueue(
  queueArns: readonly pulumi.Input<string>[],
  queueKeyArn: pulumi.Input<string> | undefined,
): readonly Statement[] {
  const send: Statement = {
    Sid: "PutWebhooksIntoTheirQueues",
    Action: "sqs:SendMessage",
    // Most sources share a queue, which need be named only once.
    Resource: pulumi.all([...queueArns]).apply((arns) => [...new Set(arns)]),
  };
  if (queueKeyArn === undefined) return [send];
  return [
    send,
    {
      Sid: "EncryptThemWithTheirKey",
      Action: ["kms:Decrypt", "kms:GenerateDataKey"],
      Resource: queueKeyArn,
    },
  ];
}
