import * as pulumi from "@pulumi/pulumi";
import type { Statement } from "../support/iam.js";

/** The permissions that API Gateway needs to put messages into queues, and no others. */
export function mayEnqueue(
  queueArns: readonly pulumi.Input<string>[],
  queueKeyArn: pulumi.Input<string> | undefined,
): readonly Statement[] {
  const send: Statement = {
    Sid: "SendToQueues",
    Action: "sqs:SendMessage",
    // Most sources share a queue, which is named only once.
    Resource: pulumi.all([...queueArns]).apply((arns) => [...new Set(arns)]),
  };
  if (queueKeyArn === undefined) return [send];
  return [
    send,
    {
      Sid: "QueueKey",
      Action: ["kms:Decrypt", "kms:GenerateDataKey"],
      Resource: queueKeyArn,
    },
  ];
}
