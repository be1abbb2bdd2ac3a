import { archiveFiles } from "local-aws";
import { describe, expect, it } from "vitest";
import { bundleProcessor } from "../../../components/support/bundle.js";
import stripe from "../../../providers/stripe.js";
import { providers } from "../../../providers/support/known.js";
import type { SourceDefinition } from "../../../runtime/stage/definition.js";

const crm: SourceDefinition = {
  name: "crm",
  signature: { kind: "none" },
  eventId: [],
  eventType: "json:type",
};

function bundle(changes: Partial<SourceDefinition> = {}) {
  const stage = {
    timeoutSeconds: 30,
    concurrency: 10,
    historyTtlDays: 60,
    backoff: { baseSeconds: 10, maxSeconds: 900 },
  };
  return bundleProcessor({ ...stage, sources: [{ ...crm, ...changes }] }, "runtime/handlers");
}

async function textOf({ code }: ReturnType<typeof bundle>): Promise<string> {
  return [...(await archiveFiles(code)).values()].join("\n");
}

const toGithub = { byEventType: [{ match: "push", to: { handler: "github" } }] };
const fromGithubsHandler = "GitHub sends a ping";

describe("the function's bundle", () => {
  it("has the handlers that sources route to, and no others", async () => {
    expect(await textOf(bundle())).not.toContain(fromGithubsHandler);
    expect(await textOf(bundle({ routes: toGithub }))).toContain(fromGithubsHandler);
    const otherwise = { byEventType: [], otherwise: { handler: "github" } };
    expect(await textOf(bundle({ routes: otherwise }))).toContain(fromGithubsHandler);
  });

  it("is refused without a handler that a source routes to, by the file's name", () => {
    const routes = { byEventType: [{ match: "push", to: { handler: "gone" } }] };
    expect(() => bundle({ routes })).toThrow(
      "runtime/handlers/gone.ts: is missing; the source crm routes to it",
    );
  });

  it("holds of the providers only how the stage's own sources sign", async () => {
    const { signature, eventId } = stripe;
    const text = await textOf(bundle({ signature, eventId }));
    expect(text).toContain("stripe-signature");
    for (const { links, secret, sample } of Object.values(providers)) {
      for (const known of [...links, secret.store, sample.body]) expect(text).not.toContain(known);
    }
    expect(text).not.toContain("x-shopify-hmac-sha256");
  });

  it("has a source's schema as code, the same each time", async () => {
    const schema = { type: "object", required: ["id"] };
    expect(await textOf(bundle({ schema }))).toContain("must have required property 'id'");
    expect(await textOf(bundle())).not.toContain("must have required property");
    expect(bundle({ schema }).sha256).toBe(bundle({ schema }).sha256);
  });
});
