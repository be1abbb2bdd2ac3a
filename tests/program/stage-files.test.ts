import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { parseDocument } from "yaml";
import { root } from "../support/imports.js";

/**
 * `pulumi stack init` and `pulumi config set` write a stage's file anew, in their own style. A file that has this style
 * already changes by its salt and what was set, and by nothing else; tests/engine/stage-files.test.ts has Pulumi do it.
 */
describe.each(["dev", "prod"])("Pulumi.%s.yaml", (stack) => {
  const text = readFileSync(join(root, `Pulumi.${stack}.yaml`), "utf8");
  const document = parseDocument(text);

  it("is written as Pulumi writes it", () => {
    expect(document.toString({ flowCollectionPadding: false, lineWidth: 0 })).toBe(text);
  });

  it("has a text for each setting that is neither an object nor a list", () => {
    const { config } = document.toJS() as { config: Record<string, unknown> };

    expect(
      Object.entries(config).filter(([, value]) => !["string", "object"].includes(typeof value)),
    ).toEqual([]);
  });
});
