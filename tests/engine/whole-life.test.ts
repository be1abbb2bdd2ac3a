import { afterAll, describe, expect, it } from "vitest";
import {
  copyOfRepository,
  EngineStack,
  noEngine,
  type Settings,
  settingsIn,
} from "../support/engine/stack.js";

/** Every stage that this repository has, from its first `pulumi up` to `pulumi destroy`, on Pulumi's engine and the AWS provider. */

const stages = {
  dev: "Pulumi.dev.yaml",
  prod: "Pulumi.prod.yaml",
  canary: "tests/fixtures/Pulumi.canary.yaml",
  dedicated: "tests/fixtures/Pulumi.dedicated.yaml",
  fifo: "tests/fixtures/Pulumi.fifo.yaml",
  http: "tests/fixtures/Pulumi.http.yaml",
  "rest-everything": "tests/fixtures/Pulumi.rest-everything.yaml",
  targets: "tests/fixtures/Pulumi.targets.yaml",
  vpc: "tests/fixtures/Pulumi.vpc.yaml",
};

describe.skipIf(noEngine)("a stage", () => {
  const stacks: EngineStack[] = [];
  afterAll(() => {
    for (const stack of stacks) stack.remove();
  });

  it.concurrent.each(Object.entries(stages))(
    "comes up, is unchanged when it is previewed again, and can be taken down: %s",
    async (name, file) => {
      const settings = settingsIn(file);
      const stack = new EngineStack(copyOfRepository(), `whole-life-of-${name}`);
      stacks.push(stack);
      await stack.init();

      expect((await stack.up(settings)).problems).toEqual([]);
      expect(await stack.preview(settings)).toMatchObject({ steps: [], problems: [] });

      // As docs/changing-a-stage.md says.
      const unguarded = withoutGuards(settings);
      expect((await stack.up(unguarded)).problems).toEqual([]);
      expect((await stack.destroy(unguarded)).problems).toEqual([]);
      expect(await stack.resources()).toEqual([]);
    },
    900_000,
  );
});

/** The settings with which a stage can be taken down. */
function withoutGuards(settings: Settings): Settings {
  const history = settings.history as Settings | undefined;
  return {
    ...settings,
    protect: false,
    ...(history?.deletionProtection === true ? { history: { ...history, deletionProtection: false } } : {}),
  };
}
