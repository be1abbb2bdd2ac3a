import { describe, expect, it } from "vitest";
import { type AlarmKind, alarmKinds } from "../../../components/alarms/kinds.js";
import { dashboardBody, mostLanes } from "../../../components/dashboard/dashboard.js";
import type { DrawnStage } from "../../../components/dashboard/stage.js";
import { drawnStage } from "../../support/drawn-stage.js";
import { emittedMetrics } from "../../support/emitted-metrics.js";
import { problemsOf } from "./body-schema.js";

/** The largest stage with a dashboard: as many queues and the longest names, in the middle of a change to another API. */
function largest({ isOfSubscribers }: { readonly isOfSubscribers: boolean }): DrawnStage {
  const stage = drawnStage({
    lanes: mostLanes,
    isForSubscribers: (index) => isOfSubscribers && index > 0,
    functionCharacters: 64,
  });
  return { ...stage, apis: [...stage.apis, { kind: "http", id: "a1b2c3d4e5" }] };
}

const http = { kind: "http", id: "a1b2" } as const;
const stages: Record<string, DrawnStage> = {
  "of one queue": drawnStage(),
  "with an HTTP API": drawnStage({ api: http }),
  "of six queues, one for subscribers": drawnStage({ lanes: 6 }),
  "of as many queues as a stage may have": largest({ isOfSubscribers: false }),
  "of as many queues of which most are subscribers'": largest({ isOfSubscribers: true }),
  "that does not count by source": drawnStage({ countsSources: false }),
  "without alarms on others": drawnStage({ composites: [] }),
};

const body = dashboardBody(drawnStage());
type Body = ReturnType<typeof dashboardBody>;

function graphsOf({ widgets }: Body) {
  return widgets.flatMap((widget) => (widget.type === "metric" ? [widget.properties] : []));
}

function optionsOf(line: readonly unknown[]) {
  return line.at(-1) as { id?: string; expression?: string; stat?: string; visible?: boolean };
}

/** Namespace, name and dimensions' names of each metric, with its statistic. */
function metricsIn(from: Body): string[] {
  return graphsOf(from).flatMap(({ metrics }) =>
    metrics.flatMap((line) => {
      const names = line.filter((part) => typeof part === "string");
      if (names.length === 0) return [];
      const dimensions = names.slice(2).filter((_, index) => index % 2 === 0);
      return [`${names[0]} ${names[1]} ${dimensions.sort().join()} ${optionsOf(line).stat}`];
    }),
  );
}

const searchesIn = (from: Body) => JSON.stringify(from).match(/SEARCH\('.*?', '\w+'\)/g) ?? [];

describe.each(Object.entries(stages))("the dashboard of a stage %s", (_, stage) => {
  const made = dashboardBody(stage);

  it("is one that AWS understands", () => {
    expect(problemsOf(JSON.parse(JSON.stringify(made)))).toEqual([]);
  });

  it("has at most 500 metrics in a widget and 2,500 in all, five searches in a graph and 1,024 characters in a search", () => {
    const inGraphs = graphsOf(made).map(({ metrics }) => metrics.filter((line) => line.length > 1).length);
    expect(Math.max(...inGraphs)).toBeLessThanOrEqual(500);
    expect(inGraphs.reduce((sum, count) => sum + count, 0)).toBeLessThanOrEqual(2_500);
    for (const { metrics } of graphsOf(made)) {
      const searches = metrics.filter((line) => optionsOf(line).expression?.startsWith("SEARCH"));
      expect(searches.length).toBeLessThanOrEqual(5);
    }
    expect(searchesIn(made).filter((search) => search.replaceAll('\\"', '"').length > 1_024)).toEqual([]);
  });

  it("draws only metrics that exist, with exactly their dimensions and a statistic that fits", () => {
    expect([...new Set(metricsIn(made))].filter((metric) => !emittedMetrics.has(metric))).toEqual([]);
  });

  it("covers no cell of the grid twice and leaves none of the 24 columns", () => {
    const taken = new Set<string>();
    for (const { x, y, width, height } of made.widgets) {
      expect(x + width).toBeLessThanOrEqual(24);
      for (let column = x; column < x + width; column++) {
        for (let row = y; row < y + height; row++) {
          expect(taken.has(`${column} ${row}`)).toBe(false);
          taken.add(`${column} ${row}`);
        }
      }
    }
  });

  it("uses in expressions only lines of the same graph, each with an id of its own", () => {
    for (const { title, metrics } of graphsOf(made)) {
      const ids = metrics.flatMap((line) => optionsOf(line).id ?? []);
      expect([title, new Set(ids).size]).toEqual([title, ids.length]);
      for (const { expression = "" } of metrics.map(optionsOf)) {
        if (expression.startsWith("SEARCH")) continue;
        const named = expression.replaceAll(/"[^"]*"/g, "").match(/\b[a-z]\w*\b/g) ?? [];
        expect([title, named.filter((name) => !ids.includes(name))]).toEqual([title, []]);
        for (const [, part = ""] of expression.matchAll(/METRICS\("(\w+)"\)/g)) {
          const found = ids.filter((id) => id.includes(part));
          expect(found.length).toBeGreaterThan(1);
          expect(found.every((id) => id.startsWith(part))).toBe(true);
        }
      }
    }
  });

  it("shows the state of every alarm", () => {
    const shown = made.widgets.flatMap((widget) => (widget.type === "alarm" ? widget.properties.alarms : []));
    expect([...shown].sort()).toEqual([...stage.composites, ...stage.alarms.map(({ arn }) => arn)].sort());
  });
});

describe("the dashboard", () => {
  it("begins with the alarms, those that page before those that notify", () => {
    expect(body.widgets.filter(({ type }) => type !== "text")[0]?.type).toBe("alarm");
    const [pages, notifications] = body.widgets.flatMap((widget) =>
      widget.type === "alarm" ? [widget.properties.alarms] : [],
    );
    expect(pages?.[0]).toMatch(/webhooks-at-risk$/);
    expect(pages).toContainEqual(expect.stringMatching(/:webhooks-dead-letters$/));
    expect(notifications).toContainEqual(expect.stringMatching(/:webhooks-function-errors$/));
  });

  it("has the same widgets for any number of queues, and no word of any source", () => {
    const placed = (lanes: number) =>
      dashboardBody(drawnStage({ lanes }))
        .widgets.filter(({ type }) => type !== "alarm" && type !== "log")
        .map(({ type, width, height }) => ({ type, width, height }));
    expect(placed(50)).toEqual(placed(1));
    expect(searchesIn(body).join()).not.toContain("github");
  });

  it("lets a variable choose the source of which there is more", () => {
    const [variable] = body.variables;
    expect(variable).toMatchObject({ populateFrom: "Source", defaultValue: "__FIRST" });
    const chosen = searchesIn(body).filter((search) => search.includes(variable?.pattern ?? "-"));
    expect(chosen).toHaveLength(4);
    expect(variable?.search).toBe(
      '{WebhookPipeline,FunctionName,Source} MetricName="LatencyMilliseconds" ("webhooks-processor-0123456")',
    );
  });

  it("has no part for one source where functions do not count by source", () => {
    const { variables, widgets } = dashboardBody(drawnStage({ countsSources: false }));
    expect(variables).toEqual([]);
    expect(JSON.stringify(widgets)).not.toContain("chosen above");
  });

  /** States that no number stands for. Whoever sees them in the first row reads on in the runbook. */
  const withoutLine: readonly AlarmKind[] = ["webhooks-at-risk", "silent-source"];

  it.each(Object.keys(alarmKinds) as AlarmKind[])(
    "draws the threshold of %s where it draws what is watched",
    (kind) => {
      const { severity } = alarmKinds[kind];
      const drawn = graphsOf(body).flatMap(
        ({ annotations }) =>
          annotations?.horizontal.filter(({ label }) => label.startsWith(`${severity}: ${kind}`)) ?? [],
      );
      const definitions = drawnStage().alarms.filter(({ definition }) => definition.kind === kind);
      const values = [...new Set(definitions.map(({ definition }) => definition.threshold))];
      expect(drawn.map(({ value }) => value)).toEqual(withoutLine.includes(kind) ? [] : values);
    },
  );

  it("draws an alarm's expression with the ids of its own metrics", () => {
    const graph = graphsOf(dashboardBody(drawnStage({ lanes: 2 }))).find(({ title }) =>
      title.includes("failed"),
    );
    expect(graph?.metrics.map(optionsOf).map(({ id, expression }) => expression ?? id)).toEqual([
      "alarm0_counted",
      "alarm0_total",
      "IF(alarm0_counted >= 10, 100 * alarm0_counted / alarm0_total, 0)",
      "alarm1_counted",
      "alarm1_total",
      "IF(alarm1_counted >= 10, 100 * alarm1_counted / alarm1_total, 0)",
    ]);
  });

  it.each(Object.keys(alarmKinds))("leads to the runbook's section about %s", (kind) => {
    const linked = dashboardBody(drawnStage({ runbookUrl: "https://wiki.example/runbook" }));
    const texts = (from: Body) =>
      from.widgets
        .flatMap((widget) => (widget.type === "text" ? [widget.properties.markdown] : []))
        .join("\n");
    expect(texts(linked).split(`[${kind}](https://wiki.example/runbook#${kind})`)).toHaveLength(2);
    const own = texts(body).match(/(?<=^Runbook, docs\/runbook\.md: ).*$/gm) ?? [];
    expect(
      own
        .join(" · ")
        .split(" · ")
        .filter((section) => section === kind),
    ).toHaveLength(1);
  });

  it("lists the last failures with their ids, from every function's log", () => {
    const [last] = dashboardBody(drawnStage({ lanes: 2 })).widgets.flatMap((widget) =>
      widget.type === "log" ? [widget.properties.query] : [],
    );
    expect(last).toBe(
      "SOURCE 'webhooks-processor-log-0123456' | SOURCE 'webhooks-source1-processor-log-0123456' | " +
        'filter message in ["webhook rejected", "webhook invalid", "webhook unreadable", "webhook failed"]\n' +
        "| fields coalesce(reason, error) as why\n" +
        "| sort @timestamp desc\n| limit 50\n| display @timestamp, webhook_id, source, message, attempt, why",
    );
  });
});
