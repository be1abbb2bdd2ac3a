import type { Command } from "commander";
import { UsageError } from "../../command-line/command-error.js";
import { durationText, timeText } from "../../command-line/times.js";
import type { HistoryStatus } from "../../runtime/history/item.js";
import { unreadableSource } from "../../runtime/payload/unreadable.js";
import type { StageOutputs } from "../stage/outputs.js";
import { chosenTakers } from "../stage/takers.js";
import { type Choice, parseCondition, statuses } from "./choose.js";
import { eventTypesOf } from "./contents.js";
import { type TimeWindow, timeWindow, usualHours } from "./time-window.js";

/** The options by which a person chooses webhooks. */
export interface ChoiceOptions {
  readonly source?: string;
  readonly subscriber?: string;
  readonly outcome?: readonly string[];
  readonly since?: string;
  readonly until?: string;
  readonly where?: readonly string[];
  readonly type?: readonly string[];
  readonly text?: readonly string[];
}

/** Adds {@link ChoiceOptions}. */
export function withChoice(command: Command): Command {
  return command
    .option("--source <name>", "only webhooks of this source and of its subscribers")
    .option("--subscriber <name>", "only what this subscriber made of them")
    .option("--outcome <outcome>", `only with this outcome, repeatable: ${statuses.join(", ")}`, collect)
    .option(
      "--since <time>",
      `received since: 2026-11-25, 2026-11-25T03:00Z, 90m, 7d (default: ${usualHours}h)`,
    )
    .option("--until <time>", "received before, in the same forms (default: now)")
    .option("--where <place=value>", "only with this value, repeatable: json:order.id=123", collect)
    .option("--type <type>", "only events of this type, repeatable: invoice.*", collect)
    .option("--text <text>", "only with this text in an id, the reason or the body, repeatable", collect);
}

function collect(value: string, earlier: readonly string[] = []): string[] {
  return [...earlier, value];
}

/**
 * Reads the options.
 *
 * @param now epoch milliseconds
 * @throws UsageError that names the option, and what it can be
 */
export function readChoice(options: ChoiceOptions, outputs: StageOutputs, now: number): Choice {
  const { source, subscriber, outcome, where = [], type, text = [] } = options;
  const takers = chosenTakers(outputs, options);
  const sources = takers.map(({ rememberedAs }) => rememberedAs);
  return {
    window: timeWindow(options, now),
    sources: source === undefined && subscriber === undefined ? [...sources, unreadableSource] : sources,
    statuses: outcome?.map(readStatus),
    where: where.map(parseCondition),
    ...(type === undefined ? {} : { types: { patterns: type, typeOf: eventTypesOf(outputs) } }),
    text,
  };
}

function readStatus(text: string): HistoryStatus {
  const found = statuses.find((status) => status === text);
  if (found !== undefined) return found;
  throw new UsageError(`--outcome must be one of ${statuses.join(", ")}; got "${text}"`);
}

/** A span of time in words, absolute. */
export function windowText({ from, to }: TimeWindow): string {
  return `from ${timeText(from)} to ${timeText(to)} (${durationText(to - from)})`;
}
