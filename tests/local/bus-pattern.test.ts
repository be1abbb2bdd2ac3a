import { expect, it } from "vitest";
import { compileBusPattern } from "../../local/bus-pattern.js";

const event = {
  version: "0",
  id: "1",
  "detail-type": "Webhook Dead-Lettered",
  source: "webhooks",
  account: "000000000000",
  time: "2026-01-01T12:00:00Z",
  region: "eu-west-1",
  resources: [],
  detail: { stage: "prod", source: "stripe.billing", attempts: 14 },
} as const;

it.each<[string, object, boolean]>([
  ["a prefix", { source: ["webhooks"], detail: { source: [{ prefix: "stripe" }] } }, true],
  ["another type", { "detail-type": ["Webhook Invalid"] }, false],
  ["a number", { detail: { attempts: [{ numeric: [">", 13] }] } }, true],
  ["a value that may not be there", { detail: { leftOut: [{ exists: false }], stage: ["dev"] } }, false],
])("a bus's rule matches by the patterns of filters: %s", (_, pattern, fits) => {
  expect(compileBusPattern(pattern)(event)).toBe(fits);
});

it.each<[string, object, RegExp]>([
  [
    "a part that events do not have",
    { body: { a: [1] } },
    /^body is not a part of an event: .*detail-type, source.* and detail$/,
  ],
  ["an operator that there is not", { detail: { a: [{ like: "b" }] } }, /^detail a 0/],
])("a bus's rule is refused with its place for %s", (_, pattern, message) => {
  expect(() => compileBusPattern(pattern)).toThrow(message);
});
