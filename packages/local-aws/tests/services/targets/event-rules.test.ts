import { describe, expect, it, type TestContext } from "vitest";
import type { GraphResource } from "../../../program/graph.js";
import { startTestCloud } from "../../support/cloud.js";
import { arnOf, policyOf, queue, resource, role } from "../../support/graphs.js";

const bus = resource("aws:cloudwatch/eventBus:EventBus", "orders");
const rule = (inputs: object = {}, eventPattern = { "detail-type": ["order.paid"] }) =>
  resource("aws:cloudwatch/eventRule:EventRule", "paid", {
    name: "paid",
    eventBusName: "orders",
    eventPattern: JSON.stringify(eventPattern),
    ...inputs,
  });
const target = (to: GraphResource, inputs: object = {}) =>
  resource("aws:cloudwatch/eventTarget:EventTarget", `to-${to.name}`, {
    rule: "paid",
    eventBusName: "orders",
    arn: arnOf(to),
    ...inputs,
  });
const openTo = (Service: string, Action: string, of: GraphResource, SourceArn = arnOf(rule())) =>
  policyOf({
    Principal: { Service },
    Action,
    Resource: arnOf(of),
    Condition: { ArnEquals: { "aws:SourceArn": SourceArn } },
  });
const queuePolicy = (of: GraphResource, policy: string) =>
  resource("aws:sqs/queuePolicy:QueuePolicy", `${of.name}-policy`, { queueUrl: of.id, policy });

/** A pattern of equal types only: what patterns mean is not this package's. */
const byType = (pattern: unknown) => (event: { "detail-type": string }) =>
  (pattern as { "detail-type": string[] })["detail-type"].includes(event["detail-type"]);

async function startRules(
  { onTestFinished }: Pick<TestContext, "onTestFinished">,
  ...resources: GraphResource[]
) {
  const problems: string[] = [];
  const { cloud, close } = await startTestCloud(() => [bus, ...resources], {
    compileEventPattern: byType,
    onProblem: (problem) => problems.push(problem),
  });
  onTestFinished(close);
  const put = (DetailType: string, EventBusName = "orders") =>
    cloud.call(
      { kind: "operator" },
      {
        service: "events",
        operation: "PutEvents",
        input: { Entries: [{ EventBusName, Source: "shop", DetailType, Detail: '{"total":5}' }] },
      },
    );
  return { cloud, problems, put };
}

describe("a rule of a bus", () => {
  it("hands what fits its pattern to a queue whose policy lets it", async (context) => {
    const paid = queue("paid");
    const { cloud, problems, put } = await startRules(
      context,
      paid,
      queuePolicy(paid, openTo("events.amazonaws.com", "sqs:SendMessage", paid)),
      rule(),
      target(paid),
    );
    await put("order.paid");
    await put("order.refunded");
    await put("order.paid", "default");

    const bodies = cloud.sqs
      .queueByArn(arnOf(paid))
      ?.peek()
      .map(({ body }) => JSON.parse(body));
    expect(bodies).toEqual([
      expect.objectContaining({ "detail-type": "order.paid", source: "shop", detail: { total: 5 } }),
    ]);
    expect(problems).toEqual([]);
  });

  it("tells of a queue whose policy does not let it, as AWS would not", async (context) => {
    const paid = queue("paid");
    const { cloud, problems, put } = await startRules(
      context,
      paid,
      queuePolicy(paid, openTo("events.amazonaws.com", "sqs:SendMessage", paid, `${arnOf(rule())}-other`)),
      rule(),
      target(paid),
    );
    await put("order.paid");

    expect(cloud.sqs.queueByArn(arnOf(paid))?.peek()).toEqual([]);
    expect(problems).toEqual([
      expect.stringMatching(
        /^EventTarget to-paid: .*events\.amazonaws\.com.* not authorized to perform: sqs:SendMessage/,
      ),
    ]);
  });

  it("publishes to a topic, and starts a state machine with the target's role", async (context) => {
    const topic = resource("aws:sns/topic:Topic", "paid", {});
    const policy = resource("aws:sns/topicPolicy:TopicPolicy", "policy", {
      arn: arnOf(topic),
      policy: openTo("events.amazonaws.com", "sns:Publish", topic),
    });
    const machine = resource("aws:sfn/stateMachine:StateMachine", "ship");
    const [starter, ...rest] = role("starter", "events.amazonaws.com", {
      Action: "states:StartExecution",
      Resource: arnOf(machine),
    });
    if (starter === undefined) throw new Error("no role");
    const { cloud, problems, put } = await startRules(
      context,
      topic,
      policy,
      machine,
      starter,
      ...rest,
      rule(),
      target(topic, { input: '{"told":true}' }),
      target(machine, { roleArn: arnOf(starter) }),
    );
    await put("order.paid");

    expect(problems).toEqual([]);
    expect(cloud.sns.inbox.map(({ message }) => message)).toEqual(['{"told":true}']);
    expect(cloud.stepFunctions.executions.of(arnOf(machine)).map(({ input }) => input)).toEqual([
      expect.objectContaining({ detail: { total: 5 } }),
    ]);
  });

  it("does nothing while it is disabled", async (context) => {
    const paid = queue("paid");
    const { problems, put } = await startRules(context, paid, rule({ state: "DISABLED" }), target(paid));
    await put("order.paid");
    expect(problems).toEqual([]);
  });
});

it("lets a schedule be, which sends nothing here", async () => {
  const schedule = rule({ eventPattern: undefined, scheduleExpression: "rate(5 minutes)" });
  await expect(startTestCloud(() => [bus, schedule])).resolves.toBeDefined();
});

describe("a rule that this machine cannot follow", () => {
  const start = (...resources: GraphResource[]) =>
    startTestCloud(() => [bus, ...resources], { compileEventPattern: byType });

  it.each<[string, () => Promise<unknown>, RegExp]>([
    [
      "has neither a pattern nor a schedule",
      () => start(rule({ eventPattern: undefined })),
      /EventRule paid: it has neither eventPattern nor scheduleExpression/,
    ],
    [
      "has a pattern that is not JSON",
      () => start(rule({ eventPattern: "{" })),
      /EventRule paid: eventPattern .*JSON/,
    ],
    [
      "leads to the program's own function",
      () => start(rule(), target(resource("aws:lambda/function:Function", "own"))),
      /EventTarget to-own: rules on this machine hand events to queues, topics and state machines, not to arn:aws:lambda/,
    ],
    [
      "starts a state machine without a role",
      () => start(rule(), target(resource("aws:sfn/stateMachine:StateMachine", "ship"))),
      /EventTarget to-ship: a state machine needs roleArn/,
    ],
    [
      "changes what it hands on",
      () => start(rule(), target(queue("paid"), { inputPath: "$.detail" })),
      /"inputPath"/,
    ],
    [
      "nobody can read",
      () => startTestCloud(() => [bus, rule()]),
      /EventRule paid: event patterns are not known here/,
    ],
  ])("stops the start: it %s", async (_, started, message) => {
    await expect(started()).rejects.toThrow(message);
  });
});
