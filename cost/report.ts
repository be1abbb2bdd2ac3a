import { assumptions, type Estimate } from "./estimate.js";
import { priceRegion, prices, pricesOf } from "./prices.js";
import type { Traffic } from "./traffic.js";

/** The estimate as a table for people, the largest amount first. */
export function costTable({ lines, dollarsPerMonth, dollarsWhileIdle }: Estimate): string {
  const rows = [
    ["", "quantity", "unit", "USD a month"],
    ...lines
      .toSorted((one, other) => other.dollars - one.dollars)
      .map(({ what, price, quantity, dollars }) => [
        what,
        amount(quantity),
        prices[price].unit,
        money(dollars),
      ]),
    ["together", "", "", money(dollarsPerMonth)],
    ["of this without webhooks", "", "", money(dollarsWhileIdle)],
  ];
  const width = (column: number) => Math.max(...rows.map((row) => row[column]?.length ?? 0));
  return rows
    .map(([what = "", quantity = "", unit = "", dollars = ""]) =>
      [
        what.padEnd(width(0)),
        quantity.padStart(width(1)),
        unit.padEnd(width(2)),
        dollars.padStart(width(3)),
      ].join("  "),
    )
    .join("\n");
}

/** What decides most of an estimate, in sentences: whose prices they are, and how many webhooks of which size come. */
export function basisInWords({ webhooksPerMonth, bodyBytes }: Traffic): string[] {
  return [
    `List prices of ${priceRegion}, read in ${pricesOf}, without free tiers and taxes. Most other Regions cost up to a third more.`,
    `${amount(webhooksPerMonth)} webhooks a month with bodies of ${amount(bodyBytes)} bytes, spread evenly over the sources and the month. No retries, no repetitions.`,
  ];
}

/** All that the estimate takes for granted, in sentences. */
export function assumptionsInWords(traffic: Traffic): string[] {
  const { compressedShare, idlePollers, metricNames, ownMilliseconds } = assumptions;
  const { handlerMilliseconds } = traffic;
  return [
    ...basisInWords(traffic),
    `A JSON body compresses to ${compressedShare} of its size.`,
    `A webhook takes ${ownMilliseconds} ms of the function's own time, and the handler or target ${handlerMilliseconds} ms (--handler). No cold starts.`,
    `Lambda polls an idle queue with ${idlePollers} long polls at a time. Each function and each source has ${metricNames} custom metrics.`,
    "Not counted: what targets cost, data sent to HTTP endpoints, requests to KMS and Secrets Manager, messages of alarms, a web ACL and its rules.",
  ];
}

export function money(dollars: number): string {
  return dollars.toFixed(2);
}

function amount(quantity: number): string {
  const digits = quantity >= 100 ? 0 : 2;
  return quantity.toLocaleString("en-US", { maximumFractionDigits: digits });
}
