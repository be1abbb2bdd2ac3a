import {
  type AlarmDefinition,
  apiAlarms,
  canaryAlarm,
  historyAlarms,
  laneAlarms,
  silenceAlarm,
  subscriberLaneAlarms,
  topicAlarms,
} from "../../components/alarms/definitions.js";
import { suffixOf } from "../../components/alarms/metric-alarm.js";
import type { WatchedApi } from "../../components/alarms/watched-api.js";
import type { DrawnDefinition, DrawnStage } from "../../components/dashboard/stage.js";
import { alarmArgs } from "./default-args.js";

const rest: WatchedApi<string> = { name: "door", stageName: "v1" };

/** A stage as a dashboard sees it, with alarms of every kind: one lane, unless there are more. */
export function drawnStage({
  lanes: count = 1,
  api = rest,
  isForSubscribers = (index) => index > 0 && index % 5 === 0,
  functionCharacters = 0,
  ...rest_
}: Partial<Omit<DrawnStage, "lanes" | "apis">> & {
  readonly lanes?: number;
  readonly api?: WatchedApi<string>;
  readonly isForSubscribers?: (index: number) => boolean;
  /** How long functions' names are at least. */
  readonly functionCharacters?: number;
} = {}): DrawnStage {
  const { thresholds, limits, history } = alarmArgs;
  const lanes = Array.from({ length: count }, (_, index) => {
    const name = index === 0 ? "webhooks" : `webhooks-source${index}`;
    return {
      name,
      queue: `${name}-queue-0123456`,
      deadLetterQueue: `${name}-dlq-0123456`,
      function: `${name}-processor-0123456`.padStart(functionCharacters, "long-"),
      logGroup: `${name}-processor-log-0123456`,
      isForSubscribers: isForSubscribers(index),
    };
  });
  const made = (owner: string, definitions: readonly AlarmDefinition[]) =>
    definitions.map((definition) => ({
      owner,
      definition: definition as DrawnDefinition,
      arn: `arn:aws:cloudwatch:eu-west-1:123456789012:alarm:${owner}-${suffixOf(definition)}`,
    }));
  const processor = "webhooks-processor-0123456";
  return {
    stack: "prod",
    region: "eu-west-1",
    lanes,
    apis: [api],
    history,
    memoryMegabytes: 512,
    countsSources: true,
    composites: ["arn:aws:cloudwatch:eu-west-1:123456789012:alarm:webhooks-webhooks-at-risk"],
    alarms: [
      ...lanes.flatMap((lane) =>
        made(
          lane.name,
          (lane.isForSubscribers ? subscriberLaneAlarms : laneAlarms)(lane, thresholds, {
            ...limits,
            hasBreaker: true,
          }),
        ),
      ),
      ...made("webhooks", [
        ...apiAlarms(api, thresholds),
        ...historyAlarms(history.table, history.indexes, thresholds),
        silenceAlarm({ key: "github", name: "github", expectEveryMinutes: 60 }, processor),
        canaryAlarm({ source: "canary", everyMinutes: 5 }, processor),
        ...topicAlarms("webhooks-alarms-0123456"),
      ]),
    ],
    ...rest_,
  };
}
