import { z } from "zod";
import { arnOf, type Graph, resourcesOfType } from "../../program/graph.js";
import { partitionOf } from "../../program/partition.js";
import type { Cloud } from "../../services/cloud.js";
import { readInputOr, unknownOperation } from "../../services/input.js";
import { pageOf } from "../../services/paging.js";
import { ServiceError } from "../../services/service-error.js";
import type { LogEvent, LogStore } from "../logs.js";
import { InvalidPattern, type LineFilter, lineFilter } from "./filter-pattern.js";

const groupName = z.string().regex(/^[.\-_/#A-Za-z0-9]{1,512}$/);
const identifier = z.string().regex(/^[\w#+=/:,.@*-]{1,2048}$/);
const streamName = z.string().regex(/^[^:*]{1,512}$/);
const token = z.string().min(1).optional();
const milliseconds = z.int().min(0).optional();
const group = { logGroupName: groupName.optional(), logGroupIdentifier: identifier.optional() };
/** Nothing is masked here, so that there is nothing to unmask. */
const unmask = z.literal(false).optional();

/** Limits as in AWS's API model of CloudWatch Logs (2014-03-28). */
const inputs = {
  DescribeLogGroups: z.strictObject({
    logGroupNamePrefix: groupName.optional(),
    logGroupNamePattern: groupName.optional(),
    limit: z.int().min(1).max(50).default(50),
    nextToken: token,
  }),
  DescribeLogStreams: z.strictObject({
    ...group,
    logStreamNamePrefix: streamName.optional(),
    orderBy: z.enum(["LogStreamName", "LastEventTime"]).default("LogStreamName"),
    descending: z.boolean().default(false),
    limit: z.int().min(1).max(50).default(50),
    nextToken: token,
  }),
  FilterLogEvents: z.strictObject({
    ...group,
    logStreamNames: z.array(streamName).min(1).max(100).optional(),
    logStreamNamePrefix: streamName.optional(),
    startTime: milliseconds,
    endTime: milliseconds,
    filterPattern: z.string().max(1_024).default(""),
    limit: z.int().min(1).max(10_000).default(10_000),
    nextToken: token,
    // Without effect on AWS as well.
    interleaved: z.boolean().optional(),
    unmask,
  }),
  GetLogEvents: z.strictObject({
    ...group,
    logStreamName: streamName,
    startTime: milliseconds,
    endTime: milliseconds,
    limit: z.int().min(1).max(10_000).default(10_000),
    nextToken: token,
    startFromHead: z.boolean().default(false),
    unmask,
  }),
} as const;

type Operation = keyof typeof inputs;

/** The operations of CloudWatch Logs that this machine has. */
export const logsOperations: readonly string[] = Object.keys(inputs);

type Input<Name extends Operation> = z.output<(typeof inputs)[Name]>;

interface LogGroup {
  readonly name: string;
  readonly arn: string;
  readonly retentionInDays: number | undefined;
  readonly kmsKeyId: string | undefined;
}

/** CloudWatch Logs as operators read it: the lines that the program's functions and APIs wrote. */
export class LogsService {
  /** Stands for the time at which log groups and streams were made. */
  readonly #startedAt = Date.now();

  constructor(
    private readonly graph: Graph,
    private readonly store: Pick<LogStore, "events">,
  ) {}

  /** @throws ServiceError for what CloudWatch Logs would refuse, and for what it does and this machine does not */
  handle(operation: string, input: unknown): unknown {
    switch (operation) {
      case "DescribeLogGroups":
        return this.#describeGroups(checked("DescribeLogGroups", input));
      case "DescribeLogStreams":
        return this.#describeStreams(checked("DescribeLogStreams", input));
      case "FilterLogEvents":
        return this.#filter(checked("FilterLogEvents", input));
      case "GetLogEvents":
        return this.#get(checked("GetLogEvents", input));
      default:
        throw unknownOperation("CloudWatch Logs", operation);
    }
  }

  #describeGroups(input: Input<"DescribeLogGroups">): unknown {
    const { logGroupNamePrefix: prefix, logGroupNamePattern: pattern } = input;
    if (prefix !== undefined && pattern !== undefined) {
      throw invalid("LogGroup name prefix and LogGroup name pattern are mutually exclusive parameters.");
    }
    // A pattern is a part of the name, whatever its case: docs, API_DescribeLogGroups.
    const found = this.#groups().filter(
      ({ name }) =>
        name.startsWith(prefix ?? "") && name.toLowerCase().includes((pattern ?? "").toLowerCase()),
    );
    const { items, next } = pageOf(found, input.limit, input.nextToken, invalidToken);
    return {
      logGroups: items.map(({ name, arn, retentionInDays, kmsKeyId }) => ({
        logGroupName: name,
        creationTime: this.#startedAt,
        retentionInDays,
        metricFilterCount: 0,
        arn: `${arn}:*`,
        logGroupArn: arn,
        kmsKeyId,
        logGroupClass: "STANDARD",
        storedBytes: this.#eventsOf(name).reduce((sum, { message }) => sum + Buffer.byteLength(message), 0),
      })),
      nextToken: next,
    };
  }

  #describeStreams(input: Input<"DescribeLogStreams">): unknown {
    const { logStreamNamePrefix: prefix = "", orderBy, descending } = input;
    if (orderBy === "LastEventTime" && prefix !== "") {
      throw invalid("Cannot order by LastEventTime with a logStreamNamePrefix.");
    }
    const { name, arn } = this.#group(input);
    const byStream = Object.groupBy(this.#eventsOf(name), ({ stream }) => stream);
    const sorted = Object.entries(byStream)
      .map(([stream, events = []]) => [stream, events] as const)
      .filter(([stream]) => stream.startsWith(prefix))
      .sort(([a, ofA], [b, ofB]) =>
        orderBy === "LogStreamName" ? (a < b ? -1 : 1) : (ofA.at(-1)?.at ?? 0) - (ofB.at(-1)?.at ?? 0),
      );
    if (descending) sorted.reverse();
    const { items, next } = pageOf(sorted, input.limit, input.nextToken, invalidToken);
    return {
      logStreams: items.map(([stream, events]) => ({
        logStreamName: stream,
        creationTime: this.#startedAt,
        firstEventTimestamp: events[0]?.at,
        lastEventTimestamp: events.at(-1)?.at,
        lastIngestionTime: events.at(-1)?.at,
        arn: `${arn}:log-stream:${stream}`,
        storedBytes: 0,
      })),
      nextToken: next,
    };
  }

  #filter(input: Input<"FilterLogEvents">): unknown {
    const { logStreamNames, logStreamNamePrefix, startTime = 0, endTime = Number.MAX_SAFE_INTEGER } = input;
    if (logStreamNames !== undefined && logStreamNamePrefix !== undefined) {
      throw invalid("logStreamNamePrefix and logStreamNames are mutually exclusive parameters.");
    }
    if (startTime > endTime) throw invalid("Start time must not be after end time.");
    const { name } = this.#group(input);
    const streams = new Set(this.#eventsOf(name).map(({ stream }) => stream));
    const missing = logStreamNames?.find((stream) => !streams.has(stream));
    if (missing !== undefined) throw notFound("log stream");
    const isFound = readPattern(input.filterPattern);
    const after = input.nextToken === undefined ? 0 : readPosition("after", input.nextToken);
    const found = this.#eventsOf(name).filter(
      ({ sequence, at, stream, message }) =>
        sequence > after &&
        at >= startTime &&
        at <= endTime &&
        (logStreamNames?.includes(stream) ?? stream.startsWith(logStreamNamePrefix ?? "")) &&
        isFound(message),
    );
    const page = found.slice(0, input.limit);
    const last = page.at(-1);
    return {
      events: page.map((event) => ({
        logStreamName: event.stream,
        ...asEvent(event),
        eventId: String(event.sequence).padStart(56, "0"),
      })),
      searchedLogStreams: [],
      ...(found.length > page.length && last !== undefined
        ? { nextToken: position("after", last.sequence) }
        : {}),
    };
  }

  #get(input: Input<"GetLogEvents">): unknown {
    const { logStreamName, startTime = 0, endTime = Number.MAX_SAFE_INTEGER, limit, nextToken } = input;
    const { name } = this.#group(input);
    const ofStream = this.#eventsOf(name).filter(({ stream }) => stream === logStreamName);
    if (ofStream.length === 0) throw notFound("log stream");
    // Unlike FilterLogEvents, this call leaves out what happened at the very end time: docs, API_GetLogEvents.
    const inTime = ofStream.filter(({ at }) => at >= startTime && at < endTime);
    const forward = nextToken?.startsWith("f/") ?? input.startFromHead;
    const from = nextToken === undefined ? undefined : readPosition(forward ? "f" : "b", nextToken);
    const page = forward
      ? inTime.filter(({ sequence }) => sequence > (from ?? 0)).slice(0, limit)
      : inTime.filter(({ sequence }) => sequence < (from ?? Number.MAX_SAFE_INTEGER)).slice(-limit);
    // Where there is nothing further, the token is the one that was given.
    const [first, last] = [page[0]?.sequence ?? from ?? 0, page.at(-1)?.sequence ?? from ?? 0];
    return {
      events: page.map(asEvent),
      nextForwardToken: position("f", last),
      nextBackwardToken: position("b", first),
    };
  }

  /** Those of the program, and those that Lambda makes for a function that names none. */
  #groups(): LogGroup[] {
    const registered = resourcesOfType(this.graph, "aws:cloudwatch/logGroup:LogGroup").map((resource) => ({
      name: String(resource.state.name),
      arn: arnOf(resource),
      retentionInDays: resource.inputs.retentionInDays as number | undefined,
      kmsKeyId: resource.inputs.kmsKeyId as string | undefined,
    }));
    const { account, region } = this.graph;
    const written = new Set(this.store.events.map(({ group: name }) => name));
    for (const { name } of registered) written.delete(name);
    const madeByLambda = [...written].map((name) => ({
      name,
      arn: `arn:${partitionOf(region).name}:logs:${region}:${account}:log-group:${name}`,
      retentionInDays: undefined,
      kmsKeyId: undefined,
    }));
    return [...registered, ...madeByLambda].sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  #group(input: { logGroupName?: string | undefined; logGroupIdentifier?: string | undefined }): LogGroup {
    const { logGroupName, logGroupIdentifier } = input;
    if ((logGroupName === undefined) === (logGroupIdentifier === undefined)) {
      throw invalid("Exactly one of logGroupName and logGroupIdentifier must be given.");
    }
    const asked = logGroupName ?? logGroupIdentifier;
    const found = this.#groups().find(({ name, arn }) => name === asked || arn === asked);
    if (found === undefined) throw notFound("log group");
    return found;
  }

  #eventsOf(name: string): LogEvent[] {
    return this.store.events.filter(({ group: own }) => own === name);
  }
}

const asEvent = ({ at, message }: LogEvent) => ({ timestamp: at, message, ingestionTime: at });

function readPattern(pattern: string): LineFilter {
  try {
    return lineFilter(pattern);
  } catch (error) {
    if (!(error instanceof InvalidPattern)) throw error;
    throw invalid(`Invalid filter pattern: ${error.message}`);
  }
}

type Direction = "after" | "f" | "b";

const position = (direction: Direction, sequence: number) => `${direction}/${sequence}`;

function readPosition(direction: Direction, text: string): number {
  const [given, sequence = ""] = text.split("/");
  if (given !== direction || !/^\d+$/.test(sequence)) throw invalidToken();
  return Number(sequence);
}

function checked<Name extends Operation>(operation: Name, input: unknown): Input<Name> {
  return readInputOr(inputs[operation], input, (why) =>
    invalid(`1 validation error detected: ${why}`),
  ) as Input<Name>;
}

const invalid = (message: string) => new ServiceError("InvalidParameterException", message);
const invalidToken = () => invalid("The specified nextToken is invalid.");
const notFound = (what: string) =>
  new ServiceError("ResourceNotFoundException", `The specified ${what} does not exist.`);

/** Lets CloudWatch Logs answer calls. */
export function serveCloudWatchLogs(cloud: Cloud, store: LogStore): void {
  const service = new LogsService(cloud.graph, store);
  cloud.serve("logs", (operation, input) => service.handle(operation, input));
}
