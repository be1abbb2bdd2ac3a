import { describe, expect, it } from "vitest";
import { type AccessRequest, decide } from "../../iam/decide.js";
import { type PolicyKind, readPolicy } from "../../iam/policy.js";
import type { TestStatement } from "../support/graphs.js";

const queueArn = "arn:aws:sqs:us-east-1:000000000000:orders-queue";
const roleArn = "arn:aws:iam::000000000000:role/processor";
const policy = (kind: PolicyKind, ...statements: TestStatement[]) =>
  readPolicy(
    { Statement: statements.map((each) => ({ Effect: "Allow", Resource: queueArn, ...each })) },
    "test",
    kind,
  );
const policies = (kind: PolicyKind, statements: TestStatement[]) =>
  statements.length === 0 ? [] : [policy(kind, ...statements)];

function ask(
  identity: TestStatement[],
  resource: TestStatement[] = [],
  request: Partial<AccessRequest> = {},
  resourcePolicyRules = false,
) {
  return decide(
    {
      principal: { kind: "role", arn: roleArn },
      action: "sqs:SendMessage",
      resource: queueArn,
      account: "000000000000",
      region: "us-east-1",
      ...request,
    },
    {
      identity: policies("identity", identity),
      resource: policies("resource", resource),
      resourcePolicyRules,
    },
  );
}

const everyone = { Principal: "*" };
const cloudWatch = {
  principal: { kind: "service" as const, name: "cloudwatch.amazonaws.com", sourceArn: "arn:aws:alarm" },
};

describe("IAM's decision", () => {
  it("denies what nothing allows, and says so", () => {
    expect(ask([])).toEqual({
      allowed: false,
      reason: "because no identity-based policy allows the sqs:SendMessage action",
    });
  });

  it.each([
    ["the exact action", { Action: "sqs:SendMessage" }],
    ["an action in another case", { Action: "SQS:sendmessage" }],
    ["a wildcard action", { Action: "sqs:Send*" }],
    ["a list", { Action: ["sqs:ReceiveMessage", "sqs:SendMessage"] }],
    ["a wildcard resource", { Action: "sqs:SendMessage", Resource: "arn:aws:sqs:*:*:orders-?ueue" }],
  ])("allows by %s", (_, statement) => {
    expect(ask([statement]).allowed).toBe(true);
  });

  it.each([
    ["another action", { Action: "sqs:ReceiveMessage" }],
    ["another queue", { Action: "sqs:SendMessage", Resource: `${queueArn}-2` }],
    [
      "a resource in another case",
      { Action: "sqs:SendMessage", Resource: queueArn.replace("orders", "Orders") },
    ],
  ])("does not allow by %s", (_, statement) => {
    expect(ask([statement]).allowed).toBe(false);
  });

  it("lets an explicit deny win over every allow", () => {
    const { allowed, reason } = ask(
      [{ Action: "sqs:*" }],
      [{ ...everyone, Effect: "Deny", Action: "sqs:SendMessage" }],
    );
    expect(allowed).toBe(false);
    expect(reason).toContain("explicit deny in test");
  });

  it("counts every call as TLS, so that a deny without it never fires", () => {
    const denyWithoutTls: TestStatement = {
      ...everyone,
      Effect: "Deny",
      Action: "sqs:*",
      Condition: { Bool: { "aws:SecureTransport": "false" } },
    };
    expect(ask([{ Action: "sqs:SendMessage" }], [denyWithoutTls]).allowed).toBe(true);
  });

  it("lets a resource's policy allow a role that has no policy", () => {
    expect(ask([], [{ Principal: { AWS: roleArn }, Action: "sqs:SendMessage" }]).allowed).toBe(true);
  });

  it("lets a service in by the resource's policy only, under its conditions", () => {
    const statement = (account: string) => ({
      Principal: { Service: "cloudwatch.amazonaws.com" },
      Action: "sqs:SendMessage",
      Condition: { StringEquals: { "aws:SourceAccount": account } },
    });
    expect(ask([{ Action: "sqs:*" }], [], cloudWatch).allowed).toBe(false);
    expect(ask([], [statement("000000000000")], cloudWatch).allowed).toBe(true);
    expect(ask([], [statement("111111111111")], cloudWatch).allowed).toBe(false);
  });

  it("lets a key's policy decide alone, unless it hands the decision to the account", () => {
    const identity = [{ Action: "sqs:SendMessage" }];
    const root = { Principal: { AWS: "arn:aws:iam::000000000000:root" }, Action: "sqs:*" };
    const other = { Principal: { AWS: `${roleArn}-2` }, Action: "sqs:*" };
    expect(ask(identity, [other], {}, true).allowed).toBe(false);
    expect(ask(identity, [root], {}, true).allowed).toBe(true);
    expect(ask([], [root], {}, true).allowed).toBe(false);
  });

  it("judges conditions that the request has no key for as AWS does", () => {
    const when = (Condition: unknown) => ask([{ Action: "sqs:SendMessage", Condition }]).allowed;
    expect(when({ StringEquals: { "kms:ViaService": "x" } })).toBe(false);
    expect(when({ StringEqualsIfExists: { "kms:ViaService": "x" } })).toBe(true);
    expect(when({ StringNotEquals: { "kms:ViaService": "x" } })).toBe(true);
    expect(when({ Null: { "kms:ViaService": "true" } })).toBe(true);
    expect(when({ ArnLike: { "aws:PrincipalArn": "arn:aws:iam::*:role/proc*" } })).toBe(true);
  });
});

// docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic_policy-eval-basics-single-account.html and
// docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic_policy-eval-denyallow.html: what each side
// says of a role's call within one account, and what comes of it.
describe("identity and resource policies of one account together", () => {
  const allow = { Action: "sqs:SendMessage" };
  const deny = { Effect: "Deny" as const, ...allow };
  const root = { AWS: "arn:aws:iam::000000000000:root" };
  const other = `${roleArn}-2`;
  it.each([
    ["denies by default", [], [], false],
    ["allows by the identity alone", [allow], [], true],
    [
      "allows by the resource alone, which names the role",
      [],
      [{ ...allow, Principal: { AWS: roleArn } }],
      true,
    ],
    ["allows by the resource alone, which names everybody", [], [{ ...allow, Principal: "*" }], true],
    ["denies by the identity what the resource allows", [deny], [{ ...allow, Principal: "*" }], false],
    ["denies by the resource what the identity allows", [allow], [{ ...deny, Principal: "*" }], false],
    [
      "denies by the account's root every role of the account",
      [allow],
      [{ ...deny, Principal: root }],
      false,
    ],
    ["leaves alone whom a deny does not name", [allow], [{ ...deny, Principal: { AWS: other } }], true],
    [
      "does not allow by a resource that names another role",
      [],
      [{ ...allow, Principal: { AWS: other } }],
      false,
    ],
    [
      "does not let in a role because the resource names the account's root",
      [],
      [{ ...allow, Principal: root }],
      false,
    ],
    ["nor its account number", [], [{ ...allow, Principal: { AWS: "000000000000" } }], false],
    ["nor the root beside another role", [], [{ ...allow, Principal: { AWS: [root.AWS, other] } }], false],
    [
      "nor the root beside a service",
      [],
      [{ ...allow, Principal: { ...root, Service: "sns.amazonaws.com" } }],
      false,
    ],
    [
      "lets in a role that is named beside the root",
      [],
      [{ ...allow, Principal: { AWS: [root.AWS, roleArn] } }],
      true,
    ],
    [
      "does not let in a role by a statement about services",
      [],
      [{ ...allow, Principal: { Service: "sns.amazonaws.com" } }],
      false,
    ],
  ] satisfies [string, TestStatement[], TestStatement[], boolean][])(
    "%s",
    (_, identity, resource, allowed) => {
      expect(ask(identity, resource).allowed).toBe(allowed);
    },
  );
});

describe("a wildcard in an ARN", () => {
  const bySource = (pattern: string) =>
    ask(
      [],
      [
        {
          Principal: { Service: "cloudwatch.amazonaws.com" },
          Action: "sqs:SendMessage",
          Condition: { ArnLike: { "aws:SourceArn": pattern } },
        },
      ],
      { principal: { kind: "service", name: "cloudwatch.amazonaws.com", sourceArn: alarmArn } },
    ).allowed;
  const alarmArn = "arn:aws:cloudwatch:us-east-1:000000000000:alarm:orders";

  it.each([
    ["arn:aws:cloudwatch:*:000000000000:alarm:*", true],
    ["arn:aws:cloudwatch:us-*:*:*", true],
    ["arn:aws:cloudwatch:us-east-1:0000000000??:alarm:orders", true],
    ["arn:aws:cloudwatch:*:alarm:a:orders", false],
    ["arn:aws:cloudwatch:us*0:000000000000:alarm:orders", false],
    ["arn:aws:*:us-east-1:alarm:orders:x", false],
  ])("of a condition stays in its segment: %s", (pattern, allowed) => {
    expect(bySource(pattern)).toBe(allowed);
  });

  it.each([
    ["arn:aws:sqs:*", true],
    ["arn:aws:sqs:us-east-*:orders-queue", true],
    ["arn:aws:sqs:us*1:000000000000:orders-queue", true],
    ["arn:aws:sqs:us*0:orders-queue", false],
    ["arn:aws:sqs:us?east?1?000000000000:orders-queue", false],
  ])("of a resource goes beyond its segment only at its end: %s", (Resource, allowed) => {
    expect(ask([{ Action: "sqs:SendMessage", Resource }]).allowed).toBe(allowed);
  });
});

describe("a policy of a role that deploys", () => {
  const may = (Condition: object, context: AccessRequest["context"]) =>
    decide(
      {
        principal: { kind: "role", arn: roleArn },
        action: "sqs:SendMessage",
        resource: queueArn,
        account: "000000000000",
        region: "us-east-1",
        ...(context === undefined ? {} : { context }),
      },
      { identity: [policy("deployment", { Action: "sqs:*", Condition })], resource: [] },
    ).allowed;

  it.each([
    [
      "the resource's tag",
      { StringEquals: { "aws:ResourceTag/stage": "dev" } },
      "aws:resourcetag/stage",
      "dev",
    ],
    [
      "a tag in the request",
      { StringEquals: { "aws:RequestTag/stage": "dev" } },
      "aws:requesttag/stage",
      "dev",
    ],
    [
      "the service that takes a role",
      { StringEquals: { "iam:PassedToService": "lambda.amazonaws.com" } },
      "iam:passedtoservice",
      "lambda.amazonaws.com",
    ],
    [
      "the function of an event source mapping",
      { ArnLike: { "lambda:FunctionArn": "arn:aws:lambda:*:*:function:orders-*" } },
      "lambda:functionarn",
      "arn:aws:lambda:us-east-1:000000000000:function:orders-1",
    ],
  ])("looks at %s", (_, condition, key, value) => {
    expect(may(condition, { [key]: value })).toBe(true);
    expect(may(condition, { [key]: value.replace(/dev|lambda|orders/g, "other") })).toBe(false);
    expect(may(condition, {})).toBe(false);
  });

  it("is no policy of a role that runs here, of whose calls nobody knows that", () => {
    const Condition = { StringEquals: { "aws:ResourceTag/stage": "dev" } };
    expect(() => policy("identity", { Action: "sqs:*", Condition })).toThrow(
      'cannot judge the condition key "aws:ResourceTag/stage"',
    );
  });
});

describe("a policy that the local IAM cannot judge", () => {
  const variable = `$\{aws:username}`;
  it.each([
    [
      'the condition operator "DateLessThan"',
      "identity",
      { Condition: { DateLessThan: { "aws:SourceIp": "x" } } },
    ],
    // Which address a call would come from on AWS is not known here, so a policy on it cannot be judged.
    [
      'the condition key "aws:SourceIp"',
      "identity",
      { Condition: { IpAddress: { "aws:SourceIp": "10.0.0.0/8" } } },
    ],
    [
      'the condition key "aws:CurrentTime"',
      "identity",
      { Condition: { StringEquals: { "aws:CurrentTime": "now" } } },
    ],
    ['the principal type "Federated"', "resource", { Principal: { Federated: "x" } }],
    [
      'the session "arn:aws:sts::',
      "resource",
      { Principal: { AWS: "arn:aws:sts::000000000000:assumed-role/a/b" } },
    ],
    ['the policy variable in "arn:aws:s3', "identity", { Resource: `arn:aws:s3:::${variable}` }],
    [
      "the policy variable in",
      "identity",
      { Effect: "Deny", Condition: { StringLike: { "aws:PrincipalArn": `*/${variable}` } } },
    ],
    ['the element "NotPrincipal"', "resource", { NotPrincipal: "*" }],
  ] as const)("is refused by name: %s", (what, kind, part) => {
    const whole = { ...(kind === "resource" ? everyone : {}), Action: "sqs:*", ...part } as TestStatement;
    expect(() => policy(kind, whole)).toThrow(`test: the local IAM cannot judge ${what}`);
  });
});

describe("a policy that AWS refuses when it is made", () => {
  const statement = { Effect: "Allow", Action: "sqs:SendMessage", Resource: queueArn };
  const named = { ...statement, ...everyone };
  it.each<[string, PolicyKind, unknown]>([
    ["a policy that is no JSON object", "identity", [statement]],
    ["a policy that is no JSON object", "identity", "null"],
    ["a policy without a Statement", "identity", {}],
    ["a policy without a Statement", "identity", { Statement: [] }],
    ['the element "Statements"', "identity", { Statements: [statement] }],
    ['the element "statement"', "identity", { Statement: statement, statement }],
    ['the version "2012-10-18"', "identity", { Version: "2012-10-18", Statement: statement }],
    ["statement 1, which is no object", "identity", { Statement: ["Allow"] }],
    ['the effect "allow"', "identity", { Statement: { ...statement, Effect: "allow" } }],
    ['the element "Actions" of statement 1', "identity", { Statement: { ...statement, Actions: "sqs:*" } }],
    ["Action and NotAction", "identity", { Statement: { ...statement, NotAction: "sqs:*" } }],
    ["Resource and NotResource", "identity", { Statement: { ...statement, NotResource: "*" } }],
    ["statement 1, which names no Action", "identity", { Statement: { ...statement, Action: [] } }],
    ["statement 1, which names no Action", "identity", { Statement: { Effect: "Allow", Resource: "*" } }],
    ["statement 1, which names no Resource", "identity", { Statement: { Effect: "Allow", Action: "*" } }],
    ["statement 1, which names no Resource", "resource", { Statement: { ...named, Resource: undefined } }],
    ['the action "SendMessage"', "identity", { Statement: { ...statement, Action: "SendMessage" } }],
    ['the action "s*:SendMessage"', "identity", { Statement: { ...statement, Action: "s*:SendMessage" } }],
    ["a value of Action that is no text", "identity", { Statement: { ...statement, Action: [1] } }],
    ['the resource "orders-queue"', "identity", { Statement: { ...statement, Resource: "orders-queue" } }],
    [
      'the resource "arn:aws:*:',
      "identity",
      { Statement: { ...statement, Resource: "arn:aws:*:us-east-1:0:x" } },
    ],
    ["statement 1, which names a Principal", "identity", { Statement: named }],
    ["statement 1, which names no Principal", "resource", { Statement: statement }],
    [
      "statement 1, which names no Principal",
      "trust",
      { Statement: { Effect: "Allow", Action: "sts:AssumeRole" } },
    ],
    ["statement 1, which names a Resource", "trust", { Statement: { ...named, Action: "sts:AssumeRole" } }],
    ['the action "sqs:SendMessage"', "trust", { Statement: { ...named, Resource: undefined } }],
    ["a Principal that names nobody", "resource", { Statement: { ...named, Principal: {} } }],
    ["a Principal whose AWS names nobody", "resource", { Statement: { ...named, Principal: { AWS: [] } } }],
    ["a Principal that is neither", "resource", { Statement: { ...named, Principal: roleArn } }],
    [
      'the principal "*", which is no AWS service',
      "resource",
      { Statement: { ...named, Principal: { Service: "*" } } },
    ],
    [
      'the principal "arn:aws:iam::000000000000:role/*"',
      "resource",
      { Statement: { ...named, Principal: { AWS: "arn:aws:iam::000000000000:role/*" } } },
    ],
    ['the principal type "Everyone"', "resource", { Statement: { ...named, Principal: { Everyone: "*" } } }],
    [
      'two statements with the Sid "a"',
      "identity",
      {
        Statement: [
          { ...statement, Sid: "a" },
          { ...statement, Sid: "a" },
        ],
      },
    ],
    ['the Sid "may send"', "identity", { Statement: { ...statement, Sid: "may send" } }],
    [
      "the condition StringEquals, which names no key",
      "identity",
      { Statement: { ...statement, Condition: { StringEquals: {} } } },
    ],
    [
      'the condition StringEquals of "aws:SourceArn", which names no value',
      "identity",
      { Statement: { ...statement, Condition: { StringEquals: { "aws:SourceArn": [] } } } },
    ],
    [
      '"orders", which is no ARN',
      "identity",
      { Statement: { ...statement, Condition: { ArnLike: { "aws:SourceArn": "orders" } } } },
    ],
    [
      'ArnLike of "aws:SourceAccount", which is no ARN',
      "identity",
      { Statement: { ...statement, Condition: { ArnLike: { "aws:SourceAccount": queueArn } } } },
    ],
    [
      '"yes", which is neither true nor false',
      "identity",
      { Statement: { ...statement, Condition: { Bool: { "aws:SecureTransport": "yes" } } } },
    ],
    [
      'the condition operator "NullIfExists"',
      "identity",
      { Statement: { ...statement, Condition: { NullIfExists: { "aws:SourceArn": "true" } } } },
    ],
  ])("is refused by name: %s (%s)", (what, kind, document) => {
    expect(() => readPolicy(document, "RolePolicy x", kind)).toThrow(`RolePolicy x: AWS refuses ${what}`);
  });

  it.each([
    ['{"Statement":[{"Effect":"Deny","Effect":"Allow","Action":"sqs:*","Resource":"*"}]}', "Effect"],
    ['{"Statement":[],"Statement":[{"Effect":"Allow","Action":"sqs:*","Resource":"*"}]}', "Statement"],
    ['{"Statement":{"Effect":"Allow","\\u0041ction":"sqs:*","Action" : "s3:*","Resource":"*"}}', "Action"],
  ])("is refused if a key occurs twice, of which JSON would keep the last: %s", (text, key) => {
    expect(() => readPolicy(text, "RolePolicy x", "identity")).toThrow(
      `RolePolicy x: AWS refuses the key "${key}" twice in one block`,
    );
  });

  it("is taken if a key occurs in several blocks, or a text looks like one", () => {
    const text = JSON.stringify({
      Statement: [1, 2].map((number) => ({
        Sid: `${number}`,
        Effect: "Allow",
        Action: "sqs:*",
        Resource: 'arn:aws:s3:::"Effect":{}"Effect":',
      })),
    });
    expect(readPolicy(text, "RolePolicy x", "identity").statements).toHaveLength(2);
  });

  it("is refused if it is not JSON", () => {
    expect(() => readPolicy("{", "RolePolicy x", "identity")).toThrow("RolePolicy x: the policy is not JSON");
  });
});
