import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type AccessRequest, decide } from "../../iam/decide.js";
import { readPolicy } from "../../iam/policy.js";
import { UserError } from "../../program/user-error.js";

const account = "000000000000";
const roleArn = `arn:aws:iam::${account}:role/processor`;
const queueArn = `arn:aws:sqs:us-east-1:${account}:orders`;
const request: AccessRequest = {
  principal: { kind: "role", arn: roleArn },
  action: "sqs:SendMessage",
  resource: queueArn,
  account,
  region: "us-east-1",
};

const oneOrMore = (...values: string[]) =>
  fc.oneof(fc.constantFrom(...values), fc.uniqueArray(fc.constantFrom(...values), { minLength: 1 }));
const actions = oneOrMore("sqs:SendMessage", "sqs:*", "sqs:Receive*", "*", "SQS:sendmessage", "s3:GetObject");
const resources = oneOrMore(queueArn, "*", "arn:aws:sqs:*:*:orders", "arn:aws:s3:::bucket/*");
const condition = fc.constantFrom<unknown>(
  { Bool: { "aws:SecureTransport": "true" } },
  { Bool: { "aws:SecureTransport": false } },
  { StringLike: { "aws:PrincipalArn": "*:role/proc*" } },
  { ArnNotLike: { "aws:PrincipalArn": ["arn:aws:iam::*:role/other"] } },
  { StringEqualsIfExists: { "kms:ViaService": "sqs.us-east-1.amazonaws.com" } },
  { Null: { "aws:SourceArn": "false" } },
);
const part = {
  Effect: fc.constantFrom("Allow", "Deny"),
  action: fc.oneof(fc.record({ Action: actions }), fc.record({ NotAction: actions })),
  resource: fc.oneof(fc.record({ Resource: resources }), fc.record({ NotResource: resources })),
  when: fc.oneof(fc.constant({}), fc.record({ Condition: condition })),
};
const identityStatement = fc
  .record(part)
  .map(({ Effect, action, resource, when }) => ({ Effect, ...action, ...resource, ...when }));
const principal = fc.constantFrom<unknown>(
  "*",
  { AWS: "*" },
  { AWS: roleArn },
  { AWS: `${roleArn}-2` },
  { AWS: [account, `${roleArn}-2`] },
  { AWS: `arn:aws:iam::${account}:root`, Service: "sns.amazonaws.com" },
);
const resourceStatement = fc
  .tuple(identityStatement, principal)
  .map(([statement, Principal]) => ({ ...statement, Principal }));
const side = <T>(statement: fc.Arbitrary<T>) => fc.array(statement, { maxLength: 4 });
const sides = { identity: side(identityStatement), resource: side(resourceStatement) };

type Statements = readonly unknown[];
function judge(identity: Statements, resource: Statements) {
  const read = (statements: Statements, kind: "identity" | "resource") =>
    statements.length === 0 ? [] : [readPolicy({ Statement: statements }, "test", kind)];
  return decide(request, { identity: read(identity, "identity"), resource: read(resource, "resource") });
}

const everything = { Action: "*", Resource: "*" };

describe("whatever the policies say", () => {
  it("an explicit deny wins, wherever it stands", () => {
    fc.assert(
      fc.property(
        fc.record(sides),
        fc.nat(4),
        fc.boolean(),
        fc.constantFrom(
          { Action: "sqs:Send*", Resource: queueArn },
          { NotAction: "s3:*", NotResource: "arn:aws:s3:::*" },
        ),
        ({ identity, resource }, place, ofRole, what) => {
          const deny = { Effect: "Deny", ...what, ...(ofRole ? {} : { Principal: "*" }) };
          const withDeny = (statements: Statements) => statements.toSpliced(place, 0, deny);
          const decision = ofRole ? judge(withDeny(identity), resource) : judge(identity, withDeny(resource));
          expect(decision).toMatchObject({ allowed: false, explicitDeny: true });
        },
      ),
    );
  });

  it("a further allow takes nothing away, and a further deny gives nothing", () => {
    fc.assert(
      fc.property(fc.record(sides), identityStatement, ({ identity, resource }, statement) => {
        const before = judge(identity, resource).allowed;
        const after = judge([...identity, statement], resource).allowed;
        if (statement.Effect === "Allow") expect(after || !before).toBe(true);
        else expect(!after || before).toBe(true);
      }),
    );
  });

  it("the order of the statements does not matter", () => {
    fc.assert(
      fc.property(fc.record(sides), ({ identity, resource }) => {
        expect(judge(identity.toReversed(), resource.toReversed()).allowed).toBe(
          judge(identity, resource).allowed,
        );
      }),
    );
  });

  it("nothing is allowed unless a statement allows it", () => {
    fc.assert(
      fc.property(fc.record(sides), ({ identity, resource }) => {
        const denies = (statements: readonly { Effect: string }[]) =>
          statements.filter(({ Effect }) => Effect === "Deny");
        expect(judge(denies(identity), denies(resource)).allowed).toBe(false);
      }),
    );
  });
});

describe("whatever a document holds", () => {
  it("no statement and no value vanishes: it is read in full, or refused", () => {
    const member = fc.constantFrom(
      "Effect",
      "Action",
      "NotAction",
      "Resource",
      "NotResource",
      "Principal",
      "Condition",
      "Sid",
      "action",
      "Actions",
      "Resources",
      "Conditions",
      "Principals",
    );
    const value = fc.oneof(
      fc.constantFrom<unknown>(
        "Allow",
        "Deny",
        "*",
        "sqs:*",
        queueArn,
        { AWS: roleArn },
        [],
        {},
        1,
        null,
        true,
      ),
      actions,
      resources,
      condition,
    );
    const wild = fc
      .tuple(identityStatement, fc.dictionary(member, value, { maxKeys: 2 }))
      .map(([statement, more]) => ({ ...statement, ...more }));
    let read = 0;
    fc.assert(
      fc.property(fc.array(wild, { minLength: 1, maxLength: 3 }), (statements) => {
        let policy: ReturnType<typeof readPolicy>;
        try {
          policy = readPolicy({ Statement: statements }, "test", "identity");
        } catch (error) {
          expect(error).toBeInstanceOf(UserError);
          return;
        }
        read += 1;
        const texts = (of: unknown): string[] =>
          typeof of === "object" && of !== null ? Object.values(of).flatMap(texts) : [String(of)];
        expect(policy.statements.map((each) => texts(each))).toEqual(
          statements.map((statement) =>
            expect.arrayContaining(texts({ ...statement, Sid: statement.Effect })),
          ),
        );
      }),
      { numRuns: 500 },
    );
    expect(read).toBeGreaterThan(50);
  });

  it("nothing unknown is decided", () => {
    const unknown = fc.constantFrom<object>(
      { Condition: { DateGreaterThan: { "aws:CurrentTime": "2026-01-01T00:00:00Z" } } },
      { Condition: { StringEquals: { "aws:PrincipalTag/team": "a" } } },
      { Condition: { "ForAnyValue:StringEquals": { "aws:PrincipalArn": roleArn } } },
      { Condition: { StringNotLike: { "aws:PrincipalArn": `$\{aws:PrincipalArn}` } } },
      { Resource: `arn:aws:s3:::$\{aws:PrincipalAccount}/*` },
      { NotResource: `arn:aws:s3:::$\{aws:PrincipalAccount}/*` },
    );
    fc.assert(
      fc.property(side(identityStatement), unknown, fc.nat(4), (statements, element, place) => {
        const statement = {
          Effect: "Deny",
          Action: "*",
          ...("NotResource" in element ? {} : { Resource: "*" }),
          ...element,
        };
        expect(() => judge(statements.toSpliced(place, 0, statement as never), [])).toThrow("cannot judge");
      }),
    );
    expect(judge([{ Effect: "Allow", ...everything }], []).allowed).toBe(true);
  });
});
