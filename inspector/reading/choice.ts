import { readChoice } from "../../ops/history/choice-options.js";
import type { Choice } from "../../ops/history/choose.js";
import type { StageOutputs } from "../../ops/stage/outputs.js";
import { chosenTakers } from "../../ops/stage/takers.js";
import { readFilterLine } from "./filter-line.js";

/**
 * The webhooks that a filter's line means, by the rules of `ops list`.
 *
 * @param now epoch milliseconds
 * @throws UsageError that names the option of `ops list` that is wrong, and what it can be
 */
export function choiceOf(line: string, outputs: StageOutputs, now: number): Choice {
  const { source, outcome, type, since, until, where, text } = readFilterLine(line);
  const choice = readChoice(
    {
      where,
      text,
      ...(outcome.length === 0 ? {} : { outcome }),
      ...(type.length === 0 ? {} : { type }),
      ...(since === undefined ? {} : { since }),
      ...(until === undefined ? {} : { until }),
    },
    outputs,
    now,
  );
  if (source.length === 0) return choice;
  const sources = source.flatMap((name) => {
    const [own = "", subscriber] = name.split(".", 2);
    return chosenTakers(outputs, { source: own, subscriber }).map(({ rememberedAs }) => rememberedAs);
  });
  return { ...choice, sources: [...new Set(sources)] };
}

/** Whether a line chooses by more than time. Nobody acts on everything by accident. */
export function choosesMoreThanTime(line: string): boolean {
  const { since: _, until: __, ...others } = readFilterLine(line);
  return Object.values(others).some(({ length }) => length > 0);
}
