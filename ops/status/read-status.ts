import { DescribeSecretCommand } from "@aws-sdk/client-secrets-manager";
import { metricNamespace, outcomeMetric } from "../../runtime/telemetry/metrics.js";
import { historyReader } from "../history/read-history.js";
import { inParallel } from "../in-parallel.js";
import { lanesOf, type NamedLane } from "../lanes/find-lane.js";
import { type MappingState, mappingState } from "../lanes/mapping.js";
import { type PauseNote, pauseNotes } from "../lanes/pause-notes.js";
import { type QueueState, queueName, queueState } from "../lanes/queue-state.js";
import type { Stage } from "../stage/stage.js";
import { takerName, takersOf } from "../stage/takers.js";
import { type FiringAlarm, firingAlarms } from "./alarms.js";
import { countReceived } from "./count-received.js";
import { type FailureGroup, groupFailures, readFailures } from "./failures.js";
import { type AskedMetric, ageOfOldest, readMetrics } from "./read-metrics.js";

/** How a stage is. */
export interface StageStatus {
  /** Epoch milliseconds. */
  readonly at: number;
  readonly alarms: readonly FiringAlarm[];
  readonly lanes: readonly LaneStatus[];
  readonly takers: readonly TakerStatus[];
  /** Of the last 24 hours. */
  readonly failures: readonly FailureGroup[];
  /** There are more failures than were read. */
  readonly failuresAreCut: boolean;
  /** Names of secrets that have no value yet. */
  readonly secretsNotSet: readonly string[];
}

export interface LaneStatus {
  readonly lane: NamedLane;
  readonly queue: QueueState;
  readonly deadLetters: QueueState;
  /** Undefined where CloudWatch has no value. */
  readonly oldestSeconds: number | undefined;
  readonly state: MappingState;
  /** Who paused it. Absent while it is not paused, and where it was not this command that did. */
  readonly pause: PauseNote | undefined;
}

/** A source or a subscriber, and its webhooks of the last hour. */
export interface TakerStatus {
  readonly name: string;
  /** Received, and begun to be handled. */
  readonly received: number;
  /** Undefined where there are no metrics by source. */
  readonly processed: number | undefined;
  /** Undefined where there are no metrics by source. */
  readonly ignored: number | undefined;
  /** Those that are in this state now. */
  readonly failed: number;
  readonly rejected: number;
  readonly invalid: number;
}

/** The outcomes that need no attention: the index has the others. */
const countedOutcomes = ["processed", "distributed", "ignored"] as const;

const hour = 3_600_000;
const failureHours = 24;
const callsAtATime = 8;

/** Reads everything at once: one look is as fast as its slowest answer. */
export async function readStatus(stage: Stage): Promise<StageStatus> {
  const { clients, outputs } = stage;
  const at = Date.now();
  const lastHour = { from: at - hour, to: at };
  const [cloudWatch, dynamoDb, lambda, sqs, secretsManager] = await Promise.all([
    clients.cloudWatch(),
    clients.dynamoDb(),
    clients.lambda(),
    clients.sqs(),
    clients.secretsManager(),
  ]);
  const reader = historyReader(dynamoDb, outputs.historyTable);
  const notes = pauseNotes(dynamoDb, outputs.historyTable);
  const lanes = lanesOf(outputs);
  const takers = takersOf(outputs).map((taker) => ({ ...taker, name: takerName(taker) }));
  const functionOf = (name: string) =>
    lanes.find(({ sources, subscribers }) => sources.includes(name) || subscribers.includes(name))?.function;
  const done = takers.flatMap(({ name }): AskedMetric[] => {
    const FunctionName = functionOf(name) ?? "";
    return countedOutcomes.map((outcome) => ({
      namespace: metricNamespace,
      name: outcomeMetric(outcome),
      dimensions: { FunctionName, Source: name },
      of: "sum",
    }));
  });

  const [alarms, states, metrics, received, failures, secretsNotSet] = await Promise.all([
    firingAlarms(cloudWatch, outputs),
    inParallel(lanes, callsAtATime, async (lane) => {
      const [queue, deadLetters, state, pause] = await Promise.all([
        queueState(sqs, lane.queueUrl),
        queueState(sqs, lane.deadLetterQueueUrl),
        mappingState(lambda, lane.eventSourceMapping),
        notes.read(lane.eventSourceMapping),
      ]);
      return { lane, queue, deadLetters, state, pause: state === "enabled" ? undefined : pause };
    }),
    readMetrics(
      cloudWatch,
      [...lanes.map(({ queueUrl }) => ageOfOldest(queueName(queueUrl))), ...done],
      lastHour,
    ),
    countReceived(
      dynamoDb,
      outputs.historyTable,
      takers.map(({ rememberedAs }) => rememberedAs),
      lastHour,
    ),
    readFailures(reader, { from: at - failureHours * hour, to: at }),
    inParallel(Object.entries(outputs.secretNames), callsAtATime, async ([name, SecretId]) => {
      const { VersionIdsToStages = {} } = await secretsManager.send(new DescribeSecretCommand({ SecretId }));
      return Object.keys(VersionIdsToStages).length === 0 ? [name] : [];
    }),
  ]);

  const recent = failures.items.filter(({ receivedAt }) => receivedAt >= lastHour.from);
  return {
    at,
    alarms,
    lanes: states.map((state, index) => ({
      ...state,
      // CloudWatch keeps telling the age of a message that is gone for some minutes.
      oldestSeconds: state.queue.waiting + state.queue.inFlight === 0 ? undefined : metrics[index],
    })),
    takers: takers.map(({ name, rememberedAs }, index) => {
      const start = lanes.length + countedOutcomes.length * index;
      const [processed, distributed, ignored] = metrics.slice(start, start + countedOutcomes.length);
      const own = recent.filter(({ source }) => source === rememberedAs);
      const inState = (status: string) => own.filter((item) => item.status === status).length;
      return {
        name,
        received: received.get(rememberedAs) ?? 0,
        processed:
          processed === undefined && distributed === undefined
            ? undefined
            : (processed ?? 0) + (distributed ?? 0),
        ignored,
        failed: inState("failed"),
        rejected: inState("rejected"),
        invalid: inState("invalid"),
      };
    }),
    failures: groupFailures(failures.items),
    failuresAreCut: failures.isCut,
    secretsNotSet: secretsNotSet.flat(),
  };
}
