import { table } from "../../command-line/table.js";
import { spreadOf } from "../statistics.js";
import { verdictTable, withSpread } from "../tables.js";
import type { Verdict } from "../verdicts.js";
import type { Comparison } from "./compare.js";
import { type HandlerName, handlerNames } from "./contenders/contenders.js";

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
    verdictTable(verdicts),
  ].join("\n");
}

/** The run for programs, with every single figure. */
export function asJson(comparison: Comparison, verdicts: readonly Verdict[]): string {
  return JSON.stringify({ ...comparison, verdicts }, null, 2);
}

function kilobytes(bytes: number): string {
  return `${(bytes / 1_000).toFixed(1)} KB`;
}
