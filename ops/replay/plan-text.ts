import { printable } from "../../command-line/console.js";
import { counted } from "../../command-line/counted.js";
import { durationText, timeText } from "../../command-line/times.js";
import type { ReplayRun } from "./journal.js";
import type { PlannedReplay } from "./plan.js";

/** What a person has to know before a replay begins. */
export interface ReplayPlan {
  readonly run: ReplayRun;
  readonly planned: readonly PlannedReplay[];
  /** Webhooks a second. */
  readonly rate: number;
  /** Where it goes instead of the stage's own queue. */
  readonly to?: string;
}

/** Most reasons and webhooks that are named. */
const mostNamed = 5;

/** The plan in lines, with absolute times. */
export function planText({ run, planned, rate, to }: ReplayPlan): string {
  const ready = planned.filter(({ lacks }) => lacks === undefined);
  const lines = [
    `replay ${run.replayId} of ${counted(planned.length, "webhook")}${to === undefined ? "" : ` to ${to}`}`,
    `  which     ${printable(run.which)}`,
    `  sources   ${sourcesText(planned)}`,
    `  received  first ${timeText(planned[0]?.receivedAt ?? 0)}, last ${timeText(planned.at(-1)?.receivedAt ?? 0)}`,
  ];
  if (ready.length < planned.length) {
    lines.push(
      `  lacking   ${counted(planned.length - ready.length, "webhook")} cannot be replayed, and will be skipped:`,
    );
    lines.push(...lackingText(planned).map((line) => `            ${line}`));
  }
  lines.push(...redactedText(ready, to));
  lines.push(`  takes     about ${durationText((ready.length / rate) * 1_000)} at ${rate} a second`);
  const reason = run.reason === undefined ? "" : `: ${printable(run.reason)}`;
  lines.push(`  asked by  ${printable(run.by)}${reason}`);
  return lines.join("\n");
}

/** The plan for programs. */
export function planJson({ run, planned, rate, to }: ReplayPlan) {
  const lacking = planned.filter(({ lacks }) => lacks !== undefined);
  return {
    replay: run.replayId,
    stage: run.stage,
    account: run.account,
    region: run.region,
    to,
    which: run.which,
    asked: planned.length,
    sources: Object.fromEntries(countsBy(planned, nameOf)),
    first: new Date(planned[0]?.receivedAt ?? 0).toISOString(),
    last: new Date(planned.at(-1)?.receivedAt ?? 0).toISOString(),
    lacking: lacking.map(({ webhookId, lacks }) => ({ id: webhookId, lacks })),
    rate,
    seconds: Math.ceil((planned.length - lacking.length) / rate),
    by: run.by,
    reason: run.reason,
  };
}

function sourcesText(planned: readonly PlannedReplay[]): string {
  return countsBy(planned, nameOf)
    .map(([name, count]) => `${name} ${new Intl.NumberFormat("en").format(count)}`)
    .join(", ");
}

function nameOf({ source, replayFor }: PlannedReplay): string {
  return replayFor === undefined ? source : `${source} for ${replayFor}`;
}

function lackingText(planned: readonly PlannedReplay[]): string[] {
  const lacking = planned.filter(({ lacks }) => lacks !== undefined);
  if (lacking.length <= mostNamed) {
    return lacking.map(({ webhookId, lacks }) => `${printable(webhookId)}: ${printable(lacks ?? "")}`);
  }
  // Times and ids make each reason another one; the beginning says what it is.
  const reasons = countsBy(lacking, ({ lacks = "" }) => lacks.replace(/ (at|as) \S+/, ""));
  return reasons.slice(0, mostNamed).map(([reason, count]) => `${count}: ${printable(reason)}`);
}

function redactedText(ready: readonly PlannedReplay[], to: string | undefined): string[] {
  const redacted = ready.flatMap((plan) => plan.redacted ?? []);
  if (redacted.length === 0) return [];
  const count = ready.filter((plan) => plan.redacted !== undefined).length;
  const places = countsBy(redacted, (place) => place).map(
    ([place, often]) => `${printable(place)}${often === count ? "" : ` (${often})`}`,
  );
  const named = [...places.slice(0, mostNamed), ...(places.length > mostNamed ? ["…"] : [])].join(", ");
  // What is posted to this machine is signed anew.
  const unprovable = to === undefined ? ready.filter(({ isUnprovable }) => isUnprovable).length : 0;
  return [
    `  redacted  ${counted(count, "webhook")} will lack what the history must not keep: ${named}`,
    ...(unprovable === 0
      ? []
      : [
          `            ${unprovable} of these were rejected, and will be again: have their senders send them once more`,
        ]),
  ];
}

function countsBy<Value>(values: readonly Value[], keyOf: (value: Value) => string): [string, number][] {
  const counts = new Map<string, number>();
  for (const value of values) counts.set(keyOf(value), (counts.get(keyOf(value)) ?? 0) + 1);
  return [...counts].sort(([, one], [, other]) => other - one);
}
