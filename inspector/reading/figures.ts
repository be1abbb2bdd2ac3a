import { lanesOf } from "../../ops/lanes/find-lane.js";
import { inQueue } from "../../ops/lanes/queue-state.js";
import type { Stage } from "../../ops/stage/stage.js";
import { shownSource } from "../../ops/stage/takers.js";
import { readStatus } from "../../ops/status/read-status.js";
import type { PipelineFigures } from "../contract.js";

/** How a stage is, as `ops status` reads it. */
export async function pipelineFigures(stage: Stage): Promise<PipelineFigures> {
  const { at, alarms, lanes, takers, failures, failuresAreCut, secretsNotSet } = await readStatus(stage);
  const laneOf = (name: string) =>
    lanesOf(stage.outputs).find((lane) => [...lane.sources, ...lane.subscribers].includes(name))?.name ?? "";
  return {
    at,
    alarms: alarms.map(({ isPage, runbook, ...alarm }) => ({
      ...alarm,
      severity: isPage ? "page" : "notify",
      ...(runbook === undefined ? {} : { runbook }),
    })),
    lanes: lanes.map(({ lane, queue, deadLetters, oldestSeconds, state, pause }) => ({
      name: lane.name,
      waiting: queue.waiting,
      inFlight: queue.inFlight,
      delayed: queue.delayed,
      dead: inQueue(deadLetters),
      state: state === "disabled" ? "paused" : state,
      ...(oldestSeconds === undefined ? {} : { oldestSeconds }),
      ...(pause === undefined ? {} : { pause }),
    })),
    takers: takers.map(({ name, received, processed, ignored, rejected, invalid, failed }) => ({
      name,
      lane: laneOf(name),
      received,
      rejected,
      invalid,
      failed,
      ...(processed === undefined ? {} : { processed }),
      ...(ignored === undefined ? {} : { ignored }),
    })),
    failures: failures.map(({ status, source, reason, count, first, last, example }) => ({
      outcome: status,
      source: shownSource(stage.outputs, source),
      reason,
      count,
      first,
      last,
      example,
    })),
    failuresAreCut,
    secretsNotSet,
  };
}
