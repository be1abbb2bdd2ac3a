import { type Console, printable } from "../../command-line/console.js";
import { withExamples } from "../../command-line/help.js";
import type { DefineCommand } from "../../command-line/run-command.js";
import { table } from "../../command-line/table.js";
import { durationText, timeText } from "../../command-line/times.js";
import { untilInterrupted } from "../../command-line/until-interrupted.js";
import { wholeNumber } from "../../command-line/whole-number.js";
import { forwardSecretName } from "../../runtime/stage/definition.js";
import { laneTitle } from "../lanes/find-lane.js";
import { pauseInWords } from "../lanes/pause-notes.js";
import { openStage, type Stage, type StageOptions, titleOf } from "../stage/stage.js";
import { withStageOptions } from "../stage/stage-options.js";
import { shownSource } from "../stage/takers.js";
import { type LaneStatus, readStatus, type StageStatus } from "../status/read-status.js";

interface StatusOptions extends StageOptions {
  readonly watch?: boolean;
  readonly every: string;
}

/** Groups of failures on the screen. `--json` has all. */
const mostGroups = 10;

/** `status`: one screen, what is worst first. */
export const defineStatus: DefineCommand = (program, action) => {
  const command = withStageOptions(program.command("status"))
    .description("Show how a stage is, what is worst first. The exit code is 0 whatever it shows.")
    .option("--watch", "go on until Ctrl-C")
    .option("--every <seconds>", "with --watch: between two looks", "5")
    .action(
      action(async ({ console }, options: StatusOptions) => {
        const seconds = wholeNumber("--every", options.every);
        const stage = await openStage(options);
        const look = async () => {
          const status = await readStatus(stage);
          if (console.json) console.data(JSON.stringify(asJson(stage, status)));
          else console.data(`${options.watch ? clearScreen(console) : ""}${asText(console, stage, status)}`);
        };
        if (options.watch) await untilInterrupted(console, seconds * 1000, look);
        else await look();
        return undefined;
      }),
    );
  withExamples(
    command,
    "npm run ops -- status --stack prod",
    "npm run ops -- status --watch --stack prod",
    "npm run -s ops -- status --json --stack prod | jq .alarms",
  );
};

function clearScreen({ streams }: Console): string {
  return streams.stdout.isTTY ? "\u001b[2J\u001b[H" : "";
}

function asText(console: Console, stage: Stage, status: StageStatus): string {
  const style = console.style.data;
  const { alarms, lanes, failures, takers, secretsNotSet, at } = status;
  const run = (command: string) => `npm run ops -- ${command} --stack ${stage.name}`;
  const sections: string[][] = [];

  sections.push([
    `${titleOf(stage)}, ${timeText(at)}`,
    alarms.length === 0 ? style.good("no alarm is on") : style.bad(`${alarms.length} of the alarms are on`),
  ]);
  for (const { name, description, since, isPage } of alarms) {
    const kind = isPage ? "page" : "alarm";
    sections.push([
      style.bad(`${kind} ${printable(name)}, for ${durationText(at - since)}`),
      `  ${printable(description)}`,
    ]);
  }

  const paused = lanes.filter(({ state }) => state !== "enabled");
  for (const each of paused) {
    sections.push([
      style.warning(`${laneTitle(each.lane)} ${pauseWords(each)}`),
      `  next: ${run(`resume ${each.lane.name}`)}`,
    ]);
  }

  const withDeadLetters = lanes.filter(({ deadLetters }) => deadLetters.waiting + deadLetters.inFlight > 0);
  for (const { lane } of withDeadLetters) {
    sections.push([
      style.bad(`${laneTitle(lane)} has dead letters`),
      `  next: ${run(`redrive ${lane.name}`)}`,
    ]);
  }

  if (failures.length > 0) {
    const rows = failures
      .slice(0, mostGroups)
      .map(({ status: outcome, source, reason, count, first, last, example }) => [
        style.bad(`×${count}`),
        shownSource(stage.outputs, source),
        outcome,
        timeText(first),
        timeText(last),
        printable(example),
        shortened(printable(reason)),
      ]);
    const more =
      failures.length > mostGroups ? [`and ${failures.length - mostGroups} other groups: --json`] : [];
    const cut = status.failuresAreCut ? ["the newest 1,000 are counted; there are more"] : [];
    sections.push([
      style.bold("failures of the last 24 hours, by reason"),
      table([["", "SOURCE", "OUTCOME", "FIRST", "LAST", "SUCH AS", "REASON"].map(style.dim), ...rows]),
      ...more,
      ...cut,
      `next: ${run("show <id>")}`,
    ]);
  }

  sections.push([
    style.bold("lanes"),
    table([
      ["LANE", "WAITING", "OLDEST", "IN FLIGHT", "DELAYED", "DEAD", ""].map(style.dim),
      ...lanes.map(({ lane, queue, deadLetters, oldestSeconds, state }) => [
        lane.name,
        String(queue.waiting),
        oldestSeconds === undefined ? "-" : durationText(oldestSeconds * 1000),
        String(queue.inFlight),
        String(queue.delayed),
        deadLetters.waiting > 0 ? style.bad(String(deadLetters.waiting)) : "0",
        state === "enabled" ? "" : style.warning(state === "disabled" ? "paused" : "changing"),
      ]),
    ]),
  ]);

  sections.push([
    style.bold("sources, the last hour"),
    table([
      ["SOURCE", "RECEIVED", "PROCESSED", "IGNORED", "FAILED", "REJECTED", "INVALID", ""].map(style.dim),
      ...takers.map(({ name, received, processed, ignored, failed, rejected, invalid }) => [
        name,
        String(received),
        processed === undefined ? (received === 0 ? "0" : "-") : String(processed),
        String(ignored ?? (processed === undefined && received > 0 ? "-" : 0)),
        ...[failed, rejected, invalid].map((count) => (count > 0 ? style.bad(String(count)) : "0")),
        missingSecrets(name, secretsNotSet).map(style.warning).join(", "),
      ]),
    ]),
    ...secretsNotSet.map((name) => `${name} has no secret yet: ${run(`secret set ${name}`)}`),
  ]);
  return sections.map((lines) => lines.join("\n")).join("\n\n");
}

function missingSecrets(taker: string, secretsNotSet: readonly string[]): string[] {
  return [
    ...(secretsNotSet.includes(taker) ? ["no secret yet"] : []),
    ...(secretsNotSet.includes(forwardSecretName(taker)) ? ["no secret for forwarding yet"] : []),
  ];
}

function pauseWords({ state, pause }: LaneStatus): string {
  if (pause !== undefined) return `is ${pauseInWords(pause)}`;
  return state === "disabled" ? "is paused; who did it is not known" : "is being changed by Lambda";
}

const longestReason = 100;

function shortened(text: string): string {
  return text.length <= longestReason ? text : `${text.slice(0, longestReason - 1)}…`;
}

function asJson(
  stage: Stage,
  { at, alarms, lanes, takers, failures, failuresAreCut, secretsNotSet }: StageStatus,
) {
  const time = (milliseconds: number) => new Date(milliseconds).toISOString();
  return {
    stage: stage.name,
    account: stage.account,
    region: stage.region,
    at: time(at),
    alarms: alarms.map(({ name, description, since, reason, metric, runbook, isPage }) => ({
      name,
      severity: isPage ? "page" : "notify",
      since: time(since),
      description,
      reason,
      metric,
      runbook,
    })),
    lanes: lanes.map(({ lane, queue, deadLetters, oldestSeconds, state, pause }) => ({
      lane: lane.name,
      sources: lane.sources,
      subscribers: lane.subscribers,
      waiting: queue.waiting,
      inFlight: queue.inFlight,
      delayed: queue.delayed,
      oldestSeconds,
      deadLetters: deadLetters.waiting + deadLetters.inFlight,
      paused: state === "disabled",
      ...(pause === undefined
        ? {}
        : { pausedBy: pause.by, pausedSince: time(pause.since), pauseReason: pause.reason }),
    })),
    sources: takers,
    failures: failures.map(({ status, source, reason, count, first, last, example }) => ({
      outcome: status,
      source: shownSource(stage.outputs, source),
      reason,
      count,
      first: time(first),
      last: time(last),
      example,
    })),
    failuresAreCut,
    secretsNotSet,
  };
}
