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

/** The operations of CloudWatch that this machine has. */
export const cloudWatchOperations = [
  "DescribeAlarms",
  "DescribeAlarmHistory",
  "EnableAlarmActions",
  "DisableAlarmActions",
  "SetAlarmState",
  "GetMetricData",
  "GetMetricStatistics",
  "ListMetrics",
  "GetDashboard",
  "ListDashboards",
] as const;
type Operation = (typeof cloudWatchOperations)[number];

const isOperation = (name: string): name is Operation =>
  cloudWatchOperations.some((operation) => operation === name);

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
    if (!isOperation(operation)) throw unknownOperation("CloudWatch", operation);
    return this.#handlers[operation](input);
  }

  readonly #handlers: Record<Operation, (input: unknown) => unknown> = {
    DescribeAlarms: (input) => describedAlarms(this.graph, this.#statusOf, input),
    DescribeAlarmHistory: (input) => alarmHistory(this.graph, this.alarms, input),
    EnableAlarmActions: (input) => this.#enableActions(input, true),
    DisableAlarmActions: (input) => this.#enableActions(input, false),
    SetAlarmState: (input) => this.#setState(checked(setAlarmState, input)),
    GetMetricData: (input) => this.#metrics.getMetricData(input),
    GetMetricStatistics: (input) => this.#metrics.getMetricStatistics(input),
    ListMetrics: (input) => this.#metrics.listMetrics(input),
    GetDashboard: (input) => this.#dashboards.get(input),
    ListDashboards: (input) => this.#dashboards.list(input),
  };

  #enableActions(input: unknown, enabled: boolean): unknown {
    this.alarms.enableActions(checked(namedAlarms, input).AlarmNames, enabled);
    return {};
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
