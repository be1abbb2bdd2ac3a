import { outcomes } from "../../runtime/history/outcome.js";
import {
  arrivedMetric,
  latencyMetric,
  metricNamespace,
  outcomeMetric,
} from "../../runtime/telemetry/metrics.js";
import { alarmKinds } from "../alarms/kinds.js";
import {
  apiMetrics,
  functionMetrics,
  latencyMetrics,
  logMetrics,
  outcomeMetrics,
  queueMetrics,
  tableMetrics,
} from "../alarms/metrics.js";
import { inParts } from "../support/in-parts.js";
import { columns, type DashboardBody, inRows, type Line, type Variable, type Widget } from "./body.js";
import { line, sourceSearches, sum } from "./lines.js";
import type { DrawnLane, DrawnStage } from "./stage.js";
import { alarmGraph, graph, heading, numbers } from "./widgets.js";

type Row = readonly Widget[];

/**
 * Lanes for whose metrics a dashboard has room: AWS draws 2,500 in all and 500 in a graph, those that only an expression uses included
 * (AWS fact 5.10).
 */
export const mostLanes = 50;

/**
 * One page for a whole stage, the most urgent first: what is wrong, whether webhooks get through, then part by part. It has the same
 * widgets for any number of sources; a variable chooses the source of which there is more. Each lane is a line in the graphs.
 */
export function dashboardBody(stage: DrawnStage): DashboardBody {
  return {
    start: "-PT3H",
    periodOverride: "inherit",
    variables: stage.countsSources ? [chosenSource(stage)] : [],
    widgets: inRows(
      [
        alarmStates(stage),
        throughput(stage),
        queues(stage),
        processing(stage),
        lastFailures(stage),
        functions(stage),
        frontDoor(stage),
        stage.countsSources ? sources(stage) : [],
        costDrivers(stage),
      ].flat(),
    ),
  };
}

/** ARNs in one widget of alarms, and log groups in one query of Logs Insights: see the syntax of bodies and its limits. */
const mostAlarms = 100;
const mostLogGroups = 50;

function alarmStates(stage: DrawnStage): Row[] {
  const { alarms, composites, stack, region } = stage;
  const arnsOf = (severity: "page" | "notify") =>
    alarms.flatMap(({ arn, definition }) => (alarmKinds[definition.kind].severity === severity ? [arn] : []));
  const states = (title: string, arns: readonly string[], width: number, height: number): Widget[] =>
    inParts(arns, mostAlarms).map((part, index) => ({
      type: "alarm",
      width,
      height,
      properties: {
        title: index === 0 ? title : `${title} (${index + 1})`,
        alarms: part,
        sortBy: "stateUpdatedTimestamp",
      },
    }));
  const pages = states("Alarms that page", [...composites, ...arnsOf("page")], 10, 6);
  const notifications = states("Alarms that notify", arnsOf("notify"), 14, 6);
  return [
    [
      {
        type: "text",
        width: 24,
        height: 2,
        properties: {
          markdown:
            `# Webhooks of stage ${stack} in ${region}\n` +
            `First: \`npm run ops -- status --stack ${stack}\`. Lines across graphs are the alarms' thresholds: red ones page, orange ones notify.`,
          background: "transparent",
        },
      },
    ],
    [pages[0], notifications[0]].filter(isThere),
    ...[...pages.slice(1), ...notifications.slice(1)].map((more) => [more]),
  ];
}

function throughput(stage: DrawnStage): Row[] {
  const ofApis = stage.apis.map((api) => apiMetrics(api));
  const first = stage.lanes.filter(({ isForSubscribers }) => !isForSubscribers);
  const counted = (id: string, outcome: Parameters<typeof outcomeMetric>[0], label: string) =>
    sum(
      id,
      first.map((lane) => outcomeMetrics(lane.function)(outcome)),
      { label },
    );
  const requests = ofApis.map((api) => api.requests);
  const sent = first.map(({ queue }) => queueMetrics(queue).sent);
  const waiting = stage.lanes.map(({ queue }) => queueMetrics(queue).waiting);
  const dead = stage.lanes.map(({ deadLetterQueue }) => queueMetrics(deadLetterQueue).waiting);
  return [
    heading(
      "Received, queued, done",
      ["webhooks-at-risk", "silent-source", "canary", "alarms-undelivered"],
      stage,
    ),
    [
      numbers(
        "Webhooks, from request to end, in the time range",
        [
          ...sum("requests", requests, { label: "Requests" }),
          ...sum("queued", sent, { label: "Queued" }),
          ...counted("processed", "processed", "Processed"),
          ...counted("handed", "distributed", "Handed on"),
          ...counted("ignored", "ignored", "Ignored"),
          ...counted("rejected", "rejected", "Rejected"),
          ...counted("invalid", "invalid", "Invalid"),
        ],
        stage,
        { width: 18, ofRange: true },
      ),
      numbers(
        "Webhooks now",
        [...sum("waiting", waiting, { label: "Waiting" }), ...sum("dead", dead, { label: "Dead letters" })],
        stage,
        { width: 6, ofRange: false },
      ),
    ],
    inOneRow([
      graph(
        "Requests, queued and done a minute",
        [
          ...sum("requests", requests, { label: "Requests", color: "#9467bd" }),
          ...sum("queued", sent, { label: "Queued", color: "#1f77b4" }),
          ...sum(
            "done",
            first.map(({ queue }) => queueMetrics(queue).deleted),
            { label: "Left the queue", color: "#2ca02c" },
          ),
        ],
        stage,
      ),
      stage.alarms.some(({ definition }) => definition.kind === "silent-source")
        ? graph("Sources that must not be silent: webhooks in 5 minutes", arrivals(first), stage, {
            period: 300,
          })
        : undefined,
      alarmGraph("Canary: its webhooks that were processed", ["canary"], stage),
      alarmGraph("Notifications of alarms that SNS could not deliver", ["alarms-undelivered"], stage),
    ]),
  ];
}

/** Only sources that are waited for have this metric. */
function arrivals(lanes: readonly DrawnLane[]): Line[] {
  return sourceSearches(
    metricNamespace,
    `MetricName="${arrivedMetric}"`,
    lanes.map((lane) => lane.function),
    "Sum",
  ).map((expression, index) => [{ expression, id: `arrived${index}`, label: "" }]);
}

function queues(stage: DrawnStage): Row[] {
  const of = stage.lanes.map(({ queue }) => queueMetrics(queue));
  const waiting = of.map((queue) => queue.waiting);
  const deleted = of.map((queue) => queue.deleted);
  return [
    heading("Queues", ["dead-letters", "stalled", "oldest-message", "in-flight"], stage),
    inOneRow([
      graph(
        "Arrival and consumption a minute",
        [
          ...sum(
            "sent",
            of.map((queue) => queue.sent),
            { label: "Arrive", color: "#1f77b4" },
          ),
          ...sum("deleted", deleted, { label: "Leave", color: "#2ca02c" }),
          ...sum("waiting", waiting, { label: "Wait (right)", color: "#7f7f7f", yAxis: "right" }),
        ],
        stage,
        { yAxis: { left: { min: 0, showUnits: false }, right: { min: 0, showUnits: false } } },
      ),
      graph(
        "Minutes until all that waits is done, at this pace",
        [
          ...sum("waiting", waiting, { visible: false }),
          ...sum("deleted", deleted, { visible: false }),
          // A gap where nothing is done: there is no pace then.
          [{ expression: "IF(waiting > 0, waiting / deleted, 0)", id: "drain", label: "Minutes to drain" }],
        ],
        stage,
      ),
      alarmGraph("Age of the oldest webhook, in seconds", ["oldest-message"], stage),
    ]),
    inOneRow([
      alarmGraph("Dead letters", ["dead-letters"], stage),
      alarmGraph("In flight: being handled, or waiting for the next try", ["in-flight"], stage),
      alarmGraph("Stalled: 1 if webhooks wait and none leaves", ["stalled"], stage),
    ]),
  ];
}

function processing(stage: DrawnStage): Row[] {
  const kinds = ["processed", "distributed", "ignored", "rejected", "invalid", "failed", "held"] as const;
  return [
    heading(
      "Processing",
      [
        "failed-attempts",
        "rejected-webhooks",
        "invalid-webhooks",
        "unreadable-messages",
        "untried-webhooks",
        "target-left-alone",
      ],
      stage,
    ),
    inOneRow([
      graph(
        "From received to done, in milliseconds: p50, p95, p99",
        stage.lanes.flatMap((lane) =>
          (["p50", "p95", "p99"] as const).map((statistic) =>
            line(latencyMetrics(lane.function), { stat: statistic, label: `${lane.name} ${statistic}` }),
          ),
        ),
        stage,
        { period: 300 },
      ),
      graph(
        "Ends of attempts in 5 minutes",
        kinds.flatMap((outcome) =>
          sum(
            outcome,
            stage.lanes.map((lane) => outcomeMetrics(lane.function)(outcome)),
            { label: outcomeMetric(outcome) },
          ),
        ),
        stage,
        { period: 300 },
      ),
      alarmGraph("Attempts that failed, in percent of deliveries", ["failed-attempts"], stage),
    ]),
    inOneRow([
      alarmGraph("Rejected, in percent of webhooks that ended", ["rejected-webhooks"], stage),
      alarmGraph(
        "Invalid, unreadable and without a try, in 5 minutes",
        ["invalid-webhooks", "unreadable-messages", "untried-webhooks"],
        stage,
      ),
      alarmGraph("Targets left alone: probes that failed", ["target-left-alone"], stage),
    ]),
  ];
}

/** What of the function's log says that a webhook needs somebody. */
const failureLines = Object.entries(outcomes).flatMap(([outcome, { attention }]) =>
  attention ? [`webhook ${outcome}`] : [],
);

function lastFailures({ lanes, region, ...stage }: DrawnStage): Row[] {
  const among = failureLines.map((text) => `"${text}"`).join(", ");
  const filter = `filter message in [${among}]\n| fields coalesce(reason, error) as why`;
  const tables = (title: string, query: string, width: number) =>
    inParts(lanes, mostLogGroups).map(
      (some, index): Widget => ({
        type: "log",
        width,
        height: 7,
        properties: {
          title: index === 0 ? title : `${title} (${index + 1})`,
          region,
          view: "table",
          query: `${some.map(({ logGroup }) => `SOURCE '${logGroup}'`).join(" | ")} | ${filter}\n| ${query}`,
        },
      }),
    );
  const last = tables(
    "Last failures: npm run ops -- show <webhook_id>",
    "sort @timestamp desc\n| limit 50\n| display @timestamp, webhook_id, source, message, attempt, why",
    14,
  );
  const grouped = tables(
    "Failures by reason",
    "stats count(*) as times, min(@timestamp) as first, max(@timestamp) as last by source, message, why\n| sort times desc\n| limit 20",
    10,
  );
  return [
    heading("Last failures", [], { lanes, region, ...stage }),
    ...last.map((table, index) => [table, grouped[index]].filter(isThere)),
  ];
}

function functions(stage: DrawnStage): Row[] {
  return [
    heading(
      "Functions",
      ["function-errors", "function-throttles", "function-duration", "function-concurrency"],
      stage,
    ),
    inOneRow([
      alarmGraph("Crashes and timeouts in 5 minutes", ["function-errors"], stage),
      alarmGraph("Throttles in 5 minutes", ["function-throttles"], stage),
      alarmGraph("Slowest batches (p99), in milliseconds", ["function-duration"], stage),
      alarmGraph("Functions that run at the same time", ["function-concurrency"], stage),
    ]),
  ];
}

function frontDoor(stage: DrawnStage): Row[] {
  return [
    heading(
      "Front door and history",
      ["api-server-error-rate", "api-server-errors", "api-client-errors", "history-throttled"],
      stage,
    ),
    inOneRow([
      alarmGraph("5xx: part of a minute's requests", ["api-server-error-rate"], stage),
      alarmGraph("5xx in 5 minutes", ["api-server-errors"], stage),
      alarmGraph("4xx, in percent of requests", ["api-client-errors"], stage),
      alarmGraph("History: refused by DynamoDB", ["history-throttled"], stage),
    ]),
  ];
}

/** Stands for the chosen source in the body. No source can be called this: names are in lower case. */
const sourcePattern = "CHOSEN_SOURCE";

/** Searches on one graph: docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/search-expression-syntax.html */
const mostSearches = 5;

function chosenSource({ lanes }: DrawnStage): Variable {
  const [search = ""] = sourceSearches(
    metricNamespace,
    `MetricName="${latencyMetric}"`,
    lanes.map((lane) => lane.function),
    "Sum",
  );
  return {
    type: "pattern",
    pattern: sourcePattern,
    inputType: "select",
    id: "source",
    label: "Source",
    search: search.replace(/^SEARCH\('/, "").replace(/', 'Sum'\)$/, ""),
    populateFrom: "Source",
    defaultValue: "__FIRST",
    visible: true,
  };
}

function sources(stage: DrawnStage): Row[] {
  const functions = stage.lanes.map((lane) => lane.function);
  const counted = [
    "processed",
    "distributed",
    "ignored",
    "rejected",
    "invalid",
    "failed",
    "duplicate",
  ] as const;
  const names = counted.map((outcome) => `MetricName="${outcomeMetric(outcome)}"`).join(" OR ");
  const searches = (term: string, statistic: string) =>
    sourceSearches(metricNamespace, `${term} Source="${sourcePattern}"`, functions, statistic);
  const byPercentile = (["p99", "p95", "p50"] as const).map((statistic) => ({
    statistic,
    found: searches(`MetricName="${latencyMetric}"`, statistic),
  }));
  const fitting = byPercentile.slice(
    0,
    Math.max(1, Math.floor(mostSearches / (byPercentile[0]?.found.length ?? 1))),
  );
  return [
    heading("The source chosen above", [], stage),
    [
      graph(
        "Its ends of attempts in 5 minutes",
        searches(`(${names})`, "Sum").map((expression, index) => [
          { expression, id: `ends${index}`, label: "" },
        ]),
        stage,
        { width: 12, period: 300 },
      ),
      graph(
        "From received to done, in milliseconds",
        fitting.flatMap(({ statistic, found }) =>
          found.map((expression, index) => [{ expression, id: `${statistic}_${index}`, label: statistic }]),
        ),
        stage,
        { width: 12, period: 300 },
      ),
    ],
  ];
}

function costDrivers(stage: DrawnStage): Row[] {
  const queues = stage.lanes.map(({ queue }) => queueMetrics(queue));
  const { table, indexes } = stage.history;
  const tables = [tableMetrics(table), ...indexes.map((index) => tableMetrics(table, index))];
  const hourly = { width: 6, period: 3_600 };
  return [
    heading("What AWS charges for, by the hour", [], stage),
    [
      graph(
        "Function: gigabyte-seconds",
        [
          ...sum(
            "ran",
            stage.lanes.map((lane) => functionMetrics(lane.function).billed),
            { visible: false },
          ),
          [
            {
              expression: `ran / 1000 * ${stage.memoryMegabytes / 1_024}`,
              id: "gigabyte_seconds",
              label: "Gigabyte-seconds",
            },
          ],
        ],
        stage,
        hourly,
      ),
      graph(
        "Requests, messages, empty receives",
        [
          ...sum(
            "requests",
            stage.apis.map((api) => apiMetrics(api).requests),
            { label: "Requests" },
          ),
          ...sum(
            "sent",
            queues.map((queue) => queue.sent),
            { label: "Messages sent" },
          ),
          ...sum(
            "received",
            queues.map((queue) => queue.received),
            { label: "Messages received" },
          ),
          ...sum(
            "empty",
            queues.map((queue) => queue.emptyReceives),
            { label: "Empty receives" },
          ),
        ],
        stage,
        hourly,
      ),
      graph(
        "History: units written and read",
        [
          ...sum(
            "written",
            tables.map(({ writeUnits }) => writeUnits),
            { label: "Written" },
          ),
          ...sum(
            "read",
            tables.map(({ readUnits }) => readUnits),
            { label: "Read" },
          ),
        ],
        stage,
        hourly,
      ),
      graph(
        "Logs: bytes",
        sum(
          "bytes",
          stage.lanes.map(({ logGroup }) => logMetrics(logGroup).bytes),
          { label: "Bytes" },
        ),
        stage,
        hourly,
      ),
    ],
  ];
}

/** Graphs of the same width side by side; those that a stage does not have are left out. */
function inOneRow(graphs: readonly (Widget | undefined)[]): Row {
  const there = graphs.filter(isThere);
  return there.map((each) => ({ ...each, width: Math.floor(columns / there.length) }));
}

function isThere<Value>(value: Value | undefined): value is Value {
  return value !== undefined;
}
