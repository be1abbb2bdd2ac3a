import { describe, expect, it } from "vitest";
import { openApiDocument } from "../../../components/ingest/openapi.js";

interface Integration {
  readonly requestTemplates: Record<string, string>;
  readonly passthroughBehavior: string;
  readonly contentHandling: string;
  readonly responses: Record<
    string,
    { statusCode: string; contentHandling: string; responseTemplates: Record<string, string> }
  >;
}

interface Operation {
  readonly responses: Record<string, object>;
  readonly "x-amazon-apigateway-integration": Integration;
}

const contentTypes = ["application/json", "application/x-www-form-urlencoded"];

const document = openApiDocument({
  title: "events",
  stageNames: ["v1"],
  pathPrefixes: ["webhooks"],
  sources: [{ name: "github" }],
  bodyMode: "bytes",
  fifo: false,
  contentTypes,
  integrationUris: { github: "arn:aws:apigateway:eu-west-1:sqs:path/000000000000/queue" },
  credentialsArn: "arn:aws:iam::000000000000:role/api",
}) as {
  paths: Record<string, { post: Operation }>;
  "x-amazon-apigateway-gateway-responses": Record<
    string,
    { statusCode?: number; responseTemplates: Record<string, string> }
  >;
};

const operation = document.paths["/webhooks/github"]?.post as Operation;
const integration = operation["x-amazon-apigateway-integration"];

describe("the front door's document", () => {
  it("lets no body through that has not been through the template", () => {
    expect(integration.passthroughBehavior).toBe("never");
    expect(integration.contentHandling).toBe("CONVERT_TO_TEXT");
    expect(Object.keys(integration.requestTemplates)).toEqual(contentTypes);
  });

  it("writes one template for every type, without a line break at its end", () => {
    const templates = new Set(Object.values(integration.requestTemplates));

    expect(templates.size).toBe(1);
    expect([...templates].every((template) => !template.endsWith("\n"))).toBe(true);
  });

  it("never takes a JSON path of the body or the body itself unencoded", () => {
    const template = integration.requestTemplates["application/json"] ?? "";

    expect(template).not.toMatch(/\$input\.(json|path)/);
    expect(template.match(/\$input\.body/g)).toHaveLength(1);
    expect(template).toContain("#set($body = $input.body)");
    expect(template).toContain("$util.urlEncode($body)");
  });

  it("reports success for SQS's 2xx alone; everything else is a 5xx", () => {
    const byPattern = Object.entries(integration.responses).map(([pattern, { statusCode }]) => [
      pattern,
      statusCode,
    ]);

    expect(byPattern).toEqual([
      ["2\\d{2}", "200"],
      ["default", "502"],
    ]);
  });

  it("declares every status it may answer and turns each answer to text", () => {
    for (const { statusCode, contentHandling } of Object.values(integration.responses)) {
      expect(operation.responses).toHaveProperty(statusCode);
      expect(contentHandling).toBe("CONVERT_TO_TEXT");
    }
  });

  it("answers accepted webhooks with the id they can be traced by", () => {
    expect(integration.responses["2\\d{2}"]?.responseTemplates).toEqual({
      "application/json": '{"id":"$context.extendedRequestId"}',
    });
  });

  it.each([
    ["MISSING_AUTHENTICATION_TOKEN", 404],
    ["UNSUPPORTED_MEDIA_TYPE", 415],
    ["THROTTLED", 429],
  ])("answers %s with %d and a small JSON body", (type, status) => {
    const response = document["x-amazon-apigateway-gateway-responses"][type];

    expect(response?.statusCode).toBe(status);
    const body = JSON.parse(response?.responseTemplates["application/json"] ?? "");
    expect(body).toEqual({ message: expect.any(String), id: "$context.extendedRequestId" });
  });
});
