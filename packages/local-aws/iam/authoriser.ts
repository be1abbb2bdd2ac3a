import { pushNewest } from "../newest.js";
import type { Graph } from "../program/graph.js";
import { type AccessRequest, type Decision, decide, hasPolicies } from "./decide.js";
import { type GraphPolicies, readGraphPolicies } from "./graph-policies.js";
import { type Policy, readPolicy } from "./policy.js";
import { describePrincipal, type Principal, userArn } from "./principal.js";
import { type ApiCall, awsManagedKey, type RequiredAccess, requiredAccess } from "./required-access.js";

/** A question that was put to IAM, and its answer; the tests read from these what a role really uses. */
export interface AccessRecord {
  readonly at: Date;
  readonly principal: Principal;
  readonly action: string;
  readonly resource: string;
  readonly allowed: boolean;
}

/** A refusal; the AWS endpoint puts it into the service's own words. */
export class AccessDenied extends Error {
  override readonly name = "AccessDenied";
}

/** Judges every call on this machine by the policies that the program registers. */
export class Authoriser {
  readonly records: AccessRecord[] = [];
  readonly #policies: GraphPolicies;
  readonly #users = new Map<string, Policy>();

  constructor(private readonly graph: Graph) {
    this.#policies = readGraphPolicies(graph);
  }

  /**
   * Makes a user who may do what a policy document says, such as one that a program prints for its operators.
   *
   * @param document JSON text or an object
   * @throws UserError for a document that AWS would refuse, or that cannot be judged here
   */
  addUser(name: string, document: unknown): Principal {
    const arn = userArn(this.graph, name);
    this.#users.set(arn, readPolicy(document, `User ${name}`, "identity"));
    return { kind: "user", arn };
  }

  /** Throws AccessDenied unless the principal may make the call. */
  check(principal: Principal, call: ApiCall): void {
    for (const access of requiredAccess(this.graph, call)) this.checkAccess(principal, access);
  }

  /** As `check`, for a permission that stands alone. */
  checkAccess(principal: Principal, access: RequiredAccess): void {
    const { action, resource } = access;
    const { allowed, reason } = this.#decide(principal, access);
    pushNewest(this.records, { at: new Date(), principal, action, resource, allowed }, keptRecords);
    if (allowed) return;
    throw new AccessDenied(
      `User: ${describePrincipal(principal)} is not authorized to perform: ${action} on resource: ${resource} ${reason}`,
    );
  }

  /** Throws AccessDenied unless the service may take the role. */
  checkTrust(roleArn: string, service: string): void {
    const decision = decide(
      this.#request({ kind: "service", name: service, sourceArn: roleArn }, "sts:AssumeRole", roleArn),
      { identity: [], resource: [this.#policies.trustOfRole(roleArn)] },
    );
    if (decision.allowed) return;
    throw new AccessDenied(`${service} is not authorized to assume ${roleArn} ${decision.reason}`);
  }

  /** Reads a role's policies now, so that one that cannot be judged is reported before the first call. */
  prepare(roleArn: string): void {
    this.#policies.ofRole(roleArn);
  }

  #decide(principal: Principal, { action, resource, context }: RequiredAccess): Decision {
    if (awsManagedKey.test(resource)) return decideManagedKey(principal);
    const isKey = action.startsWith("kms:");
    const policy = this.#resourcePolicy(resource);
    return decide(this.#request(principal, action, resource, context), {
      identity: hasPolicies(principal) ? this.#identityPolicies(principal) : [],
      resource: policy === undefined ? [] : [policy],
      // A key without a policy of its own gets the one that hands the decision to IAM.
      resourcePolicyRules: isKey && policy !== undefined,
    });
  }

  #identityPolicies({
    kind,
    arn,
  }: {
    readonly kind: "role" | "user";
    readonly arn: string;
  }): readonly Policy[] {
    if (kind === "role") return this.#policies.ofRole(arn);
    const policy = this.#users.get(arn);
    return policy === undefined ? [] : [policy];
  }

  #resourcePolicy(resource: string): Policy | undefined {
    const owner = resource.replace(/\/index\/.*$/, "").replace(/^(arn:[a-z-]+:s3:::[^/]+)\/.*$/, "$1");
    const policy = this.#policies.ofResource(owner);
    // What the owner of a topic in another account allows is not known here.
    const isTopic =
      resource.split(":").slice(2, 5).join() === `sns,${this.graph.region},${this.graph.account}`;
    return policy === undefined && isTopic ? defaultTopicPolicy(resource, this.graph.account) : policy;
  }

  #request(
    principal: Principal,
    action: string,
    resource: string,
    context?: RequiredAccess["context"],
  ): AccessRequest {
    const { account, region } = this.graph;
    return { principal, action, resource, account, region, ...(context === undefined ? {} : { context }) };
  }
}

/** An AWS-managed key serves the account's principals; a service such as CloudWatch is not let in (AWS fact 5.6). */
function decideManagedKey(principal: Principal): Decision {
  if (principal.kind !== "service") return { allowed: true };
  return {
    allowed: false,
    reason: `because the policy of an AWS managed key cannot allow ${principal.name}: encrypt with a customer key`,
  };
}

/** What SNS gives a topic without a policy: docs.aws.amazon.com/sns/latest/dg/sns-access-policy-use-cases.html. */
function defaultTopicPolicy(topicArn: string, account: string): Policy {
  const statement = {
    Sid: "__default_statement_ID",
    Effect: "Allow",
    Principal: { AWS: "*" },
    Action: ["SNS:Publish", "SNS:Subscribe", "SNS:GetTopicAttributes", "SNS:ListSubscriptionsByTopic"],
    Resource: topicArn,
    Condition: { StringEquals: { "AWS:SourceOwner": account } },
  };
  return readPolicy({ Statement: [statement] }, `SNS's default policy of ${topicArn}`, "resource");
}

/** Enough for every test and demo, and a bound for a run that lasts for days. */
const keptRecords = 50_000;
