import { z } from "zod";
import type { Graph } from "../../program/graph.js";
import type { Cloud } from "../../services/cloud.js";
import { unknownOperation } from "../../services/input.js";
import { ServiceError } from "../../services/service-error.js";
import type { Alarms } from "../alarms.js";
import type { MetricStore } from "../metrics.js";
import { alarmHistory } from "./alarm-history.js";
import { Dashboards } from "./dashboards.js";
import { alarmName, alarmNames, alarmState, describedAlarms, type StatusOf } from "./described-alarms.js";
import { checked } from "./errors.js";
import { MetricData } from "./metric-data.js";

const namedAlarms = z.strictObject({ AlarmNames: alarmNames });
const setAlarmState = z.strictObject({
  AlarmName: alarmName,
  StateValue: alarmState,
  StateReason: z.string().max(1_023),
});

/** CloudWatch as operators read it: the program's alarms, and the metrics that are recorded here. */
export class CloudWatchService {
  readonly #metrics: MetricData;
  readonly #dashboards: Dashboards;

  constructor(
    private readonly graph: Graph,
    private readonly alarms: Alarms,
    store: MetricStore,
  ) {
    this.#metrics = new MetricData(store);
    this.#dashboards = new Dashboards(graph);
  }

  /** @throws ServiceError for what CloudWatch would refuse, and for what it does and this machine does not */
  handle(operation: string, input: unknown): unknown {
    switch (operation) {
      case "DescribeAlarms":
        return describedAlarms(this.graph, this.#statusOf, input);
      case "DescribeAlarmHistory":
        return alarmHistory(this.graph, this.alarms, input);
      case "EnableAlarmActions":
      case "DisableAlarmActions":
        this.alarms.enableActions(checked(namedAlarms, input).AlarmNames, operation === "EnableAlarmActions");
        return {};
      case "SetAlarmState":
        return this.#setState(checked(setAlarmState, input));
      case "GetMetricData":
        return this.#metrics.getMetricData(input);
      case "GetMetricStatistics":
        return this.#metrics.getMetricStatistics(input);
      case "ListMetrics":
        return this.#metrics.listMetrics(input);
      case "GetDashboard":
        return this.#dashboards.get(input);
      case "ListDashboards":
        return this.#dashboards.list(input);
      default:
        throw unknownOperation("CloudWatch", operation);
    }
  }

  async #setState({ AlarmName, StateValue, StateReason }: z.output<typeof setAlarmState>): Promise<unknown> {
    if (await this.alarms.setState(AlarmName, StateValue, StateReason)) return {};
    throw new ServiceError("ResourceNotFound", `The alarm ${AlarmName} does not exist.`, 404);
  }

  readonly #statusOf: StatusOf = ({ name }) => {
    const view = this.alarms.all().find(({ settings }) => settings.name === name);
    return view && { ...view.status, actionsEnabled: view.actionsEnabled };
  };
}

/** Lets CloudWatch answer calls. */
export function serveCloudWatch(cloud: Cloud, alarms: Alarms, store: MetricStore): void {
  const service = new CloudWatchService(cloud.graph, alarms, store);
  cloud.serve("cloudwatch", (operation, input) => service.handle(operation, input));
}
