import { describe, expect, it } from "vitest";
import { Webhook } from "../../../runtime/envelope/webhook.js";
import type { OverflowStore } from "../../../runtime/payload/overflow.js";
import { runHandler } from "../../../runtime/routing/run-handler.js";
import { createSourceHandler } from "../../../runtime/routing/source-handler.js";
import type { SourceDefinition } from "../../../runtime/stage/definition.js";
import { targetsOnFirstUse } from "../../../runtime/targets/first-use.js";
import type { TargetContext } from "../../../runtime/targets/send.js";
import { createLog } from "../../../runtime/telemetry/log.js";
import { targets } from "../../support/aws-target.js";
import { envelopeOf } from "../../support/sqs-events.js";

const source: SourceDefinition = {
  name: "shop",
  signature: { kind: "none" },
  eventId: [],
  target: targets.queue,
};

/** Opens the source's target as a module would, and says how often, and in what context. */
function opening(
  settings: Partial<SourceDefinition> = {},
  rest: Omit<Parameters<typeof targetsOnFirstUse>[1], "targetModules"> = {},
) {
  const contexts: TargetContext[] = [];
  const handed: string[] = [];
  const made = targetsOnFirstUse([{ ...source, ...settings }], {
    ...rest,
    targetModules: {
      queue: async () => (_, context) => {
        contexts.push(context);
        return (webhook) => void handed.push(webhook.id);
      },
    },
  });
  const handler = createSourceHandler(source, {
    handlers: {},
    validators: {},
    forwarders: {},
    targets: made,
  });
  const hand = () =>
    runHandler(handler, new Webhook(envelopeOf(), { id: "shop/1", eventId: "1", attempt: 1 }), {
      deadline: { signal: new AbortController().signal, remainingMilliseconds: () => 1_000 },
      log: createLog({ level: "ERROR", writeLine: () => {}, clock: Date.now }),
    });
  return { contexts, handed, hand };
}

const overflow: OverflowStore = {
  bucket: "overflow",
  put: async () => {},
  get: async () => new Uint8Array(),
};

describe("a source's target", () => {
  it("takes the webhooks of a source that has no handler, and is opened once, with the first", async () => {
    const { contexts, handed, hand } = opening();
    expect(contexts).toEqual([]);
    expect(await hand()).toEqual({ outcome: "processed" });
    await hand();
    expect(handed).toEqual(["shop/1", "shop/1"]);
    expect(contexts).toHaveLength(1);
  });

  it("that is not in the bundle stops the function", () => {
    expect(() => targetsOnFirstUse([source], {})).toThrow(
      "the bundle does not contain the target queue of shop: deploy the function with this stack's program",
    );
  });

  it.each([
    ["has a bucket for what is too large", overflow, "overflow"],
    ["has none that takes nothing new", { ...overflow, readOnly: true }, undefined],
    ["has none where the stage has none", undefined, undefined],
  ])("%s", async (_, store, name) => {
    const { contexts, hand } = opening({}, { overflow: store });
    await hand();
    expect(contexts[0]?.bucket?.name).toBe(name);
  });

  it.each([
    [undefined, "none"],
    ["all", "all"],
  ] as const)("knows that payloads are not kept: a source's %s, the stage's none", async (own, known) => {
    const { contexts, hand } = opening(own === undefined ? {} : { keepPayload: own }, {
      keepPayload: "none",
    });
    await hand();
    expect(contexts[0]?.source.keepPayload).toBe(known);
  });
});
