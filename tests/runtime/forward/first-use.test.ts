import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { Webhook } from "../../../runtime/envelope/webhook.js";
import { forwardersOnFirstUse } from "../../../runtime/forward/first-use.js";
import { runHandler } from "../../../runtime/routing/run-handler.js";
import { createSecrets } from "../../../runtime/signatures/secrets.js";
import type { SourceDefinition } from "../../../runtime/stage/definition.js";
import { createLog } from "../../../runtime/telemetry/log.js";
import { envelopeOf } from "../../support/sqs-events.js";
import { startTarget, type Target } from "../../support/target.js";

let target: Target;
beforeEach(async () => {
  target = await startTarget();
});
afterEach(() => target.stop());

const clock = Date.now;
const log = createLog({ level: "ERROR", writeLine: () => {}, clock });
const secrets = createSecrets({ names: {}, fetchSecret: async () => undefined, clock, warn: log.warn });

function sourceOf(name: string, forwarded: boolean): SourceDefinition {
  const forward = {
    url: `${target.origin}/${name}`,
    timeoutSeconds: 5,
    permanentStatuses: [],
    allowPrivateNetwork: true,
  };
  return { name, signature: { kind: "none" }, eventId: [], ...(forwarded ? { forward } : {}) };
}

describe("forwardersOnFirstUse", () => {
  it("pass each source's webhooks on to its own target, and know no source without one", async () => {
    const sources = [sourceOf("shop", true), sourceOf("crm", true), sourceOf("quiet", false)];
    const forwarders = forwardersOnFirstUse({ sources }, { secrets, clock });
    expect(Object.keys(forwarders)).toEqual(["shop", "crm"]);

    const results = await Promise.all(
      Object.entries(forwarders).map(([source, forwarder]) => {
        const webhook = new Webhook(envelopeOf({ source }), { id: `${source}/1`, eventId: "1", attempt: 1 });
        return runHandler(forwarder, webhook, {
          deadline: { signal: new AbortController().signal, remainingMilliseconds: () => 5_000 },
          log: createLog({ level: "ERROR", writeLine: () => {}, clock }),
        });
      }),
    );

    expect(results).toEqual([{ outcome: "processed" }, { outcome: "processed" }]);
    expect(target.requests.map(({ url }) => url).sort()).toEqual(["/crm", "/shop"]);
  });
});
