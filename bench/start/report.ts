import { table } from "../../command-line/table.js";
import { ratioOf, spreadOf } from "../statistics.js";
import { verdictTable, withSpread } from "../tables.js";
import { timed, type Verdict } from "../verdicts.js";
import { dedicatedSources, type Starts } from "./time-starts.js";

/** Holds the figures to what is promised of them, as multiples of the bare import in the same round. */
export function judge({ bareImport, program, synth }: Starts): Verdict[] {
  return [
    timed("program ÷ bare import", 2.2, ratioOf(program, bareImport)),
    timed("synth ÷ bare import", 6, ratioOf(synth, bareImport)),
  ];
}

/** The run as tables for people: medians, with the quartiles behind them. */
export function asText({ bareImport, program, synth }: Starts, verdicts: readonly Verdict[]): string {
  const row = (title: string, milliseconds: readonly number[]) => [
    title,
    withSpread(spreadOf(milliseconds), 0),
  ];
  return [
    `${bareImport.length} rounds`,
    "",
    table([
      ["", "ms"],
      row("bare import of @pulumi/aws and @pulumi/awsx", bareImport),
      row("stage dev under Pulumi's language runtime", program),
      row(`synth of a stage with ${dedicatedSources} dedicated sources`, synth),
    ]),
    "",
    verdictTable(verdicts),
  ].join("\n");
}
