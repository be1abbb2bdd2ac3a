import { execFileSync } from "node:child_process";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { copyOfRepository, EngineStack, noEngine, type Settings } from "../support/engine/stack.js";

/** The pipeline as a Pulumi package, in programs of other teams. They have the same settings as this stage of index.ts. */
const settings: Settings = {
  sources: [{ name: "github", signature: { scheme: "github" } }],
  processor: { memoryMegabytes: 1024 },
  history: { overflow: false },
  alarms: { https: ["https://pager.example.com/hidden-path"] },
  protect: false,
};
/** No other test has stages in this Region. */
const region = "eu-south-2";
const hidden = "hidden-path";

/** What is made, without the stack itself and the providers. */
const own = (steps: readonly { readonly op: string; readonly resource: string }[]) =>
  steps
    .filter(({ op, resource }) => op === "create" && !/^Stack | default/.test(resource))
    .map(({ resource }) => resource)
    .sort();
/** The package's component stands around the program's. */
const withPackage = (resources: readonly string[]) => ["WebhookPipeline webhooks", ...resources].sort();

describe.skipIf(noEngine)("the pipeline as a package", () => {
  let repository: string;
  let stage: EngineStack;
  let resources: readonly string[];

  beforeAll(async () => {
    repository = copyOfRepository();
    // What a downloaded package installs is here already, in the repository's own folder.
    mkdirSync(join(repository, "plugin/node_modules"));
    stage = new EngineStack(repository, "shop", region);
    await stage.init();
    const { steps, problems } = await stage.preview(settings);
    if (problems.length > 0) throw new Error(problems.join("\n"));
    resources = own(steps);
  }, 600_000);
  afterAll(() => stage?.remove());

  it("tells a program in any language its settings, with their types", async () => {
    const { code, output } = await stage.pulumi(["package", "get-schema", "./plugin"]);
    expect(code, output).toBe(0);
    const schema = JSON.parse(output.slice(output.indexOf("{"), output.lastIndexOf("}") + 1));

    expect(schema.name).toBe("webhook-pipeline");
    expect(schema.resources["webhook-pipeline:index:WebhookPipeline"]).toMatchObject({
      isComponent: true,
      requiredInputs: ["sources"],
      inputProperties: { processor: { $ref: "#/types/webhook-pipeline:index:ProcessorSettings" } },
    });
    expect(schema.types["webhook-pipeline:index:ProcessorSettings"].properties).toMatchObject({
      memoryMegabytes: { type: "number", description: "128 to 10240. Default: 512." },
    });
  }, 300_000);

  describe("in a TypeScript program", () => {
    let program: EngineStack;

    beforeAll(async () => {
      program = new EngineStack(join(repository, "tests/fixtures/own-programs/typescript"), "shop", region);
      await program.init();
    }, 120_000);
    afterAll(() => program?.destroy({}), 600_000);

    it("comes up with the same resources as a stage of index.ts, and has nothing to change then", async () => {
      const { steps, problems } = await program.up({});

      expect(problems).toEqual([]);
      expect(own(steps)).toEqual(withPackage(resources));
      expect((await program.preview({})).steps).toEqual([]);
    }, 900_000);

    it("keeps a secret setting out of the state", async () => {
      expect((await program.resources()).length).toBeGreaterThan(resources.length);
      expect(JSON.stringify(await program.resources())).not.toContain(hidden);
    }, 120_000);
  });

  describe.skipIf(noLanguageHost("yaml"))("in a YAML program", () => {
    it("is planned with the same resources", async () => {
      const program = new EngineStack(
        join(repository, "tests/fixtures/own-programs/yaml"),
        "shop-yaml",
        region,
      );
      await program.init();
      const { steps, problems } = await program.preview({});

      expect(problems).toEqual([]);
      expect(own(steps)).toEqual(withPackage(resources));
    }, 600_000);
  });
});

/** Pulumi's download has a language host for YAML; an engine that was built from its sources may have none. */
function noLanguageHost(language: string): boolean {
  try {
    execFileSync("sh", ["-c", `command -v pulumi-language-${language}`], { stdio: "ignore" });
    return false;
  } catch {
    console.warn(`skipped: there is no pulumi-language-${language} on the PATH`);
    return true;
  }
}
