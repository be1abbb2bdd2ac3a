import { describe, expect, it } from "vitest";
import type { NameValue } from "../../../runtime/envelope/headers.js";
import { Webhook } from "../../../runtime/envelope/webhook.js";
import { filteredEvent } from "../../../runtime/filter/filtered-event.js";
import { hiddenValues } from "../../../runtime/filter/hidden-values.js";
import { envelopeOf } from "../../support/sqs-events.js";

const pattern = { fields: [], anyOf: [[]] };

function seen(
  body: string | Buffer,
  { headers = [], query = [] }: { headers?: readonly NameValue[]; query?: readonly NameValue[] } = {},
) {
  const envelope = envelopeOf({
    source: "shop",
    headers: [...headers],
    query: [...query],
    body: Buffer.from(body),
  });
  const webhook = new Webhook(envelope, {
    id: "shop/1",
    eventId: "1",
    attempt: 1,
    eventType: "header:x-topic",
  });
  return filteredEvent(webhook, pattern);
}

const form: NameValue = ["Content-Type", "application/x-www-form-urlencoded"];

describe("what patterns see of a webhook", () => {
  it("is its source, type and method", () => {
    expect(seen("{}", { headers: [["X-Topic", "order.paid"]] }).event).toMatchObject({
      source: "shop",
      type: "order.paid",
      method: "POST",
    });
  });

  it("is no type where it has none", () => {
    const webhook = new Webhook(envelopeOf({}), { id: "shop/1", eventId: "1", attempt: 1 });
    expect(filteredEvent(webhook, pattern).event).not.toHaveProperty("type");
  });

  it("is headers by their names in lower case, repeated ones as a list", () => {
    const headers: NameValue[] = [
      ["X-Shop", "a"],
      ["x-shop", "b"],
      ["X-SHOP", "c"],
      ["X-Topic", "t"],
      ["__proto__", "p"],
    ];
    const { headers: found } = seen("{}", { headers }).event;
    expect(Object.entries(found)).toEqual([
      ["x-shop", ["a", "b", "c"]],
      ["x-topic", "t"],
      ["__proto__", "p"],
    ]);
  });

  it("is query parameters by their names as they are written", () => {
    const query: NameValue[] = [
      ["Shop", "a"],
      ["shop", "b"],
      ["Shop", ""],
    ];
    expect(seen("{}", { query }).event.query).toEqual({ Shop: ["a", ""], shop: "b" });
  });

  it.each<[string, unknown]>([
    ['{"a":[1,null]}', { a: [1, null] }],
    ["[1]", [1]],
    ["5", 5],
    ["null", null],
  ])("is the value of the JSON body %s, whatever its content type", (body, value) => {
    expect(seen(body).event.body).toEqual(value);
    expect(seen(body, { headers: [form] }).event.body).toEqual(value);
    expect(seen(body).hasJsonBody).toBe(true);
  });

  it("is the fields of a form as texts, repeated ones as a list", () => {
    const { event, hasJsonBody } = seen("a=1&b=x+y&a=2", { headers: [form] });
    expect(event.body).toEqual({ a: ["1", "2"], b: "x y" });
    expect(hasJsonBody).toBe(false);
  });

  it.each<[string, string | Buffer]>([
    ["text", "hello"],
    ["bytes", Buffer.from([0xff, 0x00])],
    ["nothing", ""],
    ["JSON that is broken off", '{"a":'],
  ])("is no body where it is %s", (_, body) => {
    expect(seen(body).event).not.toHaveProperty("body");
  });
});

describe("values that no reason may show", () => {
  const none = { kind: "none" } as const;
  const json = { hasJsonBody: true };

  it("are those that the history does not keep: credentials and redacted values", () => {
    const isHidden = hiddenValues({ signature: none, redact: ["json:customer", "json:items.*.email"] }, json);
    const hidden = [
      ["headers", "authorization"],
      ["body", "customer"],
      ["body", "customer", "name"],
      ["body", "Customer", "name"],
      ["body", "items", 3, "EMAIL"],
      ["body", "items", 3, "email"],
    ];
    const shown = [
      ["source"],
      ["type"],
      ["headers", "x-shop"],
      ["query", "shop"],
      ["body", "customers"],
      ["body", "items", 3, "name"],
      ["body", "items"],
    ];
    expect(hidden.filter((place) => !isHidden(place))).toEqual([]);
    expect(shown.filter(isHidden)).toEqual([]);
  });

  it("are the header and the query parameter with the source's secret", () => {
    const inHeader = hiddenValues({ signature: { kind: "token", header: "x-token" } }, json);
    const inQuery = hiddenValues({ signature: { kind: "token", query: "key" } }, json);
    expect([inHeader(["headers", "x-token"]), inHeader(["headers", "x-shop"])]).toEqual([true, false]);
    expect([inQuery(["query", "key"]), inQuery(["query", "shop"])]).toEqual([true, false]);
  });

  it("are all of a form whose source redacts: it is not kept", () => {
    const isHidden = hiddenValues({ signature: none, redact: ["json:email"] }, { hasJsonBody: false });
    expect(isHidden(["body", "name"])).toBe(true);
  });

  it("are all that the sender wrote where no payload is kept", () => {
    const isHidden = hiddenValues({ signature: none, keepPayload: "none" }, json);
    expect(
      [
        ["headers", "x"],
        ["query", "x"],
        ["body", "x"],
      ].filter((place) => !isHidden(place)),
    ).toEqual([]);
    expect(isHidden(["source"])).toBe(false);
  });
});
