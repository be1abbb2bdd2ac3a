import { readFileSync } from "node:fs";
import { join } from "node:path";
import * as pulumi from "@pulumi/pulumi";
import { describe, expect, expectTypeOf, it } from "vitest";
import type { WebhookPipeline } from "../../components/webhook-pipeline.js";
import {
  pluginSettingsFile,
  settingsAsInterfaces,
} from "../../documentation/plugin/settings-as-interfaces.js";
import type { WebhookPipeline as PackagedPipeline } from "../../plugin/index.mjs";
import { PipelineProvider } from "../../plugin/pipeline-provider.mjs";
import { packageImports, repositoryFiles, root } from "../support/imports.js";

const type = "webhook-pipeline:index:WebhookPipeline";
const sources = [{ name: "github", signature: { scheme: "github" } }];
const construct = (inputs: pulumi.Inputs) => new PipelineProvider().construct("hooks", type, inputs, {});

describe("Pulumi's package", () => {
  it("checks settings as a stage's file is checked, and gives each problem with its path", async () => {
    const wrong = {
      sources: [{ name: "GitHub", signature: { scheme: "github" } }],
      queue: { retentionDays: 20 },
    };
    const error = await construct(wrong).catch((reason) => reason);

    expect(pulumi.InputPropertiesError.isInstance(error)).toBe(true);
    expect((error as pulumi.InputPropertiesError).errors).toEqual([
      { propertyPath: "sources[0].name", reason: expect.any(String) },
      { propertyPath: "queue.retentionDays", reason: expect.stringContaining("days") },
    ]);
  });

  it("says of settings that another resource makes why they cannot be so", async () => {
    const error = await construct({ sources, tags: { team: pulumi.unknown } }).catch((reason) => reason);

    expect(pulumi.InputPropertyError.isInstance(error)).toBe(true);
    expect(error).toMatchObject({
      propertyPath: "tags",
      reason: expect.stringContaining("the settings decide which resources there are"),
    });
  });

  it("has every output that the component has", () => {
    // The type check compares them.
    expectTypeOf<keyof PackagedPipeline>().toEqualTypeOf<keyof WebhookPipeline>();
  });

  it("has the settings of today, written by npm run docs", () => {
    expect(readFileSync(join(root, pluginSettingsFile), "utf8")).toBe(settingsAsInterfaces());
  });

  it("installs what the program imports, in the program's versions", () => {
    const [whole, own] = ["package.json", "plugin/package.json"].map((file) =>
      JSON.parse(readFileSync(join(root, file), "utf8")),
    );
    const parts = ["runtime", "providers", "settings", "components", "plugin"];
    const imported = repositoryFiles()
      .filter((file) => /\.m?ts$/.test(file) && parts.includes(file.split("/")[0] ?? ""))
      .flatMap(packageImports)
      .map((specifier) =>
        specifier
          .split("/")
          .slice(0, specifier.startsWith("@") ? 2 : 1)
          .join("/"),
      )
      .filter((name) => whole.dependencies[name] !== undefined);

    expect(imported).toContain("@pulumi/aws");
    expect(Object.keys(own.dependencies)).toEqual(expect.arrayContaining([...new Set(imported)]));
    expect({ ...whole.devDependencies, ...whole.dependencies }).toMatchObject(own.dependencies);
    expect(own.version).toBe(whole.version);
  });
});
