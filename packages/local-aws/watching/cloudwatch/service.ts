import type { Graph } from "../../program/graph.js";
import type { Cloud } from "../../services/cloud.js";
import { unknownOperation } from "../../services/input.js";
import type { Alarms } from "../alarms.js";
import type { MetricStore } from "../metrics.js";
import { describedAlarms, type StatusOf } from "./described-alarms.js";
import { MetricData } from "./metric-data.js";

/** CloudWatch as operators read it: the program's alarms, and the metrics that are recorded here. */
export class CloudWatchService {
  readonly #metrics: MetricData;

  constructor(
    private readonly graph: Graph,
    private readonly alarms: Alarms,
    store: MetricStore,
  ) {
    this.#metrics = new MetricData(store);
  }

  /** @throws ServiceError for what CloudWatch would refuse, and for what it does and this machine does not */
  handle(operation: string, input: unknown): unknown {
    switch (operation) {
      case "DescribeAlarms":
        return describedAlarms(this.graph, this.#statusOf, input);
      case "GetMetricData":
        return this.#metrics.getMetricData(input);
      case "GetMetricStatistics":
        return this.#metrics.getMetricStatistics(input);
      case "ListMetrics":
        return this.#metrics.listMetrics(input);
      default:
        throw unknownOperation("CloudWatch", operation);
    }
  }

  readonly #statusOf: StatusOf = ({ name, resource }) => {
    const status = this.alarms.states().find((each) => each.name === name);
    return status === undefined
      ? undefined
      : { ...status, actionsEnabled: resource.inputs.actionsEnabled !== false };
  };
}

/** Lets CloudWatch answer calls. */
export function serveCloudWatch(cloud: Cloud, alarms: Alarms, store: MetricStore): void {
  const service = new CloudWatchService(cloud.graph, alarms, store);
  cloud.serve("cloudwatch", (operation, input) => service.handle(operation, input));
}
