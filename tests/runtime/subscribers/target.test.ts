import { describe, expect, it } from "vitest";
import type { SubscriberDefinition } from "../../../runtime/stage/definition.js";
import { createTarget } from "../../../runtime/subscribers/target.js";

const forward = {
  url: "https://example.com/hook",
  timeoutSeconds: 10,
  permanentStatuses: [410],
};
const subscriber = (target: SubscriberDefinition["target"]): SubscriberDefinition => ({
  name: "stripe.billing",
  source: "stripe",
  signature: { kind: "none" },
  target,
});
const billing = () => {};

describe("the target of a subscriber", () => {
  it("is the handler file that it names", () => {
    const code = { handlers: { billing }, forwarders: {} };
    expect(createTarget(subscriber({ handler: "billing" }), code)).toBe(billing);
  });

  it("is its own forwarder", () => {
    const code = { handlers: {}, forwarders: { stripe: () => {}, "stripe.billing": billing } };
    expect(createTarget(subscriber({ forward }), code)).toBe(billing);
  });

  it.each([
    ["a handler", { handler: "constructor" }, "there is no handler constructor"],
    ["a forwarder", { forward }, "it has no forwarder"],
  ])("must exist: %s", (_, target, message) => {
    expect(() => createTarget(subscriber(target), { handlers: {}, forwarders: {} })).toThrow(
      `subscriber stripe.billing has no target: ${message}`,
    );
  });
});
