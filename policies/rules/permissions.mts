import { ofTypes, type Rule, ruleForEach } from "../checked-resource.mjs";
import { identityPolicies, resourcePolicies, type Statement, statementsOf } from "./documents.mjs";

/** An action that AWS grants for all resources or not at all. */
interface Exception {
  readonly action: RegExp;
  readonly reason: string;
}

/** Actions that may have `*` as their resource: those for which AWS knows no resource, in its Service Authorization Reference. */
const withoutResource: readonly Exception[] = [
  { action: /^xray:Put(TraceSegments|TelemetryRecords)$/, reason: "X-Ray has no resources for traces" },
  {
    action: /^ec2:(DescribeNetworkInterfaces|DescribeSubnets|CreateNetworkInterface|DeleteNetworkInterface)$/,
    reason: "a function in a VPC makes its interfaces before they have names",
  },
  {
    action: /^ec2:(Assign|Unassign)PrivateIpAddresses$/,
    reason: "a function in a VPC makes its interfaces before they have names",
  },
];

export const noWildcards = ruleForEach(
  {
    name: "no-wildcards",
    description: "No role may do every action of a service, or act on every resource.",
    types: identityPolicies,
  },
  (resource) =>
    statementsOf(resource)
      .filter(({ effect }) => effect === "Allow")
      .flatMap((statement) => [...wideActions(statement), ...wideResources(statement)]),
);

function wideActions({ sid, actions }: Statement): string[] {
  return actions
    .filter((action) => action.includes("*"))
    .map((action) => `the statement ${sid} allows ${action}: name each action that is needed`);
}

function wideResources({ sid, actions, resources }: Statement): string[] {
  if (!resources.includes("*")) return [];
  return actions
    .filter((action) => !withoutResource.some((exception) => exception.action.test(action)))
    .map(
      (action) =>
        `the statement ${sid} allows ${action} on every resource: name the resource, or add the action with its reason to policies/rules/permissions.mts if AWS knows no resource for it`,
    );
}

export const nothingPublic: Rule = {
  name: "nothing-public",
  description:
    "Nobody outside of the account may use queues, topics, buckets, secrets, keys and functions, except through the front door.",
  check: (resources) => [
    ...ofTypes(resources, resourcePolicies).flatMap((resource) =>
      statementsOf(resource)
        .filter(
          ({ effect, principals, condition }) =>
            effect === "Allow" && principals.includes("*") && condition === undefined,
        )
        .map(({ sid }) => ({
          resource,
          problem: `the statement ${sid} allows everybody: name the principal, or add a condition`,
        })),
    ),
    ...ofTypes(resources, ["aws:lambda/permission:Permission"])
      .filter((resource) => resource.property("principal") === "*")
      .map((resource) => ({ resource, problem: "everybody may invoke the function: name the principal" })),
    ...ofTypes(resources, ["aws:lambda/functionUrl:FunctionUrl"])
      .filter((resource) => resource.property("authorizationType") === "NONE")
      .map((resource) => ({
        resource,
        problem: "the function has a public URL beside the front door: set authorizationType AWS_IAM",
      })),
    ...ofTypes(resources, ["aws:s3/bucket:Bucket"])
      .filter(
        (bucket) =>
          !ofTypes(resources, ["aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock"]).some(
            (block) =>
              block.madeFrom("bucket").some(({ name }) => name === bucket.name) &&
              ["blockPublicAcls", "blockPublicPolicy", "ignorePublicAcls", "restrictPublicBuckets"].every(
                (setting) => block.property(setting) === true,
              ),
          ),
      )
      .map((resource) => ({
        resource,
        problem: "public access is not blocked: add a BucketPublicAccessBlock with all four settings",
      })),
  ],
};
