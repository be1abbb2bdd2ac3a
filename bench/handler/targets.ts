import { ratioOf } from "../statistics.js";
import { counted, timed, type Verdict } from "../verdicts.js";
import type { Comparison } from "./compare.js";

/** Compares the figures with the handler's targets. */
export function judge({ handlers, sdkOnly }: Comparison): Verdict[] {
  const { ours, powertools, sequential } = handlers;
  return [
    timed("time ÷ sequential", 1 / 3, ratioOf(ours.billedMilliseconds, sequential.billedMilliseconds)),
    timed("time ÷ Powertools", 2 / 3, ratioOf(ours.billedMilliseconds, powertools.billedMilliseconds)),
    counted("write units ÷ Powertools", 0.4, ours.writeUnits / powertools.writeUnits),
    counted("bundle, KB", 450, ours.bundleBytes / 1_000),
    timed("cold import ÷ SDK only", 1.25, ratioOf(ours.coldImports, sdkOnly.coldImports)),
  ];
}
