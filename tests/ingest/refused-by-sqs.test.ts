import type { CallService, ServiceResponse } from "local-aws";
import {
  type Graph,
  type GraphResource,
  type Received,
  sendRequest,
  serveRestApi,
  serviceCaller,
  startCloud,
} from "local-aws";
import { afterEach, beforeAll, describe, expect, it } from "vitest";
import { readProgram } from "../../local/program.js";
import { idIn } from "../support/ingest-pipeline.js";
import { lookup } from "../support/registered.js";

/** Changes what the program registers, as somebody might by hand or by mistake. */
type Change = (resource: GraphResource) => GraphResource | undefined;

const queueType = "aws:sqs/queue:Queue";

let graph: Graph;
beforeAll(async () => {
  graph = await readProgram({ stack: "dev" });
});

let close = async () => {};
afterEach(() => close());

/** The dev stage's front door and queues, without its function: what is queued stays there. */
async function open(
  change: Change = (resource) => resource,
  wrap = (call: CallService): CallService => call,
) {
  const changed = { ...graph, resources: graph.resources.flatMap((resource) => change(resource) ?? []) };
  const cloud = await startCloud(changed);
  const executionLog: string[] = [];
  const accessLog: string[] = [];
  const gateway = await serveRestApi({
    graph: changed,
    restApi: lookup(changed.resources).one("aws:apigateway/restApi:RestApi"),
    callService: wrap(serviceCaller(cloud)),
    onExecutionLog: (line) => executionLog.push(line),
    onAccessLog: (line) => accessLog.push(line),
  });
  close = async () => {
    close = async () => {};
    await gateway.close();
    await cloud.close();
  };
  return {
    post: (body: string | Uint8Array = "{}") => sendRequest(`${gateway.url}/v1/webhooks/github`, { body }),
    queued: () => cloud.sqs.queues().reduce((sum, queue) => sum + queue.peek().length, 0),
    access: () => JSON.parse(accessLog.at(-1) ?? "{}") as Record<string, string>,
  };
}

const without =
  (...names: string[]): Change =>
  (resource) =>
    names.includes(resource.name) ? undefined : resource;

const withInputs =
  (type: string, name: string, inputs: Record<string, unknown>): Change =>
  (resource) =>
    resource.type === type && resource.name === name
      ? {
          ...resource,
          inputs: { ...resource.inputs, ...inputs },
          state: { ...resource.state, ...inputs },
        }
      : resource;

function expectNotQueued(answer: Received, queued: number): void {
  expect([answer.status, JSON.parse(answer.body)]).toEqual([
    502,
    { message: "The webhook was not queued.", id: idIn(answer) },
  ]);
  expect(queued).toBe(0);
}

it("a webhook that SQS takes is answered with 200 and is there", async () => {
  const { post, queued } = await open();

  expect((await post()).status).toBe(200);
  expect(queued()).toBe(1);
});

describe("a webhook that SQS refuses is answered with 502 and not queued:", () => {
  it("the role lost its policy (403)", async () => {
    const { post, queued, access } = await open(without("webhooks-api-role-policy"));

    expectNotQueued(await post(), queued());
    expect(access()).toMatchObject({ status: "502", integrationStatus: "403" });
  });

  it("the role trusts another service (403)", async () => {
    const document = {
      Effect: "Allow",
      Principal: { Service: "ec2.amazonaws.com" },
      Action: "sts:AssumeRole",
    };
    const assumeRolePolicy = JSON.stringify({ Version: "2012-10-17", Statement: [document] });
    const { post, queued } = await open(
      withInputs("aws:iam/role:Role", "webhooks-api-role", { assumeRolePolicy }),
    );

    expectNotQueued(await post(), queued());
  });

  it("the queue's policy denies it (403)", async () => {
    const queue = lookup(graph.resources).one(queueType, "webhooks-queue");
    const deny = { Effect: "Deny", Principal: "*", Action: "sqs:SendMessage", Resource: queue.state.arn };
    const policy = JSON.stringify({ Version: "2012-10-17", Statement: [deny] });
    const { post, queued } = await open(
      withInputs("aws:sqs/queuePolicy:QueuePolicy", "webhooks-queue-policy", { policy }),
    );

    expectNotQueued(await post(), queued());
  });

  it("the queue is gone (400)", async () => {
    const { arn } = lookup(graph.resources).one(queueType, "webhooks-queue").state;
    // A queue that a role names by its whole ARN would count as one of another stack.
    const widened: Change = ({ inputs, ...resource }) => ({
      ...resource,
      inputs:
        typeof inputs.policy === "string"
          ? { ...inputs, policy: inputs.policy.replaceAll(`"${arn}"`, `"${arn}*"`) }
          : inputs,
    });
    const gone = without("webhooks-queue", "webhooks-queue-policy", "webhooks-dlq-sources");
    const { post, queued, access } = await open((resource) => {
      const left = gone(resource);
      return left && widened(left);
    });

    expectNotQueued(await post(), queued());
    expect(access()).toMatchObject({ integrationStatus: "400" });
  });

  it("the queue takes smaller messages only (400)", async () => {
    const { post, queued } = await open(withInputs(queueType, "webhooks-queue", { maxMessageSize: 1_024 }));

    expectNotQueued(await post(Buffer.alloc(2_000)), queued());
  });

  const answers: [string, ServiceResponse][] = [
    ["it is throttled (403)", respond(403, "RequestThrottled")],
    ["it is throttled (400)", respond(400, "ThrottlingException")],
    ["the key is disabled (400)", respond(400, "KMS.DisabledException")],
    ["it fails (500)", respond(500, "InternalFailure")],
    ["it is down (503)", respond(503, "ServiceUnavailable")],
    ["it redirects (301)", respond(301, "")],
    ["it answers what is no status (1200)", respond(1200, "")],
    ["it answers 2 (2)", respond(2, "")],
  ];
  it.each(answers)("%s", async (_, response) => {
    const { post, queued } = await open(undefined, () => () => Promise.resolve(response));

    expectNotQueued(await post(), queued());
  });
});

it("a webhook whose SQS cannot be reached is answered with 504, with the id", async () => {
  const { post, queued } = await open(undefined, () => () => Promise.reject(new Error("connect ETIMEDOUT")));
  const answer = await post();

  expect([answer.status, Object.keys(JSON.parse(answer.body))]).toEqual([504, ["message", "id"]]);
  expect(idIn(answer)).toBe(answer.headers["x-amz-apigw-id"]);
  expect(queued()).toBe(0);
});

function respond(status: number, Code: string): ServiceResponse {
  const body = JSON.stringify({ Error: { Code, Message: "refused", Type: "Sender" }, RequestId: "x" });
  return { status, headers: { "content-type": "application/json" }, body: Buffer.from(body) };
}
