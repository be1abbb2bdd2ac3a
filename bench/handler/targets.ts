import type { Comparison } from "./compare.js";
import { ratioOf, type Spread } from "./statistics.js";

/** A promise about the pipeline's own handler, and whether this run kept it. */
export interface Verdict {
  readonly target: string;
  /** What was measured must not be more. */
  readonly limit: number;
  readonly measured: number;
  /** Of figures that differ from round to round. */
  readonly spread?: Spread;
  readonly met: boolean;
}

/** Holds the figures to what the handler promises. */
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

function timed(target: string, limit: number, spread: Spread): Verdict {
  return { target, limit, measured: spread.median, spread, met: spread.median <= limit };
}

function counted(target: string, limit: number, measured: number): Verdict {
  return { target, limit, measured, met: measured <= limit };
}
