import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import {
  type AlarmDefinition,
  apiAlarms,
  historyAlarms,
  laneAlarms,
  subscriberLaneAlarms,
  topicAlarms,
} from "../../components/alarms/definitions.js";
import { tabled, withTable } from "../../components/alarms/documentation/table.js";
import { alarmArgs } from "../support/default-args.js";
import { root } from "../support/imports.js";

const page = readFileSync(join(root, tabled), "utf8");

/** Cents a month: docs/alarms.md, "What it costs". */
const centsOf = (alarms: readonly AlarmDefinition[]) =>
  alarms.reduce(
    (sum, { watched }) => sum + 10 * ("metrics" in watched ? Object.keys(watched.metrics).length : 1),
    0,
  );

describe("the page on alarms", () => {
  it("has the table of all alarms as they are defined", () => {
    expect(withTable(page) === page, `${tabled} is out of date: run npm run docs`).toBe(true);
  });

  it("says what alarms cost as many as there are", () => {
    const { thresholds } = alarmArgs;
    const names = { queue: "", deadLetterQueue: "", function: "" };
    const limits = { timeoutSeconds: 30, maxConcurrency: 20, hasBreaker: true };
    const lane = laneAlarms(names, thresholds, limits);
    const subscriber = subscriberLaneAlarms(names, thresholds, limits);
    const rest = [
      ...apiAlarms({ name: "", stageName: "" }, thresholds),
      ...historyAlarms("", ["by_source", "by_attention"], thresholds),
      ...topicAlarms(""),
    ];
    const dollars = (cents: number) => (cents / 100).toFixed(2);

    expect(page).toContain(
      `function | ${lane.length}, of ${centsOf(lane) / 10} metrics | ${dollars(centsOf(lane))} |`,
    );
    expect(page).toContain(
      `function | ${subscriber.length}, of ${centsOf(subscriber) / 10} metrics | ${dollars(centsOf(subscriber))} |`,
    );
    const stage = [...lane, ...rest];
    expect(page).toContain(
      `a stage with one queue has ${stage.length} alarms for ${dollars(centsOf(stage))} dollars`,
    );
    const many = [...stage, ...Array.from({ length: 25 }, () => subscriber).flat()];
    expect(page).toContain(
      `With 25 subscribers of their own queues it has ${many.length}, for ${dollars(centsOf(many))} dollars`,
    );
    const shared = [...stage, ...subscriber];
    expect(page).toContain(`${shared.length} alarms for ${dollars(centsOf(shared))} dollars`);
  });
});
