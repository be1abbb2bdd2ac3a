import { endAll } from "./end-all.js";
import { type RunningApi, serveApis } from "./gateway/serve-apis.js";
import type { AccessRecord } from "./iam/authoriser.js";
import { type AccessKey, AccessKeys, operatorKey } from "./iam/principal.js";
import type { FailedInvocation, RunningFunction } from "./lambda/function.js";
import { startFunctions } from "./lambda/functions.js";
import { pushNewest } from "./newest.js";
import { checkNodeVersion } from "./node-version.js";
import type { Graph } from "./program/graph.js";
import { type ReadGraphOptions, readGraph } from "./program/read-graph.js";
import { startAwsEndpoint } from "./services/aws-endpoint.js";
import { type Cloud, startCloud } from "./services/cloud.js";
import type { ServiceRequest } from "./services/service-call.js";
import type { InboxMessage } from "./services/sns.js";
import type { CompileEventPattern } from "./services/targets/event-rules.js";
import { Alarms, longestAlarmSeconds } from "./watching/alarms.js";
import { serveCloudWatch } from "./watching/cloudwatch/service.js";
import { serveCloudWatchLogs } from "./watching/cloudwatch-logs/service.js";
import { type LogLine, type LogPlace, LogStore } from "./watching/logs.js";
import { MetricStore } from "./watching/metrics.js";
import type { StateChange } from "./watching/notification.js";
import { sampleQueues } from "./watching/samples.js";

/** How many of the newest problems are kept. Without a bound, a process that runs for days would run out of memory. */
const keptProblems = 1_000;

/** How many of the newest calls of APIs are kept, and up to how many bytes of each body: 26 MB at most. */
const keptGatewayCalls = 200;
const keptBodyBytes = 131_072;

/** How far back metrics can be asked for: as long as AWS calls a metric recently active. */
const keptMetricSeconds = 3 * 60 * 60;

export interface LocalAwsOptions extends Omit<ReadGraphOptions, "endpoint"> {
  /**
   * Port of the program's first API.
   *
   * @default a free one, as the other APIs have
   */
  readonly port?: number;
  /**
   * Environment variables of every function, besides those of the program.
   *
   * @default none
   */
  readonly variables?: Readonly<Record<string, string>>;
  /**
   * Reads the patterns of the program's EventBridge rules.
   *
   * @default a rule stops the start
   */
  readonly compileEventPattern?: CompileEventPattern | undefined;
  /** Called with each line that a function or an API's access log writes. */
  readonly onLog?: ((line: LogLine) => void) | undefined;
  /** Called with each problem, as `problems` lists them. */
  readonly onProblem?: ((problem: string) => void) | undefined;
  /** Called when an alarm changes its state. */
  readonly onAlarm?: ((alarm: string, change: StateChange) => void) | undefined;
  /** Called when an invocation threw, ran out of time, or its process ended. */
  readonly onFailedInvocation?: ((failed: FailedInvocation) => void) | undefined;
  /** Called with the service of each call that an SDK repeats. */
  readonly onRepeatedCall?: ((service: string) => void) | undefined;
  /** Called before the functions and APIs start, to put in what the program expects to find, such as secrets' values. */
  readonly prepare?: (cloud: Cloud) => void | Promise<void>;
}

/** A request to a service that an API made of a request to it: what its template, or its parameters, came to. */
export interface GatewayCall {
  readonly at: Date;
  /** `sqs` */
  readonly service: string;
  readonly path: string;
  /** The body, such as the form for SQS. */
  readonly body: Uint8Array;
}

/** A program's AWS resources, running on this machine. */
export interface LocalAws {
  readonly graph: Graph;
  /** The services, to look into without asking for permission. */
  readonly cloud: Cloud;
  readonly apis: readonly RunningApi[];
  readonly functions: readonly RunningFunction[];
  /** For the AWS SDK and CLI of the operator. */
  readonly aws: { readonly endpoint: string; readonly region: string; readonly key: AccessKey };
  readonly alarms: Alarms;
  /** Messages that reached a topic, and whom they would go to. */
  readonly inbox: readonly InboxMessage[];
  /** Every permission that was asked for, and what IAM said. */
  readonly calls: readonly AccessRecord[];
  /** The newest calls that APIs made of their requests, the oldest first. Very long ones are left out. */
  readonly gatewayCalls: readonly GatewayCall[];
  /** The latest lines of the functions and of the APIs' access logs. */
  readonly logs: readonly LogLine[];
  /** What went wrong where AWS would say nothing, such as logs that the role may not write, or alarms that reach nobody. */
  readonly problems: readonly string[];
  readonly metrics: MetricStore;
  /**
   * Makes a user who may do what a policy document says, and hands out a key for it.
   *
   * @param policy JSON text or an object
   * @throws UserError for a document that AWS would refuse, or that cannot be judged here
   */
  addUser(name: string, policy: unknown): AccessKey;
  /** Ends everything; nothing stays behind. */
  stop(): Promise<void>;
}

/**
 * Brings up everything that a stage's program registers, on 127.0.0.1 and free ports. What it consists of and how it is
 * wired is read from the program's resources alone.
 *
 * @throws whatever the program throws; UserError for what cannot be run here, in one line that says how to mend it
 */
export async function startLocalAws(options: LocalAwsOptions): Promise<LocalAws> {
  checkNodeVersion(process.versions.node);
  const running: (() => Promise<unknown>)[] = [];
  const stop = () => endAll(running);
  try {
    return { ...(await start(options, running)), stop };
  } catch (error) {
    // Why it did not start is what the user must know, also if a part then cannot be ended.
    await stop().catch((failure: unknown) => console.error("local AWS: stopping:", failure));
    throw error;
  }
}

/** @param running takes what ends each part, in the order the parts were started */
async function start(
  {
    port = 0,
    variables = {},
    compileEventPattern,
    onLog,
    onProblem,
    onAlarm,
    onFailedInvocation,
    onRepeatedCall,
    prepare,
    ...program
  }: LocalAwsOptions,
  running: (() => Promise<unknown>)[],
): Promise<Omit<LocalAws, "stop">> {
  const keys = new AccessKeys();
  // Queue URLs contain the endpoint's address, so it stands before the program runs.
  const endpoint = await startAwsEndpoint(keys, onRepeatedCall);
  running.push(() => endpoint.close());
  const graph = await readGraph({ ...program, endpoint: endpoint.origin });

  const metrics = new MetricStore(Math.max(keptMetricSeconds, longestAlarmSeconds(graph)));
  const problems: string[] = [];
  const report = (problem: string) => {
    pushNewest(problems, problem, keptProblems);
    onProblem?.(problem);
  };
  const cloud = await startCloud(graph, {
    onQueueMetric: (QueueName, metric, value) => metrics.record("AWS/SQS", metric, { QueueName }, value),
    compileEventPattern,
    onProblem: report,
  });
  running.push(() => cloud.close());
  endpoint.open(cloud);
  await prepare?.(cloud);

  const alarms = new Alarms(cloud, metrics, onAlarm, report);
  alarms.start(() => sampleQueues(cloud, metrics));
  running.push(() => alarms.stop());

  serveCloudWatch(cloud, alarms, metrics);

  const logs = new LogStore(cloud, metrics, report, onLog);
  serveCloudWatchLogs(cloud, logs);
  const { functions, stop: stopFunctions } = await startFunctions({
    cloud,
    keys,
    metrics,
    logs,
    endpoint: endpoint.origin,
    variables,
    onProblem: report,
    onFailedInvocation,
  });
  running.push(stopFunctions);

  const onAccessLog = (line: string, place?: LogPlace) => logs.write("access-log", line, place);
  const gatewayCalls: GatewayCall[] = [];
  const onServiceCall = ({ service, path, body }: ServiceRequest) => {
    if (body.length > keptBodyBytes) return;
    pushNewest(gatewayCalls, { at: new Date(), service, path, body }, keptGatewayCalls);
  };
  const apis = await serveApis({ cloud, metrics, onAccessLog, onServiceCall, port });
  running.push(() => Promise.all(apis.map((api) => api.close())));

  return {
    graph,
    cloud,
    apis,
    functions,
    aws: { endpoint: endpoint.origin, region: graph.region, key: operatorKey },
    alarms,
    inbox: cloud.sns.inbox,
    calls: cloud.authoriser.records,
    gatewayCalls,
    logs: logs.lines,
    problems,
    metrics,
    addUser: (name, policy) => keys.issue(cloud.authoriser.addUser(name, policy)),
  };
}
