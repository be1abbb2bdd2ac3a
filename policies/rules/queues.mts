import {
  type CheckedResource,
  isSet,
  ofTypes,
  type Rule,
  ruleForEach,
  unknown,
} from "../checked-resource.mjs";

const queue = "aws:sqs/queue:Queue";

/** What SQS takes without the setting: docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SetQueueAttributes.html */
const usualRetentionSeconds = 345_600;

export const queuesAreEncrypted = ruleForEach(
  { name: "queues-are-encrypted", description: "Each queue is encrypted at rest.", types: [queue] },
  (resource) =>
    resource.property("sqsManagedSseEnabled") === true || isSet(resource, "kmsMasterKeyId")
      ? undefined
      : "the queue is not encrypted: set sqsManagedSseEnabled or kmsMasterKeyId",
);

export const queuesHaveDeadLetters: Rule = {
  name: "queues-have-dead-letters",
  description:
    "Each queue has a dead-letter queue that keeps messages longer, and that takes them from this queue alone.",
  check(resources) {
    const queues = ofTypes(resources, [queue]);
    const deadLetterQueues = new Set(
      queues.flatMap((each) => each.madeFrom("redrivePolicy").map(({ name }) => name)),
    );
    return queues
      .filter(({ name }) => !deadLetterQueues.has(name))
      .flatMap((each) => problemsOf(each, resources).map((problem) => ({ resource: each, problem })));
  },
};

function problemsOf(each: CheckedResource, resources: readonly CheckedResource[]): string[] {
  if (!isSet(each, "redrivePolicy")) return ["the queue has no dead-letter queue: set redrivePolicy"];
  const [target] = each.madeFrom("redrivePolicy").filter(({ type }) => type === queue);
  // A dead-letter queue of another stack is that stack's to check.
  if (target === undefined) return [];
  const [kept, keptDead] = [retentionOf(each), retentionOf(target)];
  return [
    ...(kept !== undefined && keptDead !== undefined && keptDead <= kept
      ? [
          `its dead-letter queue ${target.name} keeps messages for ${keptDead} seconds, and the queue itself for ${kept}: a message keeps its age when it is moved, so it would be deleted soon after, or at once. Keep it longer`,
        ]
      : []),
    ...(allowsSources(target, resources)
      ? []
      : [`its dead-letter queue ${target.name} takes messages from any queue: add a RedriveAllowPolicy`]),
  ];
}

function retentionOf(each: CheckedResource): number | undefined {
  const seconds = each.property("messageRetentionSeconds");
  if (seconds === unknown) return undefined;
  return typeof seconds === "number" ? seconds : usualRetentionSeconds;
}

function allowsSources(target: CheckedResource, resources: readonly CheckedResource[]): boolean {
  return (
    isSet(target, "redriveAllowPolicy") ||
    ofTypes(resources, ["aws:sqs/redriveAllowPolicy:RedriveAllowPolicy"]).some((policy) =>
      policy.madeFrom("queueUrl").some(({ name }) => name === target.name),
    )
  );
}
