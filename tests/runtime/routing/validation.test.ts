import { describe, expect, it } from "vitest";
import { z } from "zod";
import { defineHandler } from "../../../runtime/define-handler.js";
import { describeProblems } from "../../../runtime/routing/problems.js";
import { checkSchema, type MakeValidator, type Validator } from "../../../runtime/routing/validation.js";
import { requireForValidators } from "../../../runtime/routing/validator-modules.js";
import { runHandlerOn } from "../../../runtime/testing.js";
import { validatorCode } from "../../../settings/json-schema.js";

const schema = {
  type: "object",
  required: ["id", "customer"],
  properties: {
    id: { type: "string", pattern: "^o-" },
    kind: { enum: ["a", "b"] },
    customer: {
      type: "object",
      required: ["email"],
      properties: { email: { type: "string", format: "email" }, age: { minimum: 18 } },
      additionalProperties: false,
    },
    "a/b~c": { type: "number" },
    items: { type: "array", items: { type: "object", required: ["sku"] } },
  },
};

/** A schema as the function gets it: as a module of its own. */
async function bundled(source: object): Promise<{ validator: Validator; text: string }> {
  const text = validatorCode(source as Record<string, unknown>);
  const { default: make } = (await import(`data:text/javascript,${encodeURIComponent(text)}`)) as {
    default: MakeValidator;
  };
  return { validator: make(requireForValidators), text };
}

async function run(source: object, body: unknown) {
  const { validator } = await bundled(source);
  return runHandlerOn(
    defineHandler((webhook) => checkSchema(validator, webhook)),
    { source: "shop", body },
  );
}

describe("a source's schema", () => {
  it("lets bodies pass that fit", async () => {
    const body = {
      id: "o-1",
      kind: "a",
      customer: { email: "a@example.com" },
      items: [{ sku: "x" }],
      more: 1,
    };
    expect(await run(schema, body)).toMatchObject({ outcome: "processed" });
  });

  it("names the first five problems of one that does not, each by its path, and no value", async () => {
    const body = {
      id: "mark-1",
      kind: "mark-2",
      customer: { email: "mark-3", age: 7, extra: "mark-4" },
      "a/b~c": "mark-5",
      items: [{}, { sku: "mark-6" }],
    };
    const { outcome, reason = "" } = await run(schema, body);
    expect(outcome).toBe("invalid");
    expect(reason).toMatch(/^the body does not fit the schema: /);
    expect(reason).toMatch(/; and 2 more$/);
    const all = [
      "id: must match pattern",
      "customer.extra: must NOT have additional properties",
      "kind: must be equal to one",
    ];
    for (const problem of all) expect(reason).toContain(problem);
    expect(reason).not.toMatch(/mark|7/);
    expect(reason.split("; ")).toHaveLength(6);
  });

  it("calls a body invalid that is not JSON", async () => {
    expect(await run(schema, "{")).toMatchObject({ outcome: "invalid", reason: "the body is not JSON" });
  });

  it("reads the pointers of unusual keys", async () => {
    const body = { id: "o-1", customer: { email: "a@example.com" }, "a/b~c": "x" };
    expect(await run(schema, body)).toMatchObject({
      reason: expect.stringContaining(": a/b~c: must be number"),
    });
  });

  it.each([
    [
      {
        $schema: "http://json-schema.org/draft-07/schema#",
        definitions: { n: { type: "number" } },
        $ref: "#/definitions/n",
      },
    ],
    [{ $schema: "https://json-schema.org/draft/2019-09/schema", type: "number" }],
    [
      {
        $schema: "https://json-schema.org/draft/2020-12/schema",
        $defs: { n: { type: "number" } },
        $ref: "#/$defs/n",
      },
    ],
  ])("may be of draft %j", async (source) => {
    expect(await run(source, 7)).toMatchObject({ outcome: "processed" });
    expect(await run(source, '"x"')).toMatchObject({
      reason: "the body does not fit the schema: the body: must be number",
    });
  });

  it("needs neither ajv nor an evaluation of text in the function", async () => {
    const { text } = await bundled(schema);
    expect(text).not.toMatch(/new Function|\beval\(/);
    expect(text.length).toBeLessThan(10_000);
  });
});

describe("a handler with a schema", () => {
  const handler = defineHandler({
    schema: z.object({
      id: z.string(),
      items: z.array(z.object({ count: z.int().min(1) })),
      on: z.coerce.date(),
    }),
    handle({ id, items, on }, webhook, { log }) {
      const firstCount: number | undefined = items[0]?.count;
      log.info("order", { id, firstCount, year: on.getUTCFullYear(), source: webhook.source });
    },
  });

  it("gets the event as the schema reads it, beside the webhook", async () => {
    const body = { id: "o-1", items: [{ count: 2 }], on: "2026-01-01" };
    const { outcome, logs } = await runHandlerOn(handler, { source: "shop", body });
    expect(outcome).toBe("processed");
    expect(logs).toMatchObject([{ message: "order", id: "o-1", firstCount: 2, year: 2026, source: "shop" }]);
  });

  it("never sees an event that does not fit; the history says where, not what", async () => {
    const body = { id: "o-1", items: [{ count: 2 }, { count: "mark-1" }], on: "mark" };
    const { outcome, reason = "", logs } = await runHandlerOn(handler, { source: "shop", body });
    expect(outcome).toBe("invalid");
    expect(reason).toContain("items.1.count: ");
    expect(reason).toContain("on: ");
    expect(reason).not.toContain("mark");
    expect(logs).toEqual([]);
  });

  it("waits for schemas that take their time", async () => {
    const slow = defineHandler({
      schema: z.object({ id: z.string().refine(async (id) => id.startsWith("o-"), "must be known") }),
      handle: () => {},
    });
    expect(await runHandlerOn(slow, { source: "shop", body: { id: "o-1" } })).toMatchObject({
      outcome: "processed",
    });
    expect(await runHandlerOn(slow, { source: "shop", body: { id: "x" } })).toMatchObject({
      outcome: "invalid",
      reason: "the body does not fit the schema: id: must be known",
    });
  });
});

describe("describeProblems", () => {
  it("stays short whatever keys and messages there are", () => {
    const problems = Array.from({ length: 900 }, () => ({
      path: ["k".repeat(9_000)],
      message: "m".repeat(9_000),
    }));
    const text = describeProblems(problems);
    expect(text.length).toBeLessThan(1_300);
    expect(text).toMatch(/; and 895 more$/);
  });
});
