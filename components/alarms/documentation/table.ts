import { parseSettings } from "../../../settings/settings.js";
import {
  type AlarmDefinition,
  apiAlarms,
  canaryAlarm,
  historyAlarms,
  laneAlarms,
  silenceAlarm,
  topicAlarms,
} from "../definitions.js";
import { type AlarmKind, alarmKinds, type KindOfAlarm } from "../kinds.js";
import { thresholdsOf } from "../thresholds.js";

/** The page with the table. */
export const tabled = "docs/alarms.md";

/** Which setting, or what else, decides on the value at which each kind goes off. */
const atWhich: Readonly<Record<AlarmKind, string>> = {
  "webhooks-at-risk": "any of dead-letters, stalled, api-server-error-rate",
  "dead-letters": "`deadLetters`",
  stalled: "`oldestMessageSeconds`, and nothing deleted",
  "api-server-error-rate": "`serverErrorPercent`",
  "silent-source": "none in the source's `expectEveryMinutes`",
  canary: "none in `canary.everyMinutes`",
  "oldest-message": "`oldestMessageSeconds`",
  "function-errors": "`functionErrors`",
  "function-throttles": "`functionThrottles`",
  "function-duration": "80 % of `processor.timeoutSeconds`",
  "function-concurrency": "`processor.maxConcurrency`",
  "in-flight": "80 % of SQS's 120,000",
  "history-throttled": "`throttledRequests`",
  "api-server-errors": "`serverErrors`",
  "api-client-errors": "`clientErrors` and `clientErrorPercent`",
  "failed-attempts": "`failedAttempts` and `failedAttemptPercent`",
  "target-left-alone": "1",
  "rejected-webhooks": "`rejectedWebhooks` and `rejectedWebhookPercent`",
  "invalid-webhooks": "`invalidWebhooks`",
  "unreadable-messages": "1",
  "untried-webhooks": "`untriedWebhooks`",
  "alarms-undelivered": "1",
};

const start = "<!-- alarms -->";
const end = "<!-- end of alarms -->";

/** The page with the table of all kinds as they are defined. */
export function withTable(page: string): string {
  const [from, to] = [page.indexOf(start), page.indexOf(end)];
  if (from === -1 || to === -1) throw new Error(`${tabled} has no place for the table: ${start} … ${end}`);
  return `${page.slice(0, from)}${start}\n\n${table()}\n\n${page.slice(to)}`;
}

function table(): string {
  const definitions = eachDefinition();
  const rows = (Object.keys(alarmKinds) as AlarmKind[]).map((name) => {
    const kind: KindOfAlarm = alarmKinds[name];
    const watched = definitions.find((definition) => definition.kind === name);
    return [
      kind.severity,
      `\`${name}\``,
      watched === undefined ? "composite" : inWords(watched),
      atWhich[name],
      watched === undefined ? "–" : evaluation(kind, watched),
      kind.missingData === "breaching" ? "a breach" : "none",
      kind.tellsEnd ? "yes" : "no",
      kind.why,
    ];
  });
  return [
    ["", "alarm", "watches", "goes off at", "periods", "missing data is", "tells its end", "why so"],
    Array.from({ length: 8 }, () => "---"),
    ...rows,
  ]
    .map((cells) => `| ${cells.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |`)
    .join("\n");
}

function evaluation(
  { periodSeconds, datapointsToAlarm, evaluationPeriods }: KindOfAlarm,
  { kind }: AlarmDefinition,
) {
  const length = kind === "silent-source" ? "as set" : `${periodSeconds / 60} min`;
  return `${datapointsToAlarm} of ${evaluationPeriods} × ${length}`;
}

/** The metrics with their statistics, and what is made of them. */
function inWords({ watched }: AlarmDefinition): string {
  if (!("expression" in watched)) return `${watched.statistic} of ${watched.metricName}`;
  const metrics = Object.entries(watched.metrics).map(
    ([id, { metricName, statistic }]) => `${id}: ${statistic} of ${metricName}`,
  );
  return `\`${watched.expression}\`, ${metrics.join(", ")}`;
}

/** One of each, at the values of settings that name nothing. */
function eachDefinition(): AlarmDefinition[] {
  const { alarms } = parseSettings({ sources: [{ name: "github", signature: { scheme: "github" } }] });
  const named = thresholdsOf(alarms);
  const lane = { queue: "", deadLetterQueue: "", function: "" };
  return [
    ...laneAlarms(lane, named, { timeoutSeconds: 30, maxConcurrency: 20, hasBreaker: true }),
    ...apiAlarms({ name: "", stageName: "" }, named),
    ...historyAlarms("", [], named),
    silenceAlarm({ key: "", name: "", expectEveryMinutes: 15 }, ""),
    canaryAlarm({ source: "", everyMinutes: 5 }, ""),
    ...topicAlarms(""),
  ];
}
