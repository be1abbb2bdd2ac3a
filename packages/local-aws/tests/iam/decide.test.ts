import { describe, expect, it } from "vitest";
import { type AccessRequest, decide } from "../../iam/decide.js";
import { readPolicy } from "../../iam/policy.js";
import type { TestStatement } from "../support/graphs.js";

const queueArn = "arn:aws:sqs:us-east-1:000000000000:orders-queue";
const roleArn = "arn:aws:iam::000000000000:role/processor";
const policy = (...statements: TestStatement[]) =>
  readPolicy(
    { Statement: statements.map((each) => ({ Effect: "Allow", Resource: queueArn, ...each })) },
    "test",
    "identity",
  );

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
    { identity: [policy(...identity)], resource: [policy(...resource)], resourcePolicyRules },
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
    ["a resource in another case", { Action: "sqs:SendMessage", Resource: queueArn.toUpperCase() }],
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

describe("a policy that the local IAM cannot judge", () => {
  it.each([
    ['the condition operator "DateLessThan"', { Condition: { DateLessThan: { "aws:SourceIp": "x" } } }],
    // Which address a call would come from on AWS is not known here, so a policy on it cannot be judged.
    ['the condition key "aws:SourceIp"', { Condition: { IpAddress: { "aws:SourceIp": "10.0.0.0/8" } } }],
    ["Action and NotAction in one statement", { NotAction: "sqs:SendMessage" }],
    ["statement 1, which names no Resource", { Resource: [] }],
    ['the condition key "aws:CurrentTime"', { Condition: { StringEquals: { "aws:CurrentTime": "now" } } }],
    ['the principal type "Federated"', { Principal: { Federated: "x" } }],
    ["the policy variable", { Resource: `arn:aws:s3:::$\{aws:username}` }],
    ['the element "NotPrincipal"', { NotPrincipal: "*" }],
  ])("is refused by name: %s", (what, part) => {
    expect(() => policy({ Action: "sqs:*", ...part })).toThrow(`test: the local IAM cannot evaluate ${what}`);
  });

  it("is refused if it is not JSON", () => {
    expect(() => readPolicy("{", "RolePolicy x", "identity")).toThrow("RolePolicy x: the policy is not JSON");
  });
});
