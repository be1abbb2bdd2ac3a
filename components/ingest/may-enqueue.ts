import * as pulumi from "@pulumi/pulumi";
import { namedIfTheyFit, type Statement } from "../support/iam.js";

/** The permissions that API Gateway needs to put messages into queues, and no others. */
export function mayEnqueue(queueArns: readonly pulumi.Input<string>[]): readonly Statement[] {
  return [
    {
      Sid: "SendToQueues",
      Action: "sqs:SendMessage",
      // Most sources share a queue, which is named only once. The address that a webhook goes to stands in the API itself;
      // where a stage has more queues than a policy can name, the role may send to those whose names begin like theirs.
      Resource: pulumi.all([...queueArns]).apply((arns) => namedIfTheyFit([...new Set(arns)])),
    },
  ];
}

/** The permissions that it needs besides for queues that are encrypted with a customer key. */
export function mayEncrypt(queueKeyArn: pulumi.Input<string>): readonly Statement[] {
  return [
    {
      Sid: "QueueKey",
      Action: ["kms:Decrypt", "kms:GenerateDataKey"],
      Resource: queueKeyArn,
    },
  ];
}
