import { type CostChange, compareCosts } from "../../cost/compare.js";
import { estimate } from "../../cost/estimate.js";
import { assumptionsInWords, basisInWords, money } from "../../cost/report.js";
import { type Operations, type StageResource, stageShape } from "../../cost/stage-shape.js";
import type { Traffic } from "../../cost/traffic.js";
import type { Plan, State } from "./changes.js";

/** What a month costs before and after a plan, for the same webhooks. */
export interface MonthlyCost {
  /** Undefined: it cannot be known. */
  readonly change: CostChange | undefined;
  readonly traffic: Traffic;
}

/** Estimates what a plan does to the monthly cost, from the resources before and after. */
export function monthlyCostOf({ resources, outputs }: Plan, traffic: Traffic): MonthlyCost {
  const isNew = !resources.before.some(({ type }) => type.startsWith("aws:"));
  const before = shapeOf(resources.before, outputs.before);
  const after = shapeOf(resources.after, outputs.after);
  if (after === undefined || (before === undefined && !isNew)) return { change: undefined, traffic };
  const former = before === undefined ? undefined : estimate(before, traffic);
  return { change: compareCosts(former, estimate(after, traffic)), traffic };
}

/** Undefined if the stage does not tell what its lanes are: it is of an older release, or its sources are secret. */
function shapeOf(resources: readonly StageResource[], { operations }: State["outputs"]) {
  const { lanes, historyTtlDays } = (operations ?? {}) as Partial<Operations>;
  if (typeof lanes !== "object" || typeof historyTtlDays !== "number") return undefined;
  // An older release did not tell which metrics it sends.
  if (Object.values(lanes).some((lane) => !Array.isArray(lane.countedBySource))) return undefined;
  return stageShape(resources, { lanes, historyTtlDays });
}

/** How many lines of the estimate are told. */
const shownLines = 5;

export interface CostInWords {
  readonly sum: string;
  /** What differs most. */
  readonly lines: readonly string[];
  /** What is taken for granted. */
  readonly basis: readonly string[];
}

export function costInWords({ change, traffic }: MonthlyCost): CostInWords {
  if (change === undefined) {
    return {
      sum: "Monthly cost: not known, because the stage does not tell its lanes (an older release, or secret sources)",
      lines: [],
      basis: [],
    };
  }
  const { before, after, lines } = change;
  const told = lines
    .map((line) => ({ ...line, difference: signed(line.after - line.before) }))
    .filter(({ difference }) => difference !== signed(0));
  const more = told.length - shownLines;
  return {
    sum:
      before === after
        ? `Monthly cost: about ${money(after)} USD, as before`
        : `Monthly cost: about ${money(after)} USD, before ${money(before)} USD (${signed(after - before)})`,
    lines: [
      ...told.slice(0, shownLines).map(({ what, difference }) => `${difference} ${what}`),
      ...(more > 0 ? [`and ${more} more, with --json`] : []),
    ],
    basis: [...basisInWords(traffic), "--webhooks, --body and --handler assume others."],
  };
}

export function costAsJson({ change, traffic }: MonthlyCost): object | null {
  return change === undefined
    ? null
    : { ...change, currency: "USD", assumptions: assumptionsInWords(traffic) };
}

function signed(dollars: number): string {
  const text = money(Math.abs(dollars));
  return dollars < 0 && text !== money(0) ? `-${text}` : `+${text}`;
}
