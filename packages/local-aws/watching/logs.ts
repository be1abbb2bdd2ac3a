import type { Principal } from "../iam/principal.js";
import { pushNewest } from "../newest.js";
import { partitionOf } from "../program/partition.js";
import type { Cloud } from "../services/cloud.js";
import { embeddedMetrics } from "./emf.js";
import type { MetricStore } from "./metrics.js";

/** One line of a log. */
export interface LogLine {
  readonly at: Date;
  /** Name of the function, or `access-log`. */
  readonly from: string;
  readonly line: string;
}

/** Where CloudWatch keeps a line. */
export interface LogPlace {
  readonly group: string;
  readonly stream: string;
}

/** A line as CloudWatch keeps it. */
export interface LogEvent extends LogPlace {
  /** Counts on from 1 over all groups. */
  readonly sequence: number;
  /** Epoch milliseconds, never smaller than that of the event before. */
  readonly at: number;
  readonly message: string;
}

/** How many lines are kept. Without a bound, a process that runs for days would run out of memory. */
const keptLines = 10_000;

/** CloudWatch Logs: keeps lines, and takes the metrics out of those that carry some. */
export class LogStore {
  readonly lines: LogLine[] = [];
  /** The lines that went into a log group, oldest first. */
  readonly events: LogEvent[] = [];
  #sequence = 0;

  constructor(
    private readonly cloud: Cloud,
    private readonly metrics: MetricStore,
    private readonly onProblem: (problem: string) => void,
    private readonly onLog: ((line: LogLine) => void) | undefined,
  ) {}

  /** @param place absent for a line that no log group takes */
  write(from: string, line: string, place?: LogPlace): void {
    const entry = { at: new Date(), from, line };
    if (place !== undefined && line !== "") {
      const at = Math.max(entry.at.getTime(), this.events.at(-1)?.at ?? 0);
      pushNewest(this.events, { ...place, sequence: ++this.#sequence, at, message: line }, keptLines);
    }
    pushNewest(this.lines, entry, keptLines);
    this.onLog?.(entry);
  }

  /**
   * A writer for a function's log stream. Its role must be allowed to write there: on AWS the lines would be lost without
   * a word, so here they are as well, but the problem is reported.
   */
  writerFor(functionName: string, principal: Principal, group: string, stream: string) {
    const { graph, authoriser } = this.cloud;
    const resource = `arn:${partitionOf(graph.region).name}:logs:${graph.region}:${graph.account}:log-group:${group}:log-stream:${stream}`;
    let allowed: boolean | undefined;
    const mayWrite = () => {
      try {
        authoriser.checkAccess(principal, { action: "logs:CreateLogStream", resource });
        authoriser.checkAccess(principal, { action: "logs:PutLogEvents", resource });
        return true;
      } catch (error) {
        this.onProblem(`the logs of ${functionName} are lost: ${(error as Error).message}`);
        return false;
      }
    };
    return (line: string): void => {
      allowed ??= mayWrite();
      if (!allowed) return;
      this.write(functionName, line, { group, stream });
      for (const { namespace, name, dimensions, value, at } of embeddedMetrics(line)) {
        this.metrics.record(namespace, name, dimensions, value, at);
      }
    };
  }
}
