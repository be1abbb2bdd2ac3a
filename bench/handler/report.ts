import type { Comparison } from "./compare.js";
import { type HandlerName, handlerNames } from "./contenders/contenders.js";
import { type Spread, spreadOf } from "./statistics.js";
import type { Verdict } from "./targets.js";

const titles: Readonly<Record<HandlerName, string>> = {
  ours: "this pipeline",
  powertools: "Powertools",
  sequential: "sequential",
};

/** The run as tables for people: medians and quartiles. */
export function asText(comparison: Comparison, verdicts: readonly Verdict[]): string {
  const { rounds, webhooks, batchSize, latencyMilliseconds, handlers, sdkOnly } = comparison;
  const rows = handlerNames.map((name) => {
    const { billedMilliseconds, writeUnits, writeUnitsRepeated, requests, bundleBytes, coldImports } =
      handlers[name];
    return [
      titles[name],
      withSpread(spreadOf(billedMilliseconds)),
      writeUnits.toFixed(2),
      writeUnitsRepeated.toFixed(2),
      requests.toFixed(2),
      kilobytes(bundleBytes),
      withSpread(spreadOf(coldImports), 1),
    ];
  });
  const floor = [
    "SDK only",
    "",
    "",
    "",
    "",
    kilobytes(sdkOnly.bundleBytes),
    withSpread(spreadOf(sdkOnly.coldImports), 1),
  ];
  const heading = [
    "",
    "billed ms / webhook",
    "write units",
    "if repeated",
    "requests",
    "bundle",
    "cold import, ms",
  ];
  return [
    `${rounds} rounds of ${webhooks} webhooks in batches of ${batchSize}, DynamoDB answering ${latencyMilliseconds} ms late`,
    "",
    table([heading, ...rows, floor]),
    "",
    table([
      ["target", "at most", "measured", ""],
      ...verdicts.map(({ target, limit, measured, spread, met }) => [
        target,
        figure(limit),
        spread === undefined ? figure(measured) : withSpread(spread),
        met ? "pass" : "MISS",
      ]),
    ]),
  ].join("\n");
}

/** The run for programs, with every single figure. */
export function asJson(comparison: Comparison, verdicts: readonly Verdict[]): string {
  return JSON.stringify({ ...comparison, verdicts }, null, 2);
}

function withSpread({ median, lowerQuartile, upperQuartile }: Spread, digits = 2): string {
  return `${median.toFixed(digits)} (${lowerQuartile.toFixed(digits)}–${upperQuartile.toFixed(digits)})`;
}

function figure(value: number): string {
  return value < 10 ? value.toFixed(2) : value.toFixed(1);
}

function kilobytes(bytes: number): string {
  return `${(bytes / 1_000).toFixed(1)} KB`;
}

function table(rows: readonly (readonly string[])[]): string {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  return rows
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join("  ")
        .trimEnd(),
    )
    .join("\n");
}
