import { arnOf, describe, type Graph, type GraphResource, resourcesOfType } from "../program/graph.js";
import { UserError } from "../program/user-error.js";
import { type Policy, readPolicy } from "./policy.js";

/** Every policy that the program registers, by what it is attached to. */
export interface GraphPolicies {
  /** @throws UserError for a role that is not the program's, or has a policy that cannot be read here */
  ofRole(roleArn: string): readonly Policy[];
  /** Who may take the role. */
  trustOfRole(roleArn: string): readonly Policy[];
  /** Policies of a queue, topic, key, secret, table or bucket. */
  ofResource(arn: string): readonly Policy[];
}

/** Resource policies that are resources of their own: the input that says whose, and the type it means. */
const resourcePolicyTypes: readonly { type: string; target: string; targetType: string }[] = [
  { type: "aws:sqs/queuePolicy:QueuePolicy", target: "queueUrl", targetType: "aws:sqs/queue:Queue" },
  { type: "aws:sns/topicPolicy:TopicPolicy", target: "arn", targetType: "aws:sns/topic:Topic" },
  { type: "aws:kms/keyPolicy:KeyPolicy", target: "keyId", targetType: "aws:kms/key:Key" },
  {
    type: "aws:secretsmanager/secretPolicy:SecretPolicy",
    target: "secretArn",
    targetType: "aws:secretsmanager/secret:Secret",
  },
  { type: "aws:s3/bucketPolicy:BucketPolicy", target: "bucket", targetType: "aws:s3/bucket:Bucket" },
  {
    type: "aws:dynamodb/resourcePolicy:ResourcePolicy",
    target: "resourceArn",
    targetType: "aws:dynamodb/table:Table",
  },
];

/** Resource types that can carry their policy as an input. */
const withInlinePolicy = [
  "aws:sqs/queue:Queue",
  "aws:sns/topic:Topic",
  "aws:kms/key:Key",
  "aws:secretsmanager/secret:Secret",
];

/**
 * Reads the program's policies.
 *
 * @throws UserError at once for a resource policy that the local IAM cannot judge
 */
export function readGraphPolicies(graph: Graph): GraphPolicies {
  const byResource = new Map<string, Policy[]>();
  const attach = (arn: string, document: unknown, origin: GraphResource) => {
    const policies = byResource.get(arn) ?? [];
    byResource.set(arn, [...policies, readPolicy(document, describe(origin), "resource")]);
  };
  for (const type of withInlinePolicy) {
    for (const resource of resourcesOfType(graph, type)) {
      if (resource.inputs.policy !== undefined) attach(arnOf(resource), resource.inputs.policy, resource);
    }
  }
  for (const { type, target, targetType } of resourcePolicyTypes) {
    for (const resource of resourcesOfType(graph, type)) {
      const owner = resourcesOfType(graph, targetType).find((each) =>
        [each.id, arnOf(each), each.state.keyId].includes(resource.inputs[target]),
      );
      if (owner === undefined) {
        throw new UserError(
          `${describe(resource)}: ${target} "${resource.inputs[target]}" is not one of the program's ${targetType}`,
        );
      }
      attach(arnOf(owner), resource.inputs.policy, resource);
    }
  }

  const roleOf = (arn: string) => {
    const role = resourcesOfType(graph, "aws:iam/role:Role").find((each) => arnOf(each) === arn);
    if (role === undefined) throw new UserError(`the role ${arn} is not one of the program's roles`);
    return role;
  };
  const cache = new Map<string, readonly Policy[]>();
  return {
    ofRole(arn) {
      const policies = cache.get(arn) ?? policiesOfRole(graph, roleOf(arn));
      cache.set(arn, policies);
      return policies;
    },
    trustOfRole(arn) {
      const role = roleOf(arn);
      return [readTrust(role)];
    },
    ofResource: (arn) => byResource.get(arn) ?? [],
  };
}

function policiesOfRole(graph: Graph, role: GraphResource): Policy[] {
  const isThisRole = (resource: GraphResource) => [role.id, role.state.name].includes(resource.inputs.role);
  if (role.inputs.permissionsBoundary !== undefined) {
    throw new UserError(`${describe(role)}: the local IAM cannot evaluate permissionsBoundary`);
  }
  const inline = (role.inputs.inlinePolicies ?? []) as { name?: string; policy: unknown }[];
  const managed = [
    ...((role.inputs.managedPolicyArns ?? []) as string[]),
    ...resourcesOfType(graph, "aws:iam/rolePolicyAttachment:RolePolicyAttachment")
      .filter(isThisRole)
      .map(({ inputs }) => String(inputs.policyArn)),
  ];
  return [
    ...resourcesOfType(graph, "aws:iam/rolePolicy:RolePolicy")
      .filter(isThisRole)
      .map((resource) => readPolicy(resource.inputs.policy, describe(resource), "identity")),
    ...inline.map(({ name, policy }) =>
      readPolicy(policy, `${describe(role)} inlinePolicies ${name ?? ""}`, "identity"),
    ),
    ...managed.map((arn) => {
      const policy = resourcesOfType(graph, "aws:iam/policy:Policy").find((each) => arnOf(each) === arn);
      if (policy !== undefined) return readPolicy(policy.inputs.policy, describe(policy), "identity");
      throw new UserError(
        `${describe(role)}: the managed policy ${arn} cannot be read on this machine; write what the role needs into a RolePolicy`,
      );
    }),
  ];
}

/** A trust policy names no resource: it stands on the role itself. */
function readTrust(role: GraphResource): Policy {
  const { origin, statements } = readPolicy(
    role.inputs.assumeRolePolicy,
    `${describe(role)} assumeRolePolicy`,
    "trust",
  );
  return {
    origin,
    statements: statements.map((statement) => ({ ...statement, resources: { not: false, values: ["*"] } })),
  };
}
