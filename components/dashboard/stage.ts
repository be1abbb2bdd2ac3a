import type { AlarmDefinition } from "../alarms/definitions.js";
import type { WatchedMetric } from "../alarms/metrics.js";
import type { WatchedApi } from "../alarms/watched-api.js";

/** All that a dashboard shows of a stage, by the names that CloudWatch uses. */
export interface DrawnStage {
  /** Name of the stack, for commands. */
  readonly stack: string;
  readonly region: string;
  /** Page with one heading per kind of alarm. Absent: the repository's own, by its path. */
  readonly runbookUrl?: string | undefined;
  readonly lanes: readonly DrawnLane[];
  /** The stage's API, and those that it had before and that still answer. */
  readonly apis: readonly WatchedApi<string>[];
  readonly history: { readonly table: string; readonly indexes: readonly string[] };
  readonly memoryMegabytes: number;
  readonly alarms: readonly DrawnAlarm[];
  /** ARNs of the alarms on other alarms. */
  readonly composites: readonly string[];
  /** Whether functions count by source. */
  readonly countsSources: boolean;
}

/** A queue with its function. */
export interface DrawnLane {
  readonly name: string;
  readonly queue: string;
  readonly deadLetterQueue: string;
  readonly function: string;
  readonly logGroup: string;
  /** Whether its messages come from sources' functions. */
  readonly isForSubscribers: boolean;
}

export type DrawnMetric = WatchedMetric<string>;

/** An alarm as it was made: the graphs draw what it watches, and its threshold. */
export interface DrawnAlarm {
  readonly arn: string;
  /** Lane, or API, that it belongs to. */
  readonly owner: string;
  readonly definition: DrawnDefinition;
}

export type DrawnDefinition = Omit<AlarmDefinition, "watched"> & {
  readonly watched:
    | DrawnMetric
    | { readonly metrics: Readonly<Record<string, DrawnMetric>>; readonly expression: string };
};
