import { readdirSync } from "node:fs";
import { Validator } from "@seriousme/openapi-schema-validator";
import { type Graph, resourcesOfType } from "local-aws";
import { describe, expect, it } from "vitest";
import { stageGraph } from "../../support/stage-graphs.js";

const folder = "tests/fixtures";

/** Stage files under tests/fixtures, by their stage's name; those that are wrong on purpose say so in their names. */
const fixtures = readdirSync(folder)
  .flatMap((file) => /^Pulumi\.(.+)\.yaml$/.exec(file)?.[1] ?? [])
  .filter((stack) => !stack.endsWith("-mistakes"))
  .map((stack) => [stack, `${folder}/Pulumi.${stack}.yaml`] as const);

/** The documents of a stage's REST APIs; a stage with an HTTP API has none. */
function documentsOf(graph: Graph): Record<string, unknown>[] {
  return resourcesOfType(graph, "aws:apigateway/restApi:RestApi").map(({ inputs }) =>
    JSON.parse(String(inputs.body)),
  );
}

async function problemsOf(document: Record<string, unknown>): Promise<unknown> {
  const validator = new Validator();
  const { valid, errors } = await validator.validate(document);
  expect(validator.version).toBe("3.0");
  return valid ? [] : errors;
}

describe("the OpenAPI document", () => {
  it.each([["dev", undefined], ["prod", undefined], ...fixtures] as const)(
    "of stage %s is one by OpenAPI's own schema",
    async (stack, stageFile) => {
      const graph = await stageGraph(stack, stageFile);

      for (const document of documentsOf(graph)) expect(await problemsOf(document)).toEqual([]);
    },
  );

  it("of the stage with everything has all that the front door offers", async () => {
    const stageFile = `${folder}/Pulumi.rest-everything.yaml`;
    const [document = {}] = documentsOf(await stageGraph("rest-everything", stageFile));

    expect(Object.keys(document.paths as object)).toEqual([
      "/in/hooks/github",
      "/in/hooks/partner",
      "/in/hooks/slack",
      "/in/hooks/whatsapp",
    ]);
    expect(document).toMatchObject({
      paths: {
        "/in/hooks/whatsapp": { get: { "x-amazon-apigateway-integration": { type: "mock" } } },
        "/in/hooks/partner": {
          post: { security: [{ apiKey: [] }], "x-amazon-apigateway-request-validator": "body" },
        },
      },
      "x-amazon-apigateway-policy": { Version: "2012-10-17" },
      "x-amazon-apigateway-binary-media-types": [],
    });
  });

  it("is told from one that is none", async () => {
    const [document = {}] = documentsOf(await stageGraph("dev"));
    const { info: _, ...withoutInfo } = document;

    expect(await problemsOf(withoutInfo)).not.toEqual([]);
    expect(await problemsOf({ ...document, paths: { "no-slash": { post: {} } } })).not.toEqual([]);
  });
});
