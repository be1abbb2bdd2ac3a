import { AccessKeys } from "../../iam/principal.js";
import { startFunctions } from "../../lambda/functions.js";
import type { GraphResource } from "../../program/graph.js";
import { startAwsEndpoint } from "../../services/aws-endpoint.js";
import { type Cloud, startCloud } from "../../services/cloud.js";
import { type LogLine, LogStore } from "../../watching/logs.js";
import { MetricStore } from "../../watching/metrics.js";
import { graphOf } from "./graphs.js";

/** Functions fed from their queues, without a gateway. */
export interface TestFunctions {
  readonly cloud: Cloud;
  /** Where SDK clients find the cloud. */
  readonly endpoint: string;
  readonly metrics: MetricStore;
  readonly logs: readonly LogLine[];
  readonly problems: readonly string[];
  /** Lines of the log that are JSON, parsed. */
  records<T>(): T[];
  /** Sends messages to a queue as the operator. */
  send(queueUrl: string, ...bodies: string[]): Promise<void>;
  stop(): Promise<void>;
}

export async function startTestFunctions(
  resources: (origin: string) => GraphResource[],
): Promise<TestFunctions> {
  const keys = new AccessKeys();
  const endpoint = await startAwsEndpoint(keys);
  const cloud = await startCloud(graphOf(resources(endpoint.origin)));
  endpoint.open(cloud);
  const metrics = new MetricStore(600);
  const problems: string[] = [];
  const logs = new LogStore(cloud, metrics, (problem) => problems.push(problem), undefined);
  const closeCloud = async () => {
    await endpoint.close();
    await cloud.close();
  };
  const { stop: stopFunctions } = await startFunctions({
    cloud,
    keys,
    metrics,
    logs,
    endpoint: endpoint.origin,
    onProblem: (problem) => problems.push(problem),
  }).catch(async (error: unknown) => {
    await closeCloud();
    throw error;
  });
  return {
    cloud,
    endpoint: endpoint.origin,
    metrics,
    logs: logs.lines,
    problems,
    records: <T>() => logs.lines.flatMap(({ line }) => (line.startsWith("{") ? [JSON.parse(line) as T] : [])),
    async send(QueueUrl, ...bodies) {
      for (const MessageBody of bodies) {
        await cloud.sqs.handle("SendMessage", {
          QueueUrl,
          MessageBody,
          ...(QueueUrl.endsWith(".fifo")
            ? { MessageGroupId: MessageBody.charAt(0), MessageDeduplicationId: MessageBody }
            : {}),
        });
      }
    },
    async stop() {
      await stopFunctions();
      await closeCloud();
    },
  };
}
