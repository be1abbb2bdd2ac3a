import { randomBytes, randomUUID } from "node:crypto";
import { startFrontGateway } from "../packages/local-aws/gateway/gateways.js";
import type { AccessRecord } from "../packages/local-aws/iam/authoriser.js";
import { type AccessKey, AccessKeys, operatorKey } from "../packages/local-aws/iam/principal.js";
import { startFunctions } from "../packages/local-aws/lambda/functions.js";
import { pushNewest } from "../packages/local-aws/newest.js";
import { type Graph, readGraph } from "../packages/local-aws/program/graph.js";
import { UserError } from "../packages/local-aws/program/user-error.js";
import { startFrontDoor } from "../packages/local-aws/services/aws-endpoint.js";
import { type Cloud, startCloud } from "../packages/local-aws/services/cloud.js";
import type { InboxMessage } from "../packages/local-aws/services/sns.js";
import type { QueuedMessage } from "../packages/local-aws/services/sqs/queue.js";
import { Alarms, longestAlarmSeconds } from "../packages/local-aws/watching/alarms.js";
import { type LogLine, LogStore } from "../packages/local-aws/watching/logs.js";
import { MetricStore } from "../packages/local-aws/watching/metrics.js";
import { sampleQueues } from "../packages/local-aws/watching/samples.js";
import type { HistoryItem } from "../runtime/history/item.js";
import type { StoredWebhook } from "../runtime/payload/storable.js";
import { localEndpoints } from "./endpoints.js";
import { payloadOf, scanHistory } from "./history.js";

/** Problems kept, the newest: a bound for a pipeline that runs for days. */
const keptProblems = 1_000;

export interface PipelineOptions {
  readonly stack: string;
  /** Another file instead of `Pulumi.<stack>.yaml`. */
  readonly stageFile?: string | undefined;
  /** Changes settings before the program reads them, by full key, with values as in the stage file. */
  readonly overrides?: Readonly<Record<string, unknown>>;
  /** Port of the gateway. Default: a free port. */
  readonly port?: number;
  /** Called with each line that a function or the gateway's access log writes. */
  readonly onLog?: (line: LogLine) => void;
}

/** The whole pipeline, running on this machine. */
export interface LocalPipeline {
  /** Origin of the gateway: `http://127.0.0.1:<port>`. */
  readonly url: string;
  readonly graph: Graph;
  /** The URL of each source on this machine. */
  readonly endpoints: Readonly<Record<string, string>>;
  readonly secrets: LocalSecrets;
  /** For the AWS SDK and CLI of the operator. */
  readonly aws: { readonly endpoint: string; readonly region: string; readonly key: AccessKey };
  /** Everything in the history table. */
  history(): Promise<HistoryItem[]>;
  /** The webhook that an item keeps, read from the overflow bucket if it is there. Undefined if the item keeps none. */
  payloadOf(item: HistoryItem): Promise<StoredWebhook | undefined>;
  readonly queues: LocalQueues;
  readonly alarms: Alarms;
  /** Messages that reached a topic, and to whom they would be sent. */
  readonly inbox: readonly InboxMessage[];
  /** Every permission that was checked, and IAM's decision. */
  readonly calls: readonly AccessRecord[];
  /** The latest lines of the functions and of the gateway's access log. */
  readonly logs: readonly LogLine[];
  /** Problems that AWS would not report, such as logs that the role may not write. */
  readonly problems: readonly string[];
  readonly metrics: MetricStore;
  /** Stops everything and leaves nothing behind. */
  stop(): Promise<void>;
}

export interface LocalSecrets {
  /** The value of each source's secret, generated at the start. */
  readonly values: Readonly<Record<string, string>>;
  set(source: string, value: string): void;
}

export interface LocalQueues {
  counts(): Readonly<Record<string, QueueCounts>>;
  /** The messages of every dead-letter queue, without receiving them. */
  deadLetters(): readonly QueuedMessage[];
  /** The messages of any queue, by its name, without receiving them. */
  peek(name: string): readonly QueuedMessage[];
}

export interface QueueCounts {
  readonly visible: number;
  readonly notVisible: number;
  readonly delayed: number;
  readonly ageOfOldestSeconds: number;
}

/**
 * Starts everything that the stage's program registers, on 127.0.0.1 and free ports. Its parts and their connections
 * are read only from the graph.
 *
 * @throws UserError for a stage or a program that cannot run here. Its one line says how to fix it
 */
export async function startPipeline(options: PipelineOptions): Promise<LocalPipeline> {
  checkNode();
  const running: (() => Promise<unknown>)[] = [];
  const stop = async () => {
    const ended = [];
    // In order, and all of them: a part that does not stop must not keep the others running.
    for (const end of running.splice(0).reverse()) ended.push(...(await Promise.allSettled([end()])));
    const failure = ended.find(({ status }) => status === "rejected");
    if (failure?.status === "rejected") throw failure.reason;
  };
  try {
    return await start(options, running, stop);
  } catch (error) {
    await stop();
    throw error;
  }
}

/** @param running collects the functions that stop each part, in the order in which the parts were started */
async function start(
  { stack, stageFile, overrides, port = 0, onLog }: PipelineOptions,
  running: (() => Promise<unknown>)[],
  stop: () => Promise<void>,
): Promise<LocalPipeline> {
  const keys = new AccessKeys();
  // Queue URLs contain the endpoint's address, so the endpoint starts before the program runs.
  const frontDoor = await startFrontDoor(keys);
  running.push(() => frontDoor.close());
  const graph = await readGraph({
    stack,
    endpoint: frontDoor.origin,
    ...(stageFile === undefined ? {} : { stageFile }),
    ...(overrides === undefined ? {} : { overrides }),
  });

  const metrics = new MetricStore(longestAlarmSeconds(graph));
  const cloud = await startCloud(graph, (QueueName, metric, value) =>
    metrics.record("AWS/SQS", metric, { QueueName }, value),
  );
  running.push(() => cloud.close());
  frontDoor.open(cloud);
  const secrets = generateSecrets(cloud);

  const alarms = new Alarms(cloud, metrics);
  alarms.start(() => sampleQueues(cloud, metrics));
  running.push(() => alarms.stop());

  const problems: string[] = [];
  const logs = new LogStore(cloud, metrics, problems, onLog);
  running.push(
    await startFunctions({
      cloud,
      keys,
      metrics,
      logs,
      endpoint: frontDoor.origin,
      onProblem: (problem) => pushNewest(problems, problem, keptProblems),
    }),
  );

  const gateway = await startFrontGateway(cloud, metrics, (line) => logs.write("access-log", line), {
    port,
    host: "127.0.0.1",
  });
  running.push(() => gateway.close());

  return {
    url: gateway.url,
    graph,
    endpoints: localEndpoints(graph, gateway.url),
    secrets,
    aws: { endpoint: frontDoor.origin, region: graph.region, key: operatorKey },
    history: () => scanHistory(cloud, graph.outputs.historyTable),
    payloadOf: (item) => payloadOf(cloud, item),
    queues: localQueues(cloud),
    alarms,
    inbox: cloud.sns.inbox,
    calls: cloud.authoriser.records,
    logs: logs.lines,
    problems,
    metrics,
    stop,
  };
}

/** The first version of Node that runs the function's worker, which is TypeScript, without a loader. */
const oldestNode = [22, 18] as const;

function checkNode(): void {
  const [major = 0, minor = 0] = process.versions.node.split(".").map(Number);
  if (major > oldestNode[0] || (major === oldestNode[0] && minor >= oldestNode[1])) return;
  throw new UserError(
    `the local pipeline needs Node ${oldestNode.join(".")} or newer, but this is ${process.versions.node}: start it with npm run, which uses the version that npm ci installed`,
  );
}

/** Gives every secret a value in hexadecimal, which is also valid base64 and so fits every kind of key. */
function generateSecrets(cloud: Cloud): LocalSecrets {
  const values: Record<string, string> = {};
  const names = (cloud.graph.outputs.secretNames ?? {}) as Record<string, string>;
  const set = (source: string, value: string) => {
    const SecretId = names[source];
    if (SecretId === undefined) {
      throw new UserError(
        `source "${source}" has no secret; the sources with one are ${Object.keys(names).join(", ")}`,
      );
    }
    cloud.secrets.handle("PutSecretValue", {
      SecretId,
      SecretString: value,
      ClientRequestToken: randomUUID(),
    });
    values[source] = value;
  };
  for (const source of Object.keys(names)) set(source, randomBytes(32).toString("hex"));
  return { values, set };
}

function localQueues({ sqs, graph }: Cloud): LocalQueues {
  const peek = (url: string) => {
    const queue = sqs.queueByUrl(url);
    if (queue !== undefined) return queue.peek();
    throw new UserError(`there is no queue "${url}"`);
  };
  return {
    counts: () => Object.fromEntries(sqs.queues().map((queue) => [queue.settings.name, queue.counts()])),
    deadLetters: () =>
      Object.values((graph.outputs.deadLetterQueueUrls ?? {}) as Record<string, string>).flatMap(peek),
    peek,
  };
}
