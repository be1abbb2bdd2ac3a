import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { copyOfRepository, EngineStack, noEngine } from "../support/engine/stack.js";
import { root } from "../support/imports.js";

describe.skipIf(noEngine)("a stage's file as it is checked in", () => {
  let folder: string;

  beforeAll(() => {
    folder = copyOfRepository();
  });
  afterAll(() => new EngineStack(folder, "").remove());

  it.each(["dev", "prod"])(
    "changes by its salt alone when a newcomer makes the stack and sets a value: %s",
    async (name) => {
      const stack = new EngineStack(folder, name);
      await stack.init();
      await stack.pulumi(["config", "set", "aws:region", "eu-west-1", "--stack", name]);

      const lines = (file: string) =>
        readFileSync(join(file, `Pulumi.${name}.yaml`), "utf8")
          .trim()
          .split("\n");
      expect(lines(folder).filter((line) => !line.startsWith("encryptionsalt: "))).toEqual(lines(root));
    },
  );
});
