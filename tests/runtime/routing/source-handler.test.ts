import { describe, expect, it } from "vitest";
import { defineHandler, InvalidWebhookError, type WebhookHandler } from "../../../runtime/define-handler.js";
import { createSourceHandler, type SourceCode } from "../../../runtime/routing/source-handler.js";
import type { SourceDefinition } from "../../../runtime/stage/definition.js";
import { runHandlerOn } from "../../../runtime/testing.js";

const base: SourceDefinition = {
  name: "shop",
  signature: { kind: "none" },
  eventId: [],
  eventType: "json:type",
};

/** Handlers that note who was called. */
function recording() {
  const called: string[] = [];
  const named = (name: string): WebhookHandler => defineHandler(() => void called.push(name));
  const code = (...names: string[]): SourceCode => ({
    handlers: Object.fromEntries(names.map((name) => [name, named(name)])),
    validators: {},
    forwarders: {},
  });
  return { called, code, forwarders: { shop: named("forward") } };
}

async function routed(
  changes: Partial<SourceDefinition>,
  type: unknown,
  names = ["shop", "orders", "tickets"],
) {
  const { called, code, forwarders } = recording();
  const handler = createSourceHandler({ ...base, ...changes }, { ...code(...names), forwarders });
  const { outcome, reason } = await runHandlerOn(handler, {
    source: "shop",
    eventType: "json:type",
    body: { type },
  });
  return { outcome, reason, called };
}

describe("a source without routes", () => {
  it("has its webhooks handled by the file of its name", async () => {
    expect(await routed({}, "order.paid")).toMatchObject({ outcome: "processed", called: ["shop"] });
  });

  it("forwards them if there is no such file, and records them if it does not forward either", async () => {
    expect(await routed({}, "order.paid", [])).toMatchObject({ outcome: "processed", called: ["forward"] });
    const handler = createSourceHandler(base, recording().code());
    expect(await runHandlerOn(handler, { source: "shop", eventType: "json:type", body: {} })).toMatchObject({
      outcome: "processed",
    });
  });

  it("is not handled by what every object has", async () => {
    const handler = createSourceHandler({ ...base, name: "constructor" }, recording().code());
    expect(await runHandlerOn(handler, { source: "constructor", body: {} })).toMatchObject({
      outcome: "processed",
    });
  });
});

describe("routes", () => {
  const routes = {
    byEventType: [
      { match: "order.*", to: { handler: "orders" } },
      { match: "*.deleted", to: "record" },
      { match: "order.refunded", to: { handler: "tickets" } },
      { match: "ticket.*", to: "forward" },
    ],
  } as const;

  it.each([
    ["a pattern's handler", "order.paid", ["orders"]],
    ["the handler of its own name before any pattern's", "order.refunded", ["tickets"]],
    ["the first of two patterns that fit", "order.deleted", ["orders"]],
    ["nobody, where it is only to be recorded", "user.deleted", []],
    ["the forward", "ticket.opened", ["forward"]],
    ["the source's own handler for a type that is not named", "user.created", ["shop"]],
    ["the source's own handler without a type", undefined, ["shop"]],
  ])("give a webhook to %s", async (_, type, called) => {
    expect(await routed({ routes }, type)).toEqual({ outcome: "processed", reason: undefined, called });
  });

  it.each(["user.created", undefined])("give %s to the default where there is one", async (type) => {
    const otherwise = { handler: "tickets" };
    expect(await routed({ routes: { ...routes, otherwise } }, type)).toMatchObject({ called: ["tickets"] });
    expect(await routed({ routes: { ...routes, otherwise: "record" } }, type)).toMatchObject({ called: [] });
  });

  it("are refused when the function starts, if they lead to where nothing is", () => {
    const missing = { byEventType: [{ match: "a", to: { handler: "gone" } }] };
    const { code } = recording();
    expect(() => createSourceHandler({ ...base, routes: missing }, code("shop"))).toThrow(
      "source shop has a route without a target: there is no handler gone",
    );
    const forwards = { byEventType: [{ match: "a", to: "forward" }] } as const;
    expect(() => createSourceHandler({ ...base, routes: forwards }, code("shop"))).toThrow(
      "it has no forward",
    );
  });
});

describe("filters", () => {
  it.each([
    ["an included type", { include: ["order.*"] }, "order.paid", undefined],
    [
      "another type",
      { include: ["order.*"] },
      "user.paid",
      "filter.include does not name its event type, user.paid",
    ],
    [
      "an excluded type",
      { exclude: ["*.viewed"] },
      "page.viewed",
      "filter.exclude names its event type, page.viewed",
    ],
    [
      "a type that is included and excluded",
      { include: ["*"], exclude: ["a"] },
      "a",
      "filter.exclude names its event type, a",
    ],
    [
      "no type, where some are included",
      { include: ["*"] },
      undefined,
      "it has no event type, and filter.include requires one",
    ],
    ["no type, where some are excluded", { exclude: ["*"] }, undefined, undefined],
  ])("see to %s", async (_, filter, type, reason) => {
    expect(await routed({ filter }, type)).toEqual({
      outcome: reason === undefined ? "processed" : "ignored",
      reason,
      called: reason === undefined ? ["shop"] : [],
    });
  });

  const byValue = { fields: [{ path: ["body", "total"], clauses: [1] }], anyOf: [[0]] };

  it("look at the values of what their types let through", async () => {
    const run = async (filter: SourceDefinition["filter"] & object, body: object) => {
      const { code } = recording();
      const handler = createSourceHandler({ ...base, filter }, code("shop"));
      return (await runHandlerOn(handler, { source: "shop", eventType: "json:type", body })).reason;
    };
    const both = { exclude: ["b"], pattern: byValue };

    expect(await run(both, { type: "a", total: 1 })).toBeUndefined();
    expect(await run(both, { type: "a", total: 2 })).toBe("filter.pattern: body.total was 2, needs 1");
    expect(await run(both, { type: "b", total: 2 })).toBe("filter.exclude names its event type, b");
    const byType = { fields: [{ path: ["type"], clauses: ["a"] }], anyOf: [[0]] };
    expect(await run({ pattern: byType }, { type: "a" })).toBeUndefined();
    expect(await run({ pattern: byType }, { type: "b" })).toBe('filter.pattern: type was "b", needs "a"');
  });

  it("come before the schema also where they look at values", async () => {
    const { code } = recording();
    const validators = {
      shop: Object.assign(() => false, { errors: [{ instancePath: "/a", message: "is bad" }] }),
    };
    const source = { ...base, filter: { pattern: byValue }, schema: {} };
    const handler = createSourceHandler(source, { ...code("shop"), validators });
    const run = (total: number) => runHandlerOn(handler, { source: "shop", body: { total } });

    expect(await run(2)).toMatchObject({ outcome: "ignored" });
    expect(await run(1)).toMatchObject({ outcome: "invalid", reason: expect.stringContaining("a: is bad") });
  });

  it("come before the schema, and the schema before the handler", async () => {
    const { called, code } = recording();
    const source = { ...base, filter: { exclude: ["skipped"] }, schema: {} };
    const validators = {
      shop: Object.assign(() => false, { errors: [{ instancePath: "/a", message: "is bad" }] }),
    };
    const handler = createSourceHandler(source, { ...code("shop"), validators });
    const run = (type: string) =>
      runHandlerOn(handler, { source: "shop", eventType: "json:type", body: { type } });
    expect(await run("skipped")).toMatchObject({ outcome: "ignored" });
    expect(await run("other")).toMatchObject({
      outcome: "invalid",
      reason: "the body does not fit the schema: a: is bad",
    });
    expect(called).toEqual([]);
  });
});

describe("createSourceHandler", () => {
  it("refuses a schema that was not compiled", () => {
    expect(() => createSourceHandler({ ...base, schema: {} }, recording().code())).toThrow(
      "the schema of source shop is not compiled",
    );
  });

  it("hands on what the handler answers and throws", async () => {
    const handlers = {
      shop: defineHandler(() => {
        throw new InvalidWebhookError("told to be");
      }),
    };
    const handler = createSourceHandler(base, { handlers, validators: {}, forwarders: {} });
    expect(await runHandlerOn(handler, { source: "shop", eventType: "json:type", body: {} })).toMatchObject({
      outcome: "invalid",
      reason: "told to be",
    });
  });
});
