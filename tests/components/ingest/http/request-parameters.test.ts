import { describe, expect, it } from "vitest";
import { requestParameters } from "../../../../components/ingest/http/request-parameters.js";
import type { HttpIngestSource } from "../../../../settings/http-ingest-source.js";

const url = "https://sqs.eu-west-1.amazonaws.com/000000000000/webhooks";
const github: HttpIngestSource = { name: "github", headers: ["x-hub-signature-256", "x-github-delivery"] };

const parametersOf = (source = github, fifo = false) => requestParameters(source, { url, fifo });
const linesOf = (source?: HttpIngestSource) => {
  const attributes = JSON.parse(String(parametersOf(source).MessageAttributes)) as {
    webhook: { StringValue: string };
  };
  expect(attributes).toEqual({ webhook: { DataType: "String", StringValue: expect.any(String) } });
  return attributes.webhook.StringValue.split("\n");
};

describe("what a route sends to SQS", () => {
  it("is the whole body, to a queue and in a group that no request decides", () => {
    expect(parametersOf()).toMatchObject({
      QueueUrl: url,
      MessageBody: "$request.body",
      MessageGroupId: "github",
    });
  });

  it("says when, from where and what with, in front of anything a sender wrote", () => {
    expect(linesOf({ ...github, queryParameters: ["token"] })).toEqual([
      `2 \${context.requestTimeEpoch} \${context.requestId} \${context.identity.sourceIp} \${context.path}`,
      `content-type=\${request.header.content-type}`,
      `x-hub-signature-256=\${request.header.x-hub-signature-256}`,
      `x-github-delivery=\${request.header.x-github-delivery}`,
      `?token=\${request.querystring.token}`,
    ]);
  });

  it("carries each header once", () => {
    expect(linesOf({ name: "crm", headers: ["content-type", "x-id", "x-id"] }).slice(1)).toEqual([
      `content-type=\${request.header.content-type}`,
      `x-id=\${request.header.x-id}`,
    ]);
  });

  it("lets SQS drop nothing on a FIFO queue: no two requests have the same id", () => {
    expect(parametersOf(github, true).MessageDeduplicationId).toBe("$context.requestId");
    expect(parametersOf(github, false)).not.toHaveProperty("MessageDeduplicationId");
  });
});
