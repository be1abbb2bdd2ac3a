import * as pulumi from "@pulumi/pulumi";
import type { AwsTargetDefinition, TargetKind } from "../../runtime/stage/targets.js";
import type { Statement } from "../support/iam.js";

/** The action that each kind of target needs, on the target alone. */
const rights: Readonly<Record<TargetKind, { readonly sid: string; readonly action: string }>> = {
  eventBus: { sid: "PutEventsOnBuses", action: "events:PutEvents" },
  firehose: { sid: "PutRecordsIntoFirehose", action: "firehose:PutRecord" },
  function: { sid: "InvokeFunctions", action: "lambda:InvokeFunction" },
  queue: { sid: "SendToQueues", action: "sqs:SendMessage" },
  stateMachine: { sid: "StartExecutions", action: "states:StartExecution" },
  stream: { sid: "PutRecordsIntoStreams", action: "kinesis:PutRecord" },
  topic: { sid: "PublishToTopics", action: "sns:Publish" },
};

/**
 * What a caller needs on a customer's key that encrypts the target. EventBridge, Firehose and Lambda use keys in their own
 * name.
 *
 * - docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-key-management.html
 * - docs.aws.amazon.com/sns/latest/dg/sns-key-management.html
 * - docs.aws.amazon.com/streams/latest/dev/permissions-user-key-KMS.html
 * - docs.aws.amazon.com/step-functions/latest/dg/encryption-at-rest.html
 */
const keyRights: Readonly<
  Partial<
    Record<
      TargetKind,
      { readonly sid: string; readonly service: string; readonly actions: readonly string[] }
    >
  >
> = {
  queue: { sid: "KeysOfQueues", service: "sqs", actions: ["kms:Decrypt", "kms:GenerateDataKey"] },
  stateMachine: {
    sid: "KeysOfStateMachines",
    service: "states",
    actions: ["kms:Decrypt", "kms:GenerateDataKey"],
  },
  stream: { sid: "KeysOfStreams", service: "kinesis", actions: ["kms:GenerateDataKey"] },
  topic: { sid: "KeysOfTopics", service: "sns", actions: ["kms:Decrypt", "kms:GenerateDataKey"] },
};

/** The function hands webhooks to its targets, and to nothing else of their kind. */
export function useTargets(
  targets: readonly AwsTargetDefinition[],
  dnsSuffix: pulumi.Input<string>,
): Statement[] {
  const byKind = Map.groupBy(targets, ({ kind }) => kind);
  const sorted = [...byKind].sort(([a], [b]) => (a < b ? -1 : 1));
  return sorted.flatMap(([kind, same]) => {
    const { sid, action } = rights[kind];
    const key = keyRights[kind];
    const keys = unique(same.flatMap((target) => ("keyArn" in target ? (target.keyArn ?? []) : [])));
    return [
      { Sid: sid, Action: action, Resource: unique(same.map(({ arn }) => arn)) },
      ...(key === undefined || keys.length === 0
        ? []
        : [
            {
              Sid: key.sid,
              Action: key.actions,
              Resource: keys,
              Condition: {
                StringLike: { "kms:ViaService": pulumi.interpolate`${key.service}.*.${dnsSuffix}` },
              },
            },
          ]),
    ];
  });
}

/**
 * Characters that ARNs of targets and of their keys take in a policy, at most. They are never widened to what they have in common, which
 * would be queues and topics of others.
 */
export function targetCharacters(targets: readonly AwsTargetDefinition[]): number {
  const arns = unique(
    targets.flatMap((target) => ["keyArn" in target ? (target.keyArn ?? []) : [], target.arn].flat()),
  );
  // What stands around the ARNs of a kind, and around those of its keys.
  const statements = new Set(targets.map(({ kind }) => kind)).size * 300;
  return arns.length === 0 ? 0 : JSON.stringify(arns).length + statements;
}

function unique(arns: readonly string[]): string[] {
  return [...new Set(arns)].sort();
}
