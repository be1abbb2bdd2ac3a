import type { CheckedResource } from "../checked-resource.mjs";

/** One statement of a policy document, its single values as lists. */
export interface Statement {
  readonly sid: string;
  readonly effect: "Allow" | "Deny";
  readonly actions: readonly string[];
  readonly resources: readonly string[];
  /** The principals: `*`, an ARN, an account or a service. Empty in a role's own policy. */
  readonly principals: readonly string[];
  readonly condition: Readonly<Record<string, Readonly<Record<string, unknown>>>> | undefined;
}

/** Types whose property `policy` is a document about the resource itself. */
export const resourcePolicies = [
  "aws:sqs/queuePolicy:QueuePolicy",
  "aws:sns/topicPolicy:TopicPolicy",
  "aws:s3/bucketPolicy:BucketPolicy",
  "aws:secretsmanager/secretPolicy:SecretPolicy",
  "aws:kms/key:Key",
  "aws:apigateway/restApiPolicy:RestApiPolicy",
  "aws:cloudwatch/eventBusPolicy:EventBusPolicy",
];

/** Types whose property `policy` says what a role or a user may do. */
export const identityPolicies = [
  "aws:iam/rolePolicy:RolePolicy",
  "aws:iam/policy:Policy",
  "aws:iam/userPolicy:UserPolicy",
];

/** The statements of a document. None if it is absent or not known yet. */
export function statementsOf(resource: CheckedResource, property = "policy"): Statement[] {
  const document = resource.property(property);
  if (typeof document !== "string" && (typeof document !== "object" || document === null)) return [];
  const { Statement: statements } = (typeof document === "string" ? JSON.parse(document) : document) as {
    Statement?: unknown;
  };
  return asList(statements).map(readStatement);
}

function readStatement(value: unknown): Statement {
  const { Sid, Effect, Action, NotAction, Resource, NotResource, Principal, NotPrincipal, Condition } =
    value as Record<string, unknown>;
  return {
    sid: typeof Sid === "string" ? Sid : "without a Sid",
    effect: Effect === "Deny" ? "Deny" : "Allow",
    // All but some is nearly all.
    actions: NotAction === undefined ? strings(Action) : ["*"],
    resources: NotResource === undefined ? strings(Resource) : ["*"],
    principals: NotPrincipal === undefined ? principalsOf(Principal) : ["*"],
    condition: Condition as Statement["condition"],
  };
}

function principalsOf(principal: unknown): string[] {
  if (typeof principal === "string") return [principal];
  return Object.values((principal ?? {}) as Record<string, unknown>).flatMap(strings);
}

function strings(value: unknown): string[] {
  return asList(value).filter((each): each is string => typeof each === "string");
}

function asList(value: unknown): readonly unknown[] {
  if (value === undefined || value === null) return [];
  return Array.isArray(value) ? value : [value];
}
