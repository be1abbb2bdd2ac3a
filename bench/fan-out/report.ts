import { table } from "../../command-line/table.js";
import type { Promised } from "./promises.js";
import type { LoadResult } from "./run-load.js";

/** The run for people: the sums of each subscriber, then the promises. */
export function asText(result: LoadResult, promises: readonly Promised[]): string {
  const { webhooks, subscribers, killed, failedInvocations, seconds } = result;
  const reached = subscribers.reduce((sum, each) => sum + (each.behaviour === "down" ? 0 : each.reached), 0);
  const due = webhooks * (subscribers.length - 1);
  const rows = subscribers.map(({ name, behaviour, reached, processed, failed, deadLetters }) => [
    name,
    behaviour,
    String(reached),
    String(processed),
    String(failed),
    String(deadLetters),
  ]);
  return [
    table([["subscriber", "behaviour", "reached", "processed", "failed", "dead letters"], ...rows]),
    "",
    `${webhooks} webhooks to ${subscribers.length} subscribers: ${reached} reached the healthy ones for ${due} due, ${reached - due} of them ` +
      `again after a try that failed; ${killed} functions killed, ${failedInvocations} invocations failed; ${seconds.toFixed(0)} s, ` +
      `${((webhooks * subscribers.length) / seconds).toFixed(0)} deliveries a second`,
    "",
    table(promises.map(({ promise, kept, found }) => [kept ? "kept" : "BROKEN", promise, found])),
  ].join("\n");
}
