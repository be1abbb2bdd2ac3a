import type { Comparison } from "./compare.js";
import { ratioOf, type Spread } from "./statistics.js";

/** A target for the pipeline's own handler, and whether this run met it. */
export interface Verdict {
  readonly target: string;
  /** The largest value that is allowed. */
  readonly limit: number;
  readonly measured: number;
  /** The spread of figures that differ between rounds. */
  readonly spread?: Spread;
  readonly met: boolean;
}

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

function timed(target: string, limit: number, spread: Spread): Verdict {
  return { target, limit, measured: spread.median, spread, met: spread.median <= limit };
}

function counted(target: string, limit: number, measured: number): Verdict {
  return { target, limit, measured, met: measured <= limit };
}
