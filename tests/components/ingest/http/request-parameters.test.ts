import { describe, expect, it } from "vitest";
import { requestParameters } from "../../../../components/ingest/http/request-parameters.js";
import type { HttpIngestSource } from "../../../../settings/http-ingest-source.js";

const url = "https://sqs.eu-west-1.amazonaws.com/000000000000/webhooks";
const github: HttpIngestSource = { name: "github", headers: ["x-hub-signature-256", "x-github-delivery"] };

const parametersOf = (source = github, fifo = false) => requestParameters(source, { url, fifo });
const attributesOf = (source?: HttpIngestSource) =>
  JSON.parse(String(parametersOf(source).MessageAttributes)) as Record<string, object>;

describe("what a route sends to SQS", () => {
  it("is the whole body, to a queue and in a group that no request decides", () => {
    expect(parametersOf()).toMatchObject({
      QueueUrl: url,
      MessageBody: "$request.body",
      MessageGroupId: "github",
    });
  });

  it("says who, when, from where and what with, in front of anything a sender wrote", () => {
    const attributes = attributesOf();

    expect(Object.keys(attributes)).toEqual([
      "webhook",
      "header.content-type",
      "header.x-hub-signature-256",
      "header.x-github-delivery",
    ]);
    expect(attributes.webhook).toEqual({
      DataType: "String",
      StringValue: `1 github \${context.requestTimeEpoch} \${context.requestId} \${context.identity.sourceIp} \${context.path}`,
    });
  });

  it("has no attribute that is empty for want of a header or parameter", () => {
    const attributes = attributesOf({ ...github, queryParameters: ["token"] });

    expect(attributes["header.x-github-delivery"]).toEqual({
      DataType: "String",
      StringValue: `=\${request.header.x-github-delivery}`,
    });
    expect(attributes["query.token"]).toEqual({
      DataType: "String",
      StringValue: `=\${request.querystring.token}`,
    });
  });

  it("carries each header once", () => {
    expect(Object.keys(attributesOf({ name: "crm", headers: ["content-type", "x-id", "x-id"] }))).toEqual([
      "webhook",
      "header.content-type",
      "header.x-id",
    ]);
  });

  it("lets SQS drop nothing on a FIFO queue: no two requests have the same id", () => {
    expect(parametersOf(github, true).MessageDeduplicationId).toBe("$context.requestId");
    expect(parametersOf(github, false)).not.toHaveProperty("MessageDeduplicationId");
  });
});
