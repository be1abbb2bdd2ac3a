import { ofTypes, type Rule } from "../checked-resource.mjs";

/** What holds webhooks, is needed to read them, or is known to senders. */
const kept = [
  "aws:sqs/queue:Queue",
  "aws:dynamodb/table:Table",
  "aws:s3/bucket:Bucket",
  "aws:secretsmanager/secret:Secret",
  "aws:kms/key:Key",
  "aws:apigateway/restApi:RestApi",
  "aws:apigatewayv2/api:Api",
];

export const webhooksAreProtected: Rule = {
  name: "webhooks-are-protected",
  description:
    "In a stage that protects, tables, buckets, queues, secrets, keys and the front door cannot be deleted by accident.",
  check(resources) {
    const candidates = ofTypes(resources, kept);
    // A stage that protects nothing is one to play with.
    if (!candidates.some(({ isProtected }) => isProtected)) return [];
    return candidates
      .filter(({ isProtected }) => !isProtected)
      .map((resource) => ({
        resource,
        problem:
          "the stage protects what holds webhooks, and this is not protected: set protect, or say in the settings that it is retiring",
      }));
  },
};
