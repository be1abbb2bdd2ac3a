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
export type ConditionKey = (typeof conditionKeys)[number] | DeployersKey;

/** Lower case; the tag's key stands behind the slash. Only who recorded a deployer's call can say what these hold. */
type DeployersKey =
  | `aws:${"requesttag" | "resourcetag"}/${string}`
  | "ec2:createaction"
  | "iam:passedtoservice"
  | "iam:policyarn"
  | "lambda:functionarn";

/** docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html */
const deployersKey =
  /^(aws:(request|resource)tag\/.+|ec2:createaction|iam:passedtoservice|iam:policyarn|lambda:functionarn)$/;

/**
 * What a policy says: what a role may do, what a role that deploys may do, who may use a resource, who may take a role, or who
 * may call an API. Only those who call an API have an address: of calls on this machine nobody can say from which address they
 * would come on AWS. And only calls that deploy have tags and roles that they pass on.
 */
export type PolicyKind = "identity" | "deployment" | "resource" | "trust" | "api";

/**
 * Reads a policy document, as JSON text or as an object.
 *
 * @throws UserError naming the policy and the part that AWS would refuse, or that the local IAM does not know, so that it
 * never guesses
 */
export function readPolicy(document: unknown, origin: string, kind: PolicyKind): Policy {
  const refuse: Refuse = {
    unknown: (what) => {
      throw new UserError(
        `${origin}: the local IAM cannot judge ${what}; write the policy without it, or teach it to packages/local-aws/iam`,
      );
    },
    invalid: (what) => {
      throw new UserError(`${origin}: AWS refuses ${what}`);
    },
  };
  const { Version, Id, Statement: statements, ...others } = parsed(document, origin, refuse);
  const [misspelt] = Object.keys(others);
  if (misspelt !== undefined) {
    return refuse.invalid(`the element "${misspelt}": a policy has Version, Id and Statement`);
  }
  if (Version !== undefined && Version !== "2012-10-17" && Version !== "2008-10-17") {
    return refuse.invalid(`the version "${String(Version)}": write "2012-10-17"`);
  }
  if (Id !== undefined && typeof Id !== "string") return refuse.invalid("an Id that is no text");
  const entries = list(statements);
  if (entries.length === 0) return refuse.invalid("a policy without a Statement");
  const read = entries.map((entry, index) => readStatement(entry, index + 1, kind, refuse));
  const twice = read.find(({ sid }, index) => read.findIndex((each) => each.sid === sid) !== index);
  if (twice !== undefined) return refuse.invalid(`two statements with the Sid "${twice.sid}"`);
  return { origin, statements: read };
}

interface Refuse {
  /** For what AWS evaluates and the local IAM does not. */
  readonly unknown: (what: string) => never;
  /** For what AWS refuses when the policy is made. */
  readonly invalid: (what: string) => never;
}

function parsed(document: unknown, origin: string, refuse: Refuse): Record<string, unknown> {
  const read = typeof document === "string" ? parsedText(document, origin, refuse) : document;
  return isObject(read) ? read : refuse.invalid("a policy that is no JSON object");
}

function parsedText(text: string, origin: string, refuse: Refuse): unknown {
  try {
    const read = JSON.parse(text) as unknown;
    const twice = keyWrittenTwice(text);
    return twice === undefined ? read : refuse.invalid(`the key "${twice}" twice in one block`);
  } catch (error) {
    if (error instanceof UserError) throw error;
    throw new UserError(
      `${origin}: the policy is not JSON; make it with JSON.stringify or pulumi.jsonStringify`,
    );
  }
}

/**
 * A key that occurs twice in one object of a JSON text. JSON.parse keeps the last of them without a word.
 * docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html
 */
function keyWrittenTwice(json: string): string | undefined {
  const open: Set<string>[] = [];
  for (const [token, key] of json.matchAll(/("(?:[^"\\]|\\.)*")(?=\s*:)|"(?:[^"\\]|\\.)*"|[{}]/g)) {
    if (token === "{") open.push(new Set());
    else if (token === "}") open.pop();
    else if (key !== undefined) {
      const keys = open.at(-1);
      const name = JSON.parse(key) as string;
      if (keys?.has(name)) return name;
      keys?.add(name);
    }
  }
  return undefined;
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

const list = (value: unknown): unknown[] =>
  value === undefined ? [] : Array.isArray(value) ? value : [value];

const elements = [
  "Sid",
  "Effect",
  "Principal",
  "NotPrincipal",
  "Action",
  "NotAction",
  "Resource",
  "NotResource",
  "Condition",
];

function readStatement(entry: unknown, number: number, kind: PolicyKind, refuse: Refuse): Statement {
  if (!isObject(entry)) return refuse.invalid(`statement ${number}, which is no object`);
  const misspelt = Object.keys(entry).find((name) => !elements.includes(name));
  if (misspelt !== undefined) return refuse.invalid(`the element "${misspelt}" of statement ${number}`);
  if (entry.NotPrincipal !== undefined) return refuse.unknown('the element "NotPrincipal"');
  for (const element of ["Action", "Resource"]) {
    if (entry[element] !== undefined && entry[`Not${element}`] !== undefined) {
      return refuse.invalid(`${element} and Not${element} in one statement`);
    }
  }
  const { Effect, Principal, Condition } = entry;
  if (Effect !== "Allow" && Effect !== "Deny") return refuse.invalid(`the effect "${String(Effect)}"`);
  const principals = Principal === undefined ? {} : { principals: principalPatterns(Principal, refuse) };
  const ofRole = kind === "identity" || kind === "deployment";
  if (ofRole && Principal !== undefined) {
    return refuse.invalid(`statement ${number}, which names a Principal in a policy of a role`);
  }
  if (!ofRole && Principal === undefined) {
    return refuse.invalid(`statement ${number}, which names no Principal`);
  }
  return {
    sid: sidOf(entry.Sid, number, kind, refuse),
    effect: Effect,
    ...principals,
    actions: actionPatterns(entry, number, kind, refuse),
    resources: resourcePatterns(entry, number, kind, refuse),
    conditions: conditions(Condition, kind, refuse),
  };
}

/** docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_sid.html */
function sidOf(sid: unknown, number: number, kind: PolicyKind, refuse: Refuse): string {
  if (sid === undefined || sid === "") return String(number);
  if (typeof sid !== "string") return refuse.invalid(`the Sid of statement ${number}, which is no text`);
  const ofRole = kind === "identity" || kind === "deployment" || kind === "trust";
  if (ofRole && !/^[A-Za-z0-9]+$/.test(sid)) {
    return refuse.invalid(`the Sid "${sid}": letters and digits only`);
  }
  return sid;
}

function actionPatterns(
  statement: Record<string, unknown>,
  number: number,
  kind: PolicyKind,
  refuse: Refuse,
): Patterns {
  const actions = patterns(statement, "Action", refuse);
  if (actions.values.length === 0) return refuse.invalid(`statement ${number}, which names no Action`);
  const wrong = actions.values.find((value) => !/^(\*|[a-z0-9-]+:[a-z0-9*?]+)$/i.test(value));
  if (wrong !== undefined)
    return refuse.invalid(`the action "${wrong}", which is not written service:Action`);
  const foreign = actions.values.find((value) => !/^sts:/i.test(value));
  if (kind === "trust" && foreign !== undefined) {
    return refuse.invalid(`the action "${foreign}" in a trust policy, which knows those of STS only`);
  }
  return actions;
}

/** docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_resource.html */
function resourcePatterns(
  statement: Record<string, unknown>,
  number: number,
  kind: PolicyKind,
  refuse: Refuse,
): Patterns {
  const resources = patterns(statement, "Resource", refuse);
  // A trust policy stands on the role itself.
  if (kind === "trust") {
    if (resources.values.length === 0) return { not: false, values: ["*"] };
    return refuse.invalid(`statement ${number}, which names a Resource in a trust policy`);
  }
  if (resources.values.length === 0) return refuse.invalid(`statement ${number}, which names no Resource`);
  const isResource = (value: string) =>
    value === "*" || arnForm.test(value) || (kind === "api" && value.startsWith("execute-api:/"));
  const wrong = resources.values.find((value) => !isResource(value));
  if (wrong !== undefined) return refuse.invalid(`the resource "${wrong}", which is neither "*" nor an ARN`);
  return resources;
}

/** Partition and service; the service takes no wildcard. */
const arnForm = /^arn:[^:]+:[a-z0-9-]+:.+/s;

function patterns(statement: Record<string, unknown>, name: "Action" | "Resource", refuse: Refuse): Patterns {
  const not = statement[`Not${name}`] !== undefined;
  return { not, values: texts(statement[not ? `Not${name}` : name], name, refuse) };
}

/** Values that mean what they say; `${aws:…}` would be filled in for each request (a policy variable). */
function texts(value: unknown, where: string, refuse: Refuse): string[] {
  return list(value).map((each) => {
    if (typeof each !== "string") return refuse.invalid(`a value of ${where} that is no text`);
    if (each.includes("${")) return refuse.unknown(`the policy variable in "${each}"`);
    return each;
  });
}

/** docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html */
function principalPatterns(principal: unknown, refuse: Refuse): PrincipalPattern[] {
  if (principal === "*") return [{ kind: "everybody", value: "*" }];
  if (!isObject(principal)) return refuse.invalid('a Principal that is neither "*" nor an object');
  const read = Object.entries(principal).flatMap(([kind, values]) => {
    if (kind === "Federated" || kind === "CanonicalUser")
      return refuse.unknown(`the principal type "${kind}"`);
    if (kind !== "AWS" && kind !== "Service") return refuse.invalid(`the principal type "${kind}"`);
    const named = texts(values, "Principal", refuse);
    if (named.length === 0) return refuse.invalid(`a Principal whose ${kind} names nobody`);
    return named.map((value) => principalPattern(kind, value, refuse));
  });
  return read.length > 0 ? read : refuse.invalid("a Principal that names nobody");
}

function principalPattern(kind: "AWS" | "Service", value: string, refuse: Refuse): PrincipalPattern {
  if (kind === "Service") {
    const isService = /^[a-z0-9-]+(\.[a-z0-9-]+)*\.amazonaws\.com(\.cn)?$/.test(value);
    return isService ? { kind, value } : refuse.invalid(`the principal "${value}", which is no AWS service`);
  }
  if (value === "*") return { kind: "everybody", value };
  if (/^\d{12}$/.test(value) || /^arn:[^:*?]+:iam::\d{12}:(root|(role|user)\/[^*?]+)$/.test(value)) {
    return { kind, value };
  }
  if (/^arn:[^:*?]+:sts::\d{12}:[^*?]+$/.test(value))
    return refuse.unknown(`the session "${value}" as a principal`);
  return refuse.invalid(`the principal "${value}", which is no account, role or user`);
}

function conditionKey(name: string, kind: PolicyKind): ConditionKey | undefined {
  const key = name.toLowerCase();
  if (kind === "deployment" && deployersKey.test(key)) return key as ConditionKey;
  return conditionKeys.find((known) => known === key && (known !== "aws:sourceip" || kind === "api"));
}

const arnKeys: readonly ConditionKey[] = [
  "aws:sourcearn",
  "aws:principalarn",
  "kms:encryptioncontext:aws:logs:arn",
  "iam:policyarn",
  "lambda:functionarn",
];
const booleanKeys: readonly ConditionKey[] = ["aws:securetransport", "aws:principalisawsservice"];

/** docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html */
function conditions(block: unknown, kind: PolicyKind, refuse: Refuse): Condition[] {
  if (block === undefined) return [];
  if (!isObject(block)) return refuse.invalid("a Condition that is no object");
  return Object.entries(block).flatMap(([name, keys]) => {
    const ifExists = name.endsWith("IfExists");
    const operator = conditionOperators.find((known) => known === name.replace(/IfExists$/, ""));
    if (operator === undefined) return refuse.unknown(`the condition operator "${name}"`);
    if (operator === "Null" && ifExists) return refuse.invalid('the condition operator "NullIfExists"');
    if (!isObject(keys) || Object.keys(keys).length === 0) {
      return refuse.invalid(`the condition ${name}, which names no key`);
    }
    return Object.entries(keys).map(([keyName, given]): Condition => {
      const key = conditionKey(keyName, kind);
      if (key === undefined) {
        return refuse.unknown(`the condition key "${keyName}"`);
      }
      // JSON's own true and 5 are taken for their text.
      const scalars = list(given).map((each) =>
        typeof each === "boolean" || typeof each === "number" ? String(each) : each,
      );
      const values = texts(scalars, keyName, refuse);
      if (values.length === 0)
        return refuse.invalid(`the condition ${name} of "${keyName}", which names no value`);
      const condition = { operator, ifExists, key, values };
      checkOperands(condition, keyName, refuse);
      return condition;
    });
  });
}

/** Refuses a condition whose operator does not fit its key or values: it would hold never, or always. */
function checkOperands({ operator, key, values }: Condition, keyName: string, refuse: Refuse): void {
  const only = (fits: (value: string) => boolean, what: string) => {
    const wrong = values.find((value) => !fits(value));
    if (wrong !== undefined) refuse.invalid(`"${wrong}", which is ${what}`);
  };
  const ofKeys = (keys: readonly ConditionKey[], what: string) => {
    if (!keys.includes(key)) refuse.invalid(`${operator} of "${keyName}", which is ${what}`);
  };
  if (operator.endsWith("IpAddress")) {
    ofKeys(["aws:sourceip"], "no address");
    only((value) => readAddressRange(value) !== undefined, "no address range");
  }
  if (operator.startsWith("Arn")) {
    ofKeys(arnKeys, "no ARN");
    only((value) => /^arn(:[^:]*){4}:.+/s.test(value), "no ARN");
  }
  if (operator === "Bool") ofKeys(booleanKeys, "neither true nor false");
  if (operator === "Bool" || operator === "Null")
    only((value) => /^(true|false)$/i.test(value), "neither true nor false");
}

/** Reads `192.0.2.0/24` or a single address; undefined for what is neither. */
export function readAddressRange(range: string): { network: string; prefix: number } | undefined {
  const [network = "", length] = range.split("/");
  const bits = isIP(network) === 4 ? 32 : 128;
  const prefix = length === undefined ? bits : Number(length);
  const valid = isIP(network) !== 0 && Number.isInteger(prefix) && prefix >= 0 && prefix <= bits;
  return valid ? { network, prefix } : undefined;
}
