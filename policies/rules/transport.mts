import { type CheckedResource, ofTypes, type Rule } from "../checked-resource.mjs";
import { statementsOf } from "./documents.mjs";

/** What takes data over the network, the type of its policy, and the property of the policy that names it. */
const carriers = [
  { type: "aws:sqs/queue:Queue", policy: "aws:sqs/queuePolicy:QueuePolicy", names: "queueUrl" },
  { type: "aws:s3/bucket:Bucket", policy: "aws:s3/bucketPolicy:BucketPolicy", names: "bucket" },
  { type: "aws:sns/topic:Topic", policy: "aws:sns/topicPolicy:TopicPolicy", names: "arn" },
];

export const tlsOnly: Rule = {
  name: "tls-only",
  description: "Queues, buckets and topics refuse requests that are not sent over TLS.",
  check: (resources) =>
    carriers.flatMap(({ type, policy, names }) =>
      ofTypes(resources, [type])
        .filter((carrier) => {
          const own = ofTypes(resources, [policy]).filter((each) =>
            each.madeFrom(names).some(({ name, type: of }) => name === carrier.name && of === type),
          );
          return !own.some(refusesPlainText);
        })
        .map((resource) => ({
          resource,
          problem: `requests without TLS are not refused: add a ${policy.split(":").at(-1)} that denies them where aws:SecureTransport is false`,
        })),
    ),
};

/** Whether a policy denies requests without TLS. One that is not known yet is believed to. */
function refusesPlainText(policy: CheckedResource): boolean {
  if (typeof policy.property("policy") === "symbol") return true;
  return statementsOf(policy).some(
    ({ effect, principals, condition }) =>
      effect === "Deny" &&
      principals.includes("*") &&
      String(condition?.Bool?.["aws:SecureTransport"]) === "false",
  );
}
