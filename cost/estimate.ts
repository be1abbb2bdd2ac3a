import { type PriceName, prices } from "./prices.js";
import type { LaneShape, StageShape } from "./stage-shape.js";
import { monthHours, type Traffic } from "./traffic.js";

/** One line of what a stage costs in a month. */
export interface CostLine {
  /** What of the stage it is for. */
  readonly what: string;
  readonly price: PriceName;
  /** How many of the price's units. */
  readonly quantity: number;
  readonly dollars: number;
}

export interface Estimate {
  readonly lines: readonly CostLine[];
  readonly dollarsPerMonth: number;
  /** Of this, what the stage costs without a single webhook. */
  readonly dollarsWhileIdle: number;
}

/** What is taken for granted where the stage does not tell. Each has its source, or was measured by the project's benchmark. */
export const assumptions = {
  /** Sum of the headers that the gateway lets through, with the message's own fields. Octokit's examples have 0.9 KB. */
  headerBytes: 1_024,
  /** What of a JSON body is left after compression: 0.19 to 0.23 for GitHub's examples of 3 to 8 KB. */
  compressedShare: 0.2,
  /** An item without its body: keys, times, ids, compressed headers. */
  itemBytes: 512,
  /** An entry of an index: keys only. */
  indexEntryBytes: 200,
  /** Write units of a subscriber's own item: claim, index and end (docs/subscribers.md). */
  subscriberWriteUnits: 3,
  /** The function's own time for a webhook, at 512 MB (docs/benchmarks.md). */
  ownMilliseconds: 8,
  /** Lambda's START, END and REPORT in JSON, and a line of metrics for each source in the batch. */
  logBytesPerInvocation: 1_536,
  /** The line about a webhook's end. */
  logBytesPerWebhook: 512,
  /** A line of the front door's access log. */
  accessLogBytes: 384,
  /** What CloudWatch leaves of logs: aws.amazon.com/cloudwatch/pricing counts 0.15 in its examples. */
  compressedLogShare: 0.15,
  /**
   * Names of metrics that a function's sources have in a month, each billed in sum and once more for each source that is counted by
   * itself: Processed, LatencyMilliseconds, Failed, Duplicate, Ignored, Rejected and Invalid.
   */
  metricNames: 7,
  /** Lambda polls an idle queue with two to five requests at a time that wait for up to 20 seconds (AWS fact 4.8). */
  idlePollers: 5,
  longPollSeconds: 20,
  /** X-Ray's default rule: one request a second, and 5 % of the others. */
  tracedShare: 0.05,
} as const;

const gigabyte = 1_024 ** 3;
const chunkBytes = 64 * 1_024;
/** Bodies that compress to more are in the bucket: 350 KB (docs/processing.md). */
const largestItemBytes = 350 * 1_024;
/** An HTTP API bills a larger request as several: aws.amazon.com/api-gateway/pricing. */
const httpRequestBytes = 512 * 1_024;

/** What a stage costs in a month. Webhooks are spread evenly over its sources and over the month. */
export function estimate(stage: StageShape, traffic: Traffic): Estimate {
  const lines = [...whileIdle(stage), ...byWebhooks(stage, traffic)].filter(({ quantity }) => quantity > 0);
  const idle = whileIdle(stage);
  return { lines, dollarsPerMonth: sum(lines), dollarsWhileIdle: sum(idle) };
}

function sum(lines: readonly CostLine[]): number {
  return lines.reduce((total, { dollars }) => total + dollars, 0);
}

function line(what: string, price: PriceName, quantity: number): CostLine {
  return { what, price, quantity, dollars: quantity * prices[price].dollars };
}

/** What is paid for being there. */
function whileIdle(stage: StageShape): CostLine[] {
  const { idlePollers, longPollSeconds } = assumptions;
  const polls = (monthHours * 3_600 * idlePollers) / longPollSeconds;
  return [
    line("KMS keys", "key", stage.keys),
    line("secrets", "secret", stage.secrets),
    line("alarms", "alarmMetric", stage.alarmMetrics),
    line("composite alarms", "compositeAlarm", stage.compositeAlarms),
    line("dashboard", "dashboard", stage.dashboards),
    line("interface endpoints", "interfaceEndpointHour", stage.interfaceEndpoints * monthHours),
    line("NAT gateway", "natGatewayHour", stage.natGateways * monthHours),
    line("the NAT gateway's address", "publicAddressHour", stage.natGateways * monthHours),
    ...stage.lanes.map(({ name, type }) =>
      line(`polling of ${name} while it is empty`, requestOf(type), polls),
    ),
  ];
}

/** What grows with the webhooks. */
function byWebhooks(stage: StageShape, traffic: Traffic): CostLine[] {
  const { webhooksPerMonth, bodyBytes } = traffic;
  const perSource = stage.sources.length === 0 ? 0 : webhooksPerMonth / stage.sources.length;
  const requestBytes = bodyBytes + assumptions.headerBytes;
  const subscribersOf = (source: string) =>
    stage.subscribers.filter((subscriber) => subscriber.startsWith(`${source}.`)).length;
  const handedOver = stage.sources.reduce((total, source) => total + perSource * subscribersOf(source), 0);

  const compressed = Math.ceil(assumptions.itemBytes + bodyBytes * assumptions.compressedShare);
  const inBucket = stage.hasOverflowBucket && compressed > largestItemBytes;
  const itemBytes = inBucket ? assumptions.itemBytes : Math.min(compressed, largestItemBytes);
  // A claim, its entry in the index, and the end, which is billed by the whole item.
  const units = webhooksPerMonth * (2 + Math.ceil(itemBytes / 1_024));
  const months = stage.table.keepsDays / (365 / 12);
  const tableBytes =
    (webhooksPerMonth * (itemBytes + assumptions.indexEntryBytes) +
      handedOver * (assumptions.itemBytes + assumptions.indexEntryBytes)) *
    months;

  const series = stage.lanes.reduce(
    (total, { countedBySource, expected }) =>
      total + assumptions.metricNames * (1 + countedBySource.length) + expected.length,
    0,
  );
  // A metric is billed for the hours in which it has data.
  const activeShare = Math.min(1, perSource / monthHours);

  const works = stage.lanes.map((lane) => workOf(lane, stage, traffic));
  const invocations = works.reduce((total, work) => total + work.invocations, 0);
  const logBytes =
    invocations * assumptions.logBytesPerInvocation +
    (webhooksPerMonth + handedOver) * assumptions.logBytesPerWebhook +
    (stage.hasAccessLog ? webhooksPerMonth * assumptions.accessLogBytes : 0);

  return [
    stage.api === "rest"
      ? line("front door", "restRequest", webhooksPerMonth)
      : line("front door", "httpRequest", webhooksPerMonth * Math.ceil(requestBytes / httpRequestBytes)),
    line("firewall", "firewallRequest", stage.hasFirewall ? webhooksPerMonth : 0),
    ...works.map(({ lane, queueRequests }) =>
      line(`queue ${lane.name}`, requestOf(lane.type), queueRequests),
    ),
    line("invocations", "invocation", invocations),
    ...works.map(({ lane, gigabyteSeconds }) =>
      line(
        `function of ${lane.name}`,
        lane.isArm ? "armGigabyteSecond" : "x86GigabyteSecond",
        gigabyteSeconds,
      ),
    ),
    line("history, writes", "writeUnit", units + handedOver * assumptions.subscriberWriteUnits),
    line("history, storage", "tableGigabyteMonth", tableBytes / gigabyte),
    line(
      "history, restorable",
      "recoveryGigabyteMonth",
      stage.table.isRestorable ? tableBytes / gigabyte : 0,
    ),
    line("large bodies, writes", "objectWrite", inBucket ? webhooksPerMonth : 0),
    line(
      "large bodies, storage",
      "objectGigabyteMonth",
      inBucket ? (webhooksPerMonth * compressed * months) / gigabyte : 0,
    ),
    line("logs", "logGigabyte", logBytes / gigabyte),
    line(
      "logs, storage",
      "logGigabyteMonth",
      (logBytes * assumptions.compressedLogShare * (stage.logRetentionDays / (365 / 12))) / gigabyte,
    ),
    line("custom metrics", "customMetric", series * activeShare),
    line("traces", "trace", stage.isTraced ? webhooksPerMonth * assumptions.tracedShare : 0),
  ];
}

interface Work {
  readonly lane: LaneShape;
  readonly queueRequests: number;
  readonly invocations: number;
  readonly gigabyteSeconds: number;
}

/** What a lane's queue and function do in a month. */
function workOf(lane: LaneShape, stage: StageShape, traffic: Traffic): Work {
  const { webhooksPerMonth, bodyBytes, handlerMilliseconds } = traffic;
  const perSource = stage.sources.length === 0 ? 0 : webhooksPerMonth / stage.sources.length;
  const messages = perSource * (lane.sources.length + lane.subscribers.length);
  const perSecond = messages / (monthHours * 3_600);
  // A batch has what comes within its window, and at least the webhook that begins it.
  const batch = Math.min(lane.batchSize, 1 + perSecond * lane.batchWindowSeconds);
  const invocations = messages / batch;
  const chunks = Math.ceil((bodyBytes + assumptions.headerBytes) / chunkBytes);
  // Sent by itself; received and deleted with its batch, of which SQS gives ten at most at a time.
  const together = Math.min(10, batch);
  const queueRequests = messages * (chunks + Math.max(chunks, 1 / together) + 1 / together);
  // Webhooks of a batch are handled at the same time.
  const seconds = (batch * assumptions.ownMilliseconds + handlerMilliseconds) / 1_000;
  return {
    lane,
    queueRequests,
    invocations,
    gigabyteSeconds: invocations * seconds * (lane.memoryMegabytes / 1_024),
  };
}

function requestOf(type: LaneShape["type"]): PriceName {
  return type === "fifo" ? "fifoQueueRequest" : "standardQueueRequest";
}
