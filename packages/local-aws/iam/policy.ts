import { isIP } from "node:net";
import { UserError } from "../program/user-error.js";

/** A policy document, checked: everything in it is something the local IAM can judge. */
export interface Policy {
  /** Where it stands, for messages: `RolePolicy orders-api-role-policy`. */
  readonly origin: string;
  readonly statements: readonly Statement[];
}

export interface Statement {
  readonly sid: string;
  readonly effect: "Allow" | "Deny";
  /** Absent in identity policies, which speak of whoever they are attached to. */
  readonly principals?: readonly PrincipalPattern[];
  readonly actions: Patterns;
  readonly resources: Patterns;
  readonly conditions: readonly Condition[];
}

export type PrincipalPattern = { readonly kind: "everybody" | "AWS" | "Service"; readonly value: string };

/** `not` turns the list around: NotAction, NotResource. */
export interface Patterns {
  readonly not: boolean;
  readonly values: readonly string[];
}

export interface Condition {
  readonly operator: ConditionOperator;
  /** `…IfExists`: met where the request has no such key. */
  readonly ifExists: boolean;
  readonly key: ConditionKey;
  readonly values: readonly string[];
}

const conditionOperators = [
  "StringEquals",
  "StringNotEquals",
  "StringLike",
  "StringNotLike",
  "ArnEquals",
  "ArnNotEquals",
  "ArnLike",
  "ArnNotLike",
  "Bool",
  "IpAddress",
  "NotIpAddress",
  "Null",
] as const;
export type ConditionOperator = (typeof conditionOperators)[number];

const conditionKeys = [
  "aws:securetransport",
  "aws:sourcearn",
  "aws:sourceaccount",
  "aws:sourceowner",
  "aws:principalarn",
  "aws:principalaccount",
  "aws:principalisawsservice",
  "aws:requestedregion",
  "aws:sourceip",
  "kms:viaservice",
  "kms:calleraccount",
  "kms:encryptioncontext:aws:logs:arn",
] as const;
/** Lower case, as keys are compared without regard to case. */
export type ConditionKey = (typeof conditionKeys)[number];

/**
 * What a policy says: what a role may do, who may use a resource, who may take a role, or who may call an API. Only those
 * who call an API have an address: of calls on this machine nobody can say from which address they would come on AWS.
 */
export type PolicyKind = "identity" | "resource" | "trust" | "api";

/**
 * Reads a policy document, as JSON text or as an object.
 *
 * @throws UserError naming the policy and the part that the local IAM does not know, so that it never guesses
 */
export function readPolicy(document: unknown, origin: string, kind: PolicyKind): Policy {
  const refuse = (what: string): never => {
    throw new UserError(
      `${origin}: the local IAM cannot judge ${what}; write the policy without it, or teach it to packages/local-aws/iam`,
    );
  };
  const { Statement: statements } = parsed(document, origin);
  return {
    origin,
    statements: list(statements).map((entry, index): Statement => {
      const statement = entry as Record<string, unknown>;
      const known = [
        "Sid",
        "Effect",
        "Principal",
        "Action",
        "NotAction",
        "Resource",
        "NotResource",
        "Condition",
      ];
      for (const name of Object.keys(statement)) if (!known.includes(name)) refuse(`the element "${name}"`);
      const { Effect } = statement;
      if (Effect !== "Allow" && Effect !== "Deny") return refuse(`the effect "${Effect}"`);
      for (const element of ["Action", "Resource"]) {
        if (statement[element] !== undefined && statement[`Not${element}`] !== undefined) {
          refuse(`${element} and Not${element} in one statement`);
        }
      }
      const resources = patterns(statement, "Resource");
      // A trust policy stands on the role itself.
      if (kind !== "trust" && resources.values.length === 0) {
        refuse(`statement ${index + 1}, which names no Resource`);
      }
      for (const value of resources.values) {
        if (value.includes("${")) refuse(`the policy variable in "${value}"`);
      }
      if (kind !== "identity" && statement.Principal === undefined) {
        refuse(`statement ${index + 1}, which names no Principal`);
      }
      const actions = patterns(statement, "Action");
      if (actions.values.length === 0) refuse(`statement ${index + 1}, which names no action`);
      return {
        sid: String(statement.Sid ?? index + 1),
        effect: Effect,
        ...(statement.Principal === undefined
          ? {}
          : { principals: principalPatterns(statement.Principal, refuse) }),
        actions,
        resources,
        conditions: conditions(statement.Condition, kind, refuse),
      };
    }),
  };
}

function parsed(document: unknown, origin: string): { Statement?: unknown } {
  if (typeof document === "object" && document !== null) return document;
  try {
    return JSON.parse(String(document));
  } catch {
    throw new UserError(
      `${origin}: the policy is not JSON; make it with JSON.stringify or pulumi.jsonStringify`,
    );
  }
}

const list = (value: unknown): unknown[] =>
  value === undefined ? [] : Array.isArray(value) ? value : [value];

function patterns(statement: Record<string, unknown>, name: "Action" | "Resource"): Patterns {
  const not = statement[`Not${name}`] !== undefined;
  return { not, values: list(statement[not ? `Not${name}` : name]).map(String) };
}

function principalPatterns(principal: unknown, refuse: (what: string) => never): PrincipalPattern[] {
  if (principal === "*") return [{ kind: "everybody", value: "*" }];
  return Object.entries(principal as Record<string, unknown>).flatMap(([kind, values]) => {
    if (kind !== "AWS" && kind !== "Service") return refuse(`the principal type "${kind}"`);
    return list(values).map((value) =>
      value === "*"
        ? ({ kind: "everybody", value: "*" } as const)
        : ({ kind, value: String(value) } as const),
    );
  });
}

function conditions(block: unknown, kind: PolicyKind, refuse: (what: string) => never): Condition[] {
  return Object.entries((block ?? {}) as Record<string, Record<string, unknown>>).flatMap(([name, keys]) => {
    const ifExists = name.endsWith("IfExists");
    const operator = conditionOperators.find((known) => known === name.replace(/IfExists$/, ""));
    if (operator === undefined) return refuse(`the condition operator "${name}"`);
    return Object.entries(keys).map(([keyName, values]): Condition => {
      const key = conditionKeys.find((known) => known === keyName.toLowerCase());
      if (key === undefined || (key === "aws:sourceip" && kind !== "api")) {
        return refuse(`the condition key "${keyName}"`);
      }
      const texts = list(values).map(String);
      if (operator.endsWith("IpAddress")) {
        if (key !== "aws:sourceip") return refuse(`${operator} of "${keyName}", which is no address`);
        const wrong = texts.find((range) => readAddressRange(range) === undefined);
        if (wrong !== undefined) return refuse(`"${wrong}", which is no address range`);
      }
      return { operator, ifExists, key, values: texts };
    });
  });
}

/** Reads `192.0.2.0/24` or a single address; undefined for what is neither. */
export function readAddressRange(range: string): { network: string; prefix: number } | undefined {
  const [network = "", length] = range.split("/");
  const bits = isIP(network) === 4 ? 32 : 128;
  const prefix = length === undefined ? bits : Number(length);
  const valid = isIP(network) !== 0 && Number.isInteger(prefix) && prefix >= 0 && prefix <= bits;
  return valid ? { network, prefix } : undefined;
}
