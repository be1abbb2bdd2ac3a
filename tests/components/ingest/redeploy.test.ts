import { describe, expect, it } from "vitest";
import { SqsIngestApi, type SqsIngestApiArgs } from "../../../components/sqs-ingest-api.js";
import { restApiArgs } from "../../support/default-args.js";
import { registered } from "../../support/registered.js";

const deploymentType = "aws:apigateway/deployment:Deployment";

const queueArn = "arn:aws:sqs:eu-west-1:000000000000:events-queue";

const github = { name: "github" } as const;

/** The trigger of the one deployment; another one is what makes API Gateway publish the API anew. */
async function triggerOf(changes: Partial<SqsIngestApiArgs>): Promise<unknown> {
  const args: SqsIngestApiArgs = {
    ...restApiArgs,
    queues: { github: { arn: queueArn }, stripe: { arn: queueArn } },
    sources: [github, { name: "stripe" }],
    ...changes,
  };
  const { one } = await registered(() => new SqsIngestApi("events", args));
  return one(deploymentType).inputs.triggers;
}

const withGithub = (changes: object): Partial<SqsIngestApiArgs> => ({
  sources: [{ ...github, ...changes }, { name: "stripe" }],
});

describe("the front door is deployed anew", () => {
  const changes: [what: string, from: Partial<SqsIngestApiArgs>, to: Partial<SqsIngestApiArgs>][] = [
    ["a source is taken away", {}, { sources: [github] }],
    ["a source is renamed", {}, { sources: [github, { name: "square" }], queues: both("github", "square") }],
    ["the body mode, and with it binary types and template", {}, { bodyMode: "text" }],
    ["the accepted types", {}, { contentTypes: ["application/json"] }],
    ["the path", {}, { pathPrefix: "hooks" }],
    ["the queue", {}, { queues: { github: { arn: `${queueArn}-2` }, stripe: { arn: queueArn } } }],
    ["the queue's kind, and with it the template", {}, { fifo: true }],
    ["a group id", { fifo: true }, { fifo: true, ...withGithub({ orderBy: "header:x-order" }) }],
    ["a deduplication id", { fifo: true }, { fifo: true, ...withGithub({ deduplicateBy: "json:id" }) }],
    ["the policy comes", {}, withGithub({ allowedCidrs: ["192.0.2.0/24"] })],
    [
      "an address in the policy",
      withGithub({ allowedCidrs: ["192.0.2.0/24"] }),
      withGithub({ allowedCidrs: ["192.0.2.0/25"] }),
    ],
    ["an API key is asked for", {}, withGithub({ apiKey: true })],
    ["a handshake, and with it the responses", {}, withGithub({ handshake: { kind: "slack" } })],
    ["another handshake", {}, withGithub({ handshake: { kind: "meta", verifyToken: "a-token-of-ours" } })],
    [
      "a handshake's token",
      withGithub({ handshake: { kind: "meta", verifyToken: "a-token-of-ours" } }),
      withGithub({ handshake: { kind: "meta", verifyToken: "another-token" } }),
    ],
    [
      "a schema",
      { bodyMode: "text", ...withGithub({ edgeSchema: { type: "object" } }) },
      { bodyMode: "text", ...withGithub({ edgeSchema: { type: "object", required: ["id"] } }) },
    ],
  ];
  it.each(changes)("when this changes: %s", async (_, from, to) => {
    expect(await triggerOf(to)).not.toEqual(await triggerOf(from));
  });

  const others: [what: string, changes: Partial<SqsIngestApiArgs>][] = [
    ["nothing", {}],
    ["tags", { tags: { team: "payments" } }],
    ["how long the access log is kept", { accessLogRetentionDays: 7 }],
    ["keys that encrypt", { queueKeyArn: "arn:aws:kms:::key/queue", logKeyArn: "arn:aws:kms:::key/log" }],
    ["the stage's limits", { throttling: { requestsPerSecond: 1, burst: 2 } }],
    ["a source's limits", withGithub({ throttling: { requestsPerSecond: 1, burst: 2 } })],
    ["who owns the account's logging role", { ownsAccountLogging: false }],
    ["a web ACL", { webAclArn: "arn:aws:wafv2:eu-west-1:000000000000:regional/webacl/a/b" }],
    [
      "a domain",
      { customDomain: { domainName: "hooks.example.com", certificateArn: "arn:aws:acm:::certificate/a" } },
    ],
    // Standard queues have no use for it.
    ["an order that is not kept", withGithub({ orderBy: "header:x-order" })],
  ];
  it.each(others)("and not when this does: %s", async (_, to) => {
    expect(await triggerOf(to)).toEqual(await triggerOf({}));
  });

  it("whenever the document does, and never else: the order of settings does not count", async () => {
    const keysInAnotherOrder = {
      type: "object",
      properties: { b: { type: "string" }, a: { type: "string" } },
    };
    const [one, other] = [
      { bodyMode: "text", ...withGithub({ edgeSchema: keysInAnotherOrder }) },
      {
        bodyMode: "text",
        ...withGithub({
          edgeSchema: { properties: { a: { type: "string" }, b: { type: "string" } }, type: "object" },
        }),
      },
    ] as const;

    expect(await triggerOf(one)).toEqual(await triggerOf(other));
  });
});

function both(...names: string[]): SqsIngestApiArgs["queues"] {
  return Object.fromEntries(names.map((name) => [name, { arn: queueArn }]));
}
