import { describe, expect, it } from "vitest";
import { Authoriser } from "../../iam/authoriser.js";
import { type ApiCall, requiredAccess } from "../../iam/required-access.js";
import { taskHandle } from "../../iam/task-handle.js";
import type { GraphResource } from "../../program/graph.js";
import {
  arnOf,
  graphOf,
  policyOf,
  queueWithDeadLetters,
  resource,
  role,
  type TestStatement,
  urlOf,
} from "../support/graphs.js";

const [orders, deadLetters] = queueWithDeadLetters("orders", 3);
const alsoOrders = resource("aws:sqs/queue:Queue", "also-orders", {
  redrivePolicy: JSON.stringify({ deadLetterTargetArn: arnOf(deadLetters), maxReceiveCount: 3 }),
});
const key = resource("aws:kms/key:Key", "key");
const table = resource("aws:dynamodb/table:Table", "history", {
  serverSideEncryption: { enabled: true, kmsKeyArn: arnOf(key) },
});
const all = [orders, deadLetters, alsoOrders, key, table];

const asked = (service: string, operation: string, input: ApiCall["input"]) =>
  requiredAccess(graphOf(all), { service, operation, input }).map(
    ({ action, resource: on }) => `${action} ${on}`,
  );

describe("a redrive out of a dead-letter queue", () => {
  const dead = arnOf(deadLetters);
  const emptying = ["ReceiveMessage", "DeleteMessage", "GetQueueAttributes"].map(
    (name) => `sqs:${name} ${dead}`,
  );

  it("asks whether it may send to every queue that its messages may go back to", () => {
    expect(asked("sqs", "StartMessageMoveTask", { SourceArn: dead })).toEqual([
      `sqs:StartMessageMoveTask ${dead}`,
      ...emptying,
      `sqs:SendMessage ${arnOf(orders)}`,
      `sqs:SendMessage ${arnOf(alsoOrders)}`,
    ]);
  });

  it("asks for the named destination only, if there is one", () => {
    const input = { SourceArn: dead, DestinationArn: arnOf(alsoOrders) };
    expect(asked("sqs", "StartMessageMoveTask", input)).toEqual([
      `sqs:StartMessageMoveTask ${dead}`,
      ...emptying,
      `sqs:SendMessage ${arnOf(alsoOrders)}`,
    ]);
  });

  it("is cancelled and listed with permissions on the queue that it empties", () => {
    const handle = taskHandle({ taskId: "1", sourceArn: dead });
    expect(asked("sqs", "CancelMessageMoveTask", { TaskHandle: handle })).toEqual([
      `sqs:CancelMessageMoveTask ${dead}`,
      ...emptying,
    ]);
    expect(asked("sqs", "ListMessageMoveTasks", { SourceArn: dead })).toEqual([
      `sqs:ListMessageMoveTasks ${dead}`,
      ...emptying,
    ]);
  });
});

describe("a call that asks for no resource in particular", () => {
  it.each([
    ["sqs", "ListQueues"],
    ["sns", "ListTopics"],
    ["sns", "ListSubscriptions"],
    ["secretsmanager", "ListSecrets"],
    ["secretsmanager", "GetRandomPassword"],
    ["dynamodb", "ListTables"],
    ["lambda", "ListFunctions"],
    ["lambda", "ListEventSourceMappings"],
    ["cloudwatch", "GetMetricData"],
    ["cloudwatch", "ListMetrics"],
    ["cloudwatch", "ListDashboards"],
    ["kinesis", "ListStreams"],
    ["firehose", "ListDeliveryStreams"],
    ["events", "ListEventBuses"],
    ["states", "ListStateMachines"],
  ])("%s: %s needs its permission on everything", (service, operation) => {
    expect(asked(service, operation, {})).toEqual([`${service}:${operation} *`]);
  });

  it("needs none where everybody may ask", () => {
    expect(asked("sts", "GetCallerIdentity", {})).toEqual([]);
  });
});

describe("what operators ask for", () => {
  const arn = (service: string, rest: string) => `arn:aws:${service}:us-east-1:000000000000:${rest}`;
  const group = arn("logs", "log-group:/aws/lambda/a");

  it.each<[string, string, ApiCall["input"], string[]]>([
    ["cloudwatch", "DescribeAlarms", {}, [arn("cloudwatch", "alarm:*")]],
    [
      "cloudwatch",
      "DisableAlarmActions",
      { AlarmNames: ["a", "b"] },
      [arn("cloudwatch", "alarm:a"), arn("cloudwatch", "alarm:b")],
    ],
    ["cloudwatch", "SetAlarmState", { AlarmName: "a" }, [arn("cloudwatch", "alarm:a")]],
    ["cloudwatch", "GetDashboard", { DashboardName: "a" }, ["arn:aws:cloudwatch::000000000000:dashboard/a"]],
    ["logs", "DescribeLogGroups", {}, [arn("logs", "log-group::log-stream:")]],
    ["logs", "FilterLogEvents", { logGroupName: "/aws/lambda/a" }, [`${group}:log-stream:`]],
    ["logs", "FilterLogEvents", { logGroupIdentifier: group }, [`${group}:log-stream:`]],
    [
      "logs",
      "GetLogEvents",
      { logGroupName: "/aws/lambda/a", logStreamName: "s" },
      [`${group}:log-stream:s`],
    ],
    ["lambda", "GetFunction", { FunctionName: "a" }, [arn("lambda", "function:a")]],
    ["lambda", "GetFunction", { FunctionName: arn("lambda", "function:a") }, [arn("lambda", "function:a")]],
    ["lambda", "UpdateEventSourceMapping", { UUID: "u" }, [arn("lambda", "event-source-mapping:u")]],
    ["lambda", "TagResource", { Resource: arn("lambda", "function:a") }, [arn("lambda", "function:a")]],
  ])("%s: %s is allowed by the resource that it names", (service, operation, input, resources) => {
    expect(asked(service, operation, input)).toEqual(resources.map((on) => `${service}:${operation} ${on}`));
  });
});

describe("a table that a customer's key encrypts", () => {
  const useTable = { Action: ["dynamodb:PutItem", "dynamodb:GetItem"], Resource: arnOf(table) };
  const decrypt = { Action: "kms:Decrypt", Resource: arnOf(key) };
  const useKey = {
    Action: ["kms:DescribeKey", "kms:Encrypt", "kms:GenerateDataKey", "kms:ReEncryptFrom", "kms:ReEncryptTo"],
    Resource: arnOf(key),
    Condition: { StringLike: { "kms:ViaService": "dynamodb.*.amazonaws.com" } },
  };
  const call = (operation: string, statements: TestStatement[]) => {
    const made = role("processor", "lambda.amazonaws.com", ...statements);
    const authoriser = new Authoriser(graphOf([...all, ...made]));
    const arn = arnOf(made[0] as GraphResource);
    return () =>
      authoriser.check(
        { kind: "role", arn },
        { service: "dynamodb", operation, input: { TableName: "history" } },
      );
  };

  it("is used by whoever may use table and key", () => {
    expect(call("PutItem", [useTable, decrypt, useKey])).not.toThrow();
    expect(call("GetItem", [useTable, decrypt, useKey])).not.toThrow();
  });

  it("is closed to a role that may only decrypt with the key", () => {
    expect(call("PutItem", [useTable, decrypt])).toThrow("not authorized to perform: kms:DescribeKey");
    expect(call("GetItem", [useTable, decrypt])).toThrow("not authorized to perform: kms:DescribeKey");
  });

  it.each(useKey.Action)("is not written without %s", (action) => {
    const rest = { ...useKey, Action: useKey.Action.filter((each) => each !== action) };
    expect(call("PutItem", [useTable, decrypt, rest])).toThrow(`not authorized to perform: ${action}`);
  });

  it("is closed to a role that may use the key through another service only", () => {
    const elsewhere = { ...useKey, Condition: { StringLike: { "kms:ViaService": "s3.*.amazonaws.com" } } };
    expect(call("PutItem", [useTable, decrypt, elsewhere])).toThrow("not authorized to perform: kms:");
  });
});

describe("policies that the program makes", () => {
  const statement = { Principal: "*", Action: "sqs:SendMessage", Resource: "*" };
  const queuePolicy = (name: string) =>
    resource("aws:sqs/queuePolicy:QueuePolicy", name, {
      queueUrl: urlOf(orders),
      policy: policyOf(statement),
    });

  it("are refused if two are for one resource, of which AWS would keep the last", () => {
    expect(() => new Authoriser(graphOf([...all, queuePolicy("a"), queuePolicy("b")]))).toThrow(
      `QueuePolicy a and QueuePolicy b both set the policy of ${arnOf(orders)}`,
    );
  });

  it.each<[string, Record<string, unknown>, GraphResource]>([
    [
      "inlinePolicies",
      { inlinePolicies: [{ name: "own", policy: policyOf({ Action: "sqs:*", Resource: "*" }) }] },
      resource("aws:iam/rolePolicy:RolePolicy", "other", {
        role: "both",
        policy: policyOf({ Action: "sqs:*", Resource: "*" }),
      }),
    ],
    [
      "managedPolicyArns",
      { managedPolicyArns: [] },
      resource("aws:iam/rolePolicyAttachment:RolePolicyAttachment", "other", {
        role: "both",
        policyArn: "a",
      }),
    ],
  ])("are refused if a role's %s would remove another of its policies", (input, inputs, other) => {
    const [taker] = role("both", "lambda.amazonaws.com", { Action: "sqs:*", Resource: "*" });
    if (taker === undefined) throw new Error("there is no role");
    const both = { ...taker, inputs: { ...taker.inputs, ...inputs } };
    expect(() => new Authoriser(graphOf([...all, both, other]))).toThrow(
      `Role both: ${input} removes all other policies of its kind`,
    );
  });

  it("are read at the start, those of roles that nobody takes included", () => {
    const broken = resource("aws:iam/rolePolicy:RolePolicy", "broken", {
      role: "nobody",
      policy: policyOf({ ...statement }),
    });
    expect(() => new Authoriser(graphOf([...all, broken]))).toThrow(
      "RolePolicy broken: AWS refuses statement 1, which names a Principal",
    );
  });
});
