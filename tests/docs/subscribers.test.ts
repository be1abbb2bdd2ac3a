import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { flowchart, pictured, withPicture } from "../../settings/documentation/subscribers-picture.js";
import { lanesOf } from "../../settings/lanes.js";
import { parseSettings } from "../../settings/settings.js";
import { root } from "../support/imports.js";

const page = readFileSync(join(root, pictured), "utf8");

describe("the picture of subscribers", () => {
  it("shows what the page's example makes", () => {
    expect(withPicture(page) === page, `${pictured} is out of date: run npm run docs`).toBe(true);
  });

  it("changes with the example", () => {
    const changed = page.replace("handler: billing }", "handler: invoices }");

    expect(withPicture(changed)).toContain('target2_0(["invoices.ts"])');
  });

  it("leads each subscriber's webhooks from the source's function through its own queue to its target", () => {
    const orders = { name: "orders", target: { queue: "arn:aws:sqs:eu-west-1:123456789012:orders" } };
    const subscribed = { name: "shop", signature: { scheme: "shopify" }, subscribers: [orders] };
    const queue = { maxReceiveCount: 5 };
    const settings = parseSettings({
      sources: [subscribed],
      queue,
      processor: { backoff: { baseSeconds: 1, maxSeconds: 2 } },
    });

    expect(flowchart(lanesOf(settings, "hooks"))).toBe(
      [
        "```mermaid",
        "flowchart LR",
        "  sender([sender]) --> api[API Gateway]",
        "  api --> queue0",
        '  queue0[("queue<br>hooks")] --> function0["function<br>hooks"]',
        '  queue0 -. "after 5 deliveries" .-> dead0[("dead letters<br>hooks")]',
        '  function0 -- "shop.orders" --> queue1',
        '  queue1[("queue<br>hooks-shop_to_orders")] --> function1["function<br>hooks-shop_to_orders"]',
        '  queue1 -. "after 5 deliveries" .-> dead1[("dead letters<br>hooks-shop_to_orders")]',
        '  function1 -- "shop.orders" --> target1_0(["queue arn:aws:sqs:eu-west-1:123456789012:orders"])',
        "```",
      ].join("\n"),
    );
  });

  it("needs an example and a place", () => {
    expect(() => withPicture("no example")).toThrow("there is no example or no place in the document");
  });
});
