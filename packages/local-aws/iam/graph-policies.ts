import { arnOf, describe, type Graph, type GraphResource, resourcesOfType } from "../program/graph.js";
import { UserError } from "../program/user-error.js";
import { type Policy, readPolicy } from "./policy.js";

/** Every policy that the program registers, by what it is attached to. */
export interface GraphPolicies {
  /** @throws UserError for a role that is not the program's, or has a managed policy that is not the program's */
  ofRole(roleArn: string): readonly Policy[];
  /** Of all roles, as far as they can be read here. */
  ofAllRoles(): readonly Policy[];
  /** Who may take the role. */
  trustOfRole(roleArn: string): Policy;
  /** The policy of a queue, topic, key, secret, table or bucket, which has one at most. */
  ofResource(arn: string): Policy | undefined;
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
 * @throws UserError at once for a policy that AWS would refuse or that the local IAM cannot judge
 */
export function readGraphPolicies(graph: Graph): GraphPolicies {
  const byResource = new Map<string, Policy>();
  const attach = (arn: string, document: unknown, origin: GraphResource) => {
    const policy = readPolicy(document, describe(origin), "resource");
    const other = byResource.get(arn);
    if (other !== undefined) {
      throw new UserError(
        `${other.origin} and ${policy.origin} both set the policy of ${arn}: AWS keeps only the one that is written last, so make them one`,
      );
    }
    byResource.set(arn, policy);
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

  const roles = resourcesOfType(graph, "aws:iam/role:Role");
  // All at once, so that what AWS would refuse is refused before anything runs, whoever uses the role.
  const trust = new Map(roles.map((role) => [role, readTrust(role)]));
  const ofRoles = readRolePolicies(graph, roles);

  const roleOf = (arn: string) => {
    const role = roles.find((each) => arnOf(each) === arn);
    if (role === undefined) throw new UserError(`the role ${arn} is not one of the program's roles`);
    return role;
  };
  return {
    ofRole(arn) {
      const role = roleOf(arn);
      const { policies = [], foreign } = ofRoles.get(role) ?? {};
      if (foreign === undefined) return policies;
      throw new UserError(
        `${describe(role)}: the managed policy ${foreign} cannot be read on this machine; write what the role needs into a RolePolicy`,
      );
    },
    ofAllRoles: () => [...ofRoles.values()].flatMap(({ policies }) => policies),
    trustOfRole(arn) {
      const role = roleOf(arn);
      return trust.get(role) ?? readTrust(role);
    },
    ofResource: (arn) => byResource.get(arn),
  };
}

interface RolePolicies {
  readonly policies: readonly Policy[];
  /** ARN of a managed policy that is not the program's; what it says is not known here. */
  readonly foreign: string | undefined;
}

function readRolePolicies(
  graph: Graph,
  roles: readonly GraphResource[],
): ReadonlyMap<GraphResource, RolePolicies> {
  const readAll = (type: string) =>
    resourcesOfType(graph, type).map((resource) => ({
      resource,
      policy: readPolicy(resource.inputs.policy, describe(resource), "identity"),
    }));
  const separate = readAll("aws:iam/rolePolicy:RolePolicy");
  const managed = readAll("aws:iam/policy:Policy");
  const attachments = resourcesOfType(graph, "aws:iam/rolePolicyAttachment:RolePolicyAttachment");
  const [elsewhere] = resourcesOfType(graph, "aws:iam/policyAttachment:PolicyAttachment");
  if (elsewhere !== undefined) {
    throw new UserError(
      `${describe(elsewhere)}: the local IAM cannot judge a PolicyAttachment; attach the policy with a RolePolicyAttachment`,
    );
  }
  return new Map(
    roles.map((role) => {
      const isOfRole = ({ inputs }: GraphResource) => [role.id, role.state.name].includes(inputs.role);
      if (role.inputs.permissionsBoundary !== undefined) {
        throw new UserError(`${describe(role)}: the local IAM cannot judge permissionsBoundary`);
      }
      const inline = (role.inputs.inlinePolicies ?? []) as { name?: string; policy: unknown }[];
      const attached = [
        ...((role.inputs.managedPolicyArns ?? []) as string[]),
        ...attachments.filter(isOfRole).map(({ inputs }) => String(inputs.policyArn)),
      ];
      refuseTwoOwners(role, {
        inlinePolicies: separate.filter(({ resource }) => isOfRole(resource)).map(({ resource }) => resource),
        managedPolicyArns: attachments.filter(isOfRole),
      });
      const byArn = (arn: string) => managed.find(({ resource }) => arnOf(resource) === arn);
      return [
        role,
        {
          policies: [
            ...separate.filter(({ resource }) => isOfRole(resource)).map(({ policy }) => policy),
            ...inline.map(({ name, policy }) =>
              readPolicy(policy, `${describe(role)} inlinePolicies ${name ?? ""}`, "identity"),
            ),
            ...attached.flatMap((arn) => byArn(arn)?.policy ?? []),
          ],
          foreign: attached.find((arn) => byArn(arn) === undefined),
        },
      ];
    }),
  );
}

/**
 * An input of a role that lists its policies takes them all over: it removes those that are resources of their own, and these
 * come back with the next update. pulumi.com/registry/packages/aws/api-docs/iam/role
 */
function refuseTwoOwners(
  role: GraphResource,
  separate: Readonly<Record<"inlinePolicies" | "managedPolicyArns", readonly GraphResource[]>>,
): void {
  for (const [input, [other]] of Object.entries(separate)) {
    if (role.inputs[input] === undefined || other === undefined) continue;
    throw new UserError(
      `${describe(role)}: ${input} removes all other policies of its kind, and so ${describe(other)}: write them in one of the two ways`,
    );
  }
}

function readTrust(role: GraphResource): Policy {
  return readPolicy(role.inputs.assumeRolePolicy, `${describe(role)} assumeRolePolicy`, "trust");
}
