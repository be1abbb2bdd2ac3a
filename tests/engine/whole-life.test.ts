import { afterAll, describe, expect, it } from "vitest";
import { emulator } from "../support/engine/emulator.js";
import { expectAllowed } from "../support/engine/recording/expect-allowed.js";
import { type Recorder, startRecorder } from "../support/engine/recording/recorder.js";
import {
  copyOfRepository,
  EngineStack,
  noEngine,
  type Settings,
  settingsIn,
} from "../support/engine/stack.js";

/**
 * Every stage that this repository has, from its first `pulumi up` to `pulumi destroy`, on Pulumi's engine and the AWS provider.
 * Each call to AWS is one that docs/deploying/deploy-role.json allows. A VPC's are fewer here than on AWS, because another component
 * stands in for that of @pulumi/awsx.
 */

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
  const recorders: Recorder[] = [];
  afterAll(async () => {
    for (const stack of stacks) stack.remove();
    await Promise.all(recorders.map((recorder) => recorder.close()));
  });

  it.concurrent.each(Object.entries(stages))(
    "comes up, is unchanged when it is previewed again, changes, can be taken down, and needs no more than its role allows: %s",
    async (name, file) => {
      const recorder = await startRecorder(emulator ?? "");
      recorders.push(recorder);
      const stack = new EngineStack(copyOfRepository(), `whole-life-of-${name}`, undefined, {
        AWS_ENDPOINT_URL: recorder.endpoint,
      });
      stacks.push(stack);
      await stack.init();
      const first = tagged(settingsIn(file), name);

      expect((await stack.up(first)).problems).toEqual([]);
      recorder.purpose = "preview";
      expect(await stack.preview(first, { refresh: true })).toMatchObject({ steps: [], problems: [] });

      // As docs/changing-a-stage.md says.
      recorder.purpose = "deploy";
      const second = changed(withoutGuards(first));
      expect((await stack.up(second)).problems).toEqual([]);
      expect((await stack.destroy(second)).problems).toEqual([]);
      expect(await stack.resources()).toEqual([]);

      expectAllowed(recorder, name, { stage: name });
    },
    1_800_000,
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

/** Settings with which each kind of resource is updated in place. */
function changed(settings: Settings): Settings {
  const api = (settings.api ?? {}) as Settings;
  return {
    ...settings,
    queue: { ...(settings.queue as Settings), retentionDays: 3 },
    processor: {
      ...(settings.processor as Settings),
      memoryMegabytes: 512,
      logRetentionDays: 5,
      maxConcurrency: 7,
    },
    api: {
      ...api,
      accessLogRetentionDays: 5,
      // The emulator never ends an update of an HTTP API's stage.
      ...(api.kind === "http" ? {} : { throttling: { requestsPerSecond: 30, burst: 60 } }),
    },
    history: { ...(settings.history as Settings), pointInTimeRecovery: true, ttlDays: 60 },
    alarms: { ...(settings.alarms as Settings), failedAttempts: 7 },
  };
}

/** The deployment's role knows by the tag `stage` what belongs to it. */
function tagged(settings: Settings, stage: string): Settings {
  return { ...settings, tags: { stage } };
}
