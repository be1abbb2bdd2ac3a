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

/** How many lines are kept. Without a bound, a process that runs for days would run out of memory. */
const keptLines = 10_000;

/** CloudWatch Logs: keeps lines, and takes the metrics out of those that carry some. */
export class LogStore {
  readonly lines: LogLine[] = [];

  constructor(
    private readonly cloud: Cloud,
    private readonly metrics: MetricStore,
    private readonly onProblem: (problem: string) => void,
    private readonly onLog: ((line: LogLine) => void) | undefined,
  ) {}

  write(from: string, line: string): void {
    const entry = { at: new Date(), from, line };
    pushNewest(this.lines, entry, keptLines);
    this.onLog?.(entry);
  }

  /**
   * A writer for a function's log stream. Its role must be allowed to write there: on AWS the lines would be lost without
   * a word, so here they are as well, but the problem is reported.
   */
  writerFor(functionName: string, principal: Principal, logGroup: string, logStream: string) {
    const { graph, authoriser } = this.cloud;
    const resource = `arn:${partitionOf(graph.region).name}:logs:${graph.region}:${graph.account}:log-group:${logGroup}:log-stream:${logStream}`;
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
      this.write(functionName, line);
      for (const { namespace, name, dimensions, value, at } of embeddedMetrics(line)) {
        this.metrics.record(namespace, name, dimensions, value, at);
      }
    };
  }
}
