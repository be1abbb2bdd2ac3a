import { describe, expect, it } from "vitest";
import type { Change } from "../../deploy/plan/changes.js";
import { wideningsOf } from "../../deploy/plan/permissions.js";

const queue = "arn:aws:sqs:eu-west-1:123456789012:webhooks";

const policy = (...statements: object[]) => JSON.stringify({ Version: "2012-10-17", Statement: statements });

const change = (before: string | undefined, after: string): Change => ({
  action: before === undefined ? "create" : "update",
  type: "RolePolicy",
  token: "aws:iam/rolePolicy:RolePolicy",
  name: "role-policy",
  urn: "urn",
  differences: [],
  replacedBecause: [],
  before: before === undefined ? undefined : { inputs: { policy: before }, outputs: {} },
  after: { inputs: { policy: after }, outputs: {} },
});

const widened = (before: string | undefined, after: string) =>
  wideningsOf([change(before, after)]).flatMap(({ allows }) => allows);

const receive = { Effect: "Allow", Action: ["sqs:ReceiveMessage"], Resource: queue };

describe("a policy is wider", () => {
  it.each<[what: string, before: object[], after: object[], allows: string[]]>([
    [
      "with another action",
      [receive],
      [{ ...receive, Action: ["sqs:ReceiveMessage", "sqs:DeleteMessage"] }],
      [`sqs:DeleteMessage on ${queue}`],
    ],
    [
      "with another statement",
      [receive],
      [receive, { Effect: "Allow", Action: "s3:*", Resource: "*" }],
      ["s3:* on *"],
    ],
    ["on another resource", [receive], [{ ...receive, Resource: [queue, "*"] }], ["sqs:ReceiveMessage on *"]],
    [
      "for another principal",
      [{ ...receive, Principal: { Service: "a" } }],
      [{ ...receive, Principal: "*" }],
      [`sqs:ReceiveMessage to * on ${queue}`],
    ],
    [
      "without its condition",
      [{ ...receive, Condition: { Bool: { "aws:SecureTransport": "true" } } }],
      [receive],
      [`sqs:ReceiveMessage on ${queue}`],
    ],
    [
      "without a prohibition",
      [receive, { Effect: "Deny", Action: "sqs:*", Resource: queue }],
      [receive],
      [`what was denied: sqs:* on ${queue}`],
    ],
    [
      "with NotAction",
      [receive],
      [{ Effect: "Allow", NotAction: "iam:*", Resource: "*" }],
      ["all but iam:* on *"],
    ],
  ])("%s", (_what, before, after, allows) => {
    expect(widened(policy(...before), policy(...after))).toEqual(allows);
  });

  it("when it is new", () => {
    expect(widened(undefined, policy(receive))).toEqual([`sqs:ReceiveMessage on ${queue}`]);
  });
});

describe("a policy is not wider", () => {
  it.each<[what: string, before: object[], after: object[]]>([
    [
      "in another order",
      [receive, { Effect: "Allow", Action: "s3:*", Resource: "*" }],
      [{ Effect: "Allow", Action: "s3:*", Resource: "*" }, receive],
    ],
    [
      "when a wildcard becomes what it stood for",
      [{ ...receive, Action: "sqs:*", Resource: "*" }],
      [receive],
    ],
    [
      "with a condition more",
      [receive],
      [{ ...receive, Condition: { Bool: { "aws:SecureTransport": "true" } } }],
    ],
    ["when a text becomes a list of one", [{ ...receive, Action: "SQS:ReceiveMessage" }], [receive]],
    [
      "with a wider prohibition",
      [{ Effect: "Deny", Action: "sqs:SendMessage", Resource: queue }],
      [{ Effect: "Deny", Action: "sqs:*", Resource: queue }],
    ],
  ])("%s", (_what, before, after) => {
    expect(widened(policy(...before), policy(...after))).toEqual([]);
  });
});

it("whoever may call a function by a new permission is named", () => {
  const permission = {
    ...change(undefined, ""),
    token: "aws:lambda/permission:Permission",
    after: { inputs: { principal: "sns.amazonaws.com", action: "lambda:InvokeFunction" }, outputs: {} },
  };

  expect(wideningsOf([permission]).flatMap(({ allows }) => allows)).toEqual([
    "sns.amazonaws.com, lambda:InvokeFunction, anything",
  ]);
});
