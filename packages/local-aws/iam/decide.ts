import { BlockList, isIP } from "node:net";
import {
  type Condition,
  type ConditionKey,
  type Policy,
  type PrincipalPattern,
  readAddressRange,
  type Statement,
} from "./policy.js";
import { describePrincipal, type Principal } from "./principal.js";

/** One question to IAM. */
export interface AccessRequest {
  readonly principal: Principal;
  /** `sqs:SendMessage`. */
  readonly action: string;
  /** ARN. */
  readonly resource: string;
  readonly account: string;
  readonly region: string;
  /** Condition keys beside those that follow from the principal. */
  readonly context?: Partial<Record<ConditionKey, string>>;
}

/** The policies that have a say. */
export interface ApplicablePolicies {
  /** Of the principal's role or user. */
  readonly identity: readonly Policy[];
  /** Of the resource. */
  readonly resource: readonly Policy[];
  /**
   * KMS keys: the key's policy decides alone, unless it hands the decision to the account's IAM by naming its root.
   *
   * @default false: within one account either side may allow
   */
  readonly resourcePolicyRules?: boolean;
}

export interface Decision {
  readonly allowed: boolean;
  /** Why not, in the words of AWS's own messages. */
  readonly reason?: string;
  /** True where a statement denies the call, not only nothing allows it. */
  readonly explicitDeny?: true;
}

/**
 * Judges a call as IAM does within one account: an explicit deny anywhere wins, then one allow suffices
 * (docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html).
 */
export function decide(request: AccessRequest, policies: ApplicablePolicies): Decision {
  const { principal } = request;
  if (principal.kind === "operator") return { allowed: true };
  const matching = (all: readonly Policy[], effect: Statement["effect"]) =>
    all.flatMap(({ origin, statements }) =>
      statements
        .filter((statement) => statement.effect === effect && matches(statement, request))
        .map((statement) => ({ origin, sid: statement.sid, statement })),
    );

  const [denied] = matching([...policies.identity, ...policies.resource], "Deny");
  if (denied !== undefined) {
    const reason = `with an explicit deny in ${denied.origin} (${denied.sid})`;
    return { allowed: false, reason, explicitDeny: true };
  }
  const identityAllows = hasPolicies(principal) && matching(policies.identity, "Allow").length > 0;
  const byResource = matching(policies.resource, "Allow");
  // The account's root in a resource's policy hands the decision to the account's IAM; it lets in nobody by itself.
  const named = byResource.flatMap(({ statement: { principals = [] } }) =>
    principals.filter((pattern) => isPrincipal(pattern, request)),
  );
  const delegates = named.some((pattern) => isRoot(pattern, request.account));
  const resourceAllows = named.some((pattern) => !isRoot(pattern, request.account));

  if (resourceAllows) return { allowed: true };
  if (identityAllows && (delegates || policies.resourcePolicyRules !== true)) return { allowed: true };
  if (!hasPolicies(principal) || (policies.resourcePolicyRules === true && !delegates)) {
    return {
      allowed: false,
      reason: `because no resource-based policy allows the ${request.action} action to ${describePrincipal(principal)}`,
    };
  }
  return { allowed: false, reason: `because no identity-based policy allows the ${request.action} action` };
}

/** Whether a principal has policies of its own. */
export function hasPolicies(
  principal: Principal,
): principal is Extract<Principal, { kind: "role" | "user" }> {
  return principal.kind === "role" || principal.kind === "user";
}

/** `*` is any run of characters, `?` one. */
export function matchesPattern(pattern: string, value: string, caseSensitive = true): boolean {
  return new RegExp(`^${expression(pattern, ".")}$`, caseSensitive ? "s" : "si").test(value);
}

/**
 * As `matchesPattern`, for the ARN of a Resource element. A wildcard stays within its segment, between two colons; only a
 * `*` that ends a segment goes beyond it: docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_resource.html.
 */
export function matchesResource(pattern: string, arn: string): boolean {
  const segments = arnSegments(pattern);
  const source = segments.map((segment, index) => {
    if (index === segments.length - 1) return expression(segment, ".");
    const open = segment.endsWith("*");
    return `${expression(open ? segment.slice(0, -1) : segment, "[^:]")}${open ? ".*" : ""}`;
  });
  return new RegExp(`^${source.join(":")}$`, "s").test(arn);
}

/**
 * As `matchesPattern`, for an ARN in a condition, whose six segments are compared one by one:
 * docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html#Conditions_ARN.
 */
function matchesArn(pattern: string, arn: string): boolean {
  const actual = arnSegments(arn);
  const segments = arnSegments(pattern);
  return (
    segments.length === actual.length &&
    segments.every((segment, index) => matchesPattern(segment, actual[index] ?? ""))
  );
}

/** The resource, which is the last of an ARN's six segments, may hold colons of its own. */
function arnSegments(arn: string): string[] {
  const parts = arn.split(":");
  return parts.length <= 6 ? parts : [...parts.slice(0, 5), parts.slice(5).join(":")];
}

/** @param anything what a wildcard stands for: a regular expression of one character */
function expression(pattern: string, anything: string): string {
  return pattern.replace(/[.+^${}()|[\]\\*?]/g, (character) => {
    if (character === "*") return `${anything}*`;
    return character === "?" ? anything : `\\${character}`;
  });
}

function matches(statement: Statement, request: AccessRequest): boolean {
  const { actions, resources, principals, conditions } = statement;
  const action = actions.values.some((pattern) => matchesPattern(pattern, request.action, false));
  const resource = resources.values.some((pattern) => matchesResource(pattern, request.resource));
  return (
    action !== actions.not &&
    resource !== resources.not &&
    (principals === undefined || principals.some((pattern) => isPrincipal(pattern, request))) &&
    conditions.every((condition) => holds(condition, contextOf(request)))
  );
}

function isPrincipal(pattern: PrincipalPattern, { principal, account }: AccessRequest): boolean {
  const { kind, value } = pattern;
  if (kind === "everybody") return true;
  if (principal.kind === "service") return kind === "Service" && value === principal.name;
  if (!hasPolicies(principal) || kind !== "AWS") return false;
  return value === principal.arn || isRoot(pattern, account);
}

const isRoot = ({ kind, value }: PrincipalPattern, account: string) =>
  kind === "AWS" && (value === account || new RegExp(`^arn:[a-z-]+:iam::${account}:root$`).test(value));

type Context = Partial<Record<ConditionKey, string>>;

function contextOf({ principal, account, region, context = {} }: AccessRequest): Context {
  const common: Context = {
    // Nothing in AWS calls without TLS; on this machine the loopback stands for it.
    "aws:securetransport": "true",
    "aws:requestedregion": region,
    "aws:principalisawsservice": String(principal.kind === "service"),
    ...context,
  };
  switch (principal.kind) {
    case "operator":
    case "anonymous":
      return common;
    case "role":
    case "user":
      return {
        ...common,
        "aws:principalarn": principal.arn,
        "aws:principalaccount": account,
        "aws:sourceowner": account,
        "kms:calleraccount": account,
      };
    case "service":
      return {
        ...common,
        "aws:sourcearn": principal.sourceArn,
        "aws:sourceaccount": account,
        "aws:sourceowner": account,
      };
  }
}

function holds({ operator, ifExists, key, values }: Condition, context: Context): boolean {
  const actual = context[key];
  if (operator === "Null")
    return values.some((value) => value.toLowerCase() === String(actual === undefined));
  const negated = operator.includes("Not");
  if (actual === undefined) return ifExists || negated;
  const met = values.some((value) => compare(operator, value, actual));
  return met !== negated;
}

function compare(operator: Condition["operator"], value: string, actual: string): boolean {
  switch (operator) {
    case "StringEquals":
    case "StringNotEquals":
      return value === actual;
    case "Bool":
      return value.toLowerCase() === actual.toLowerCase();
    case "Null":
      return false;
    case "IpAddress":
    case "NotIpAddress":
      return isWithin(actual, value);
    case "StringLike":
    case "StringNotLike":
      return matchesPattern(value, actual);
    // ArnEquals and ArnLike behave the same: docs, "Amazon Resource Name (ARN) condition operators".
    case "ArnEquals":
    case "ArnLike":
    case "ArnNotEquals":
    case "ArnNotLike":
      return matchesArn(value, actual);
  }
}

function isWithin(address: string, range: string): boolean {
  const read = readAddressRange(range);
  if (read === undefined) return false;
  const { network, prefix } = read;
  const list = new BlockList();
  list.addSubnet(network, prefix, family(network));
  return list.check(address, family(address));
}

const family = (address: string) => (isIP(address) === 6 ? "ipv6" : "ipv4");
