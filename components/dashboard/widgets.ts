import { type AlarmKind, alarmKinds, ownRunbook, runbookSection } from "../alarms/kinds.js";
import type { Line, MetricProperties, Threshold, Widget } from "./body.js";
import { watchedLines } from "./lines.js";
import type { DrawnStage } from "./stage.js";

/** Red pages, orange notifies: as the console draws alarms. */
const colors = { page: "#d13212", notify: "#ff9900" } as const;

const graphHeight = 6;

/** A heading over all columns, with links to the runbook's sections. */
export function heading(text: string, kinds: readonly AlarmKind[], stage: DrawnStage): Widget[] {
  const { runbookUrl } = stage;
  // A relative link would lead into the console, so that without a URL the page only says where to read in a clone.
  const sections = kinds.map((kind) =>
    runbookUrl === undefined ? kind : `[${kind}](${runbookSection(kind, runbookUrl)})`,
  );
  const links = `${runbookUrl === undefined ? `Runbook, ${ownRunbook}` : "Runbook"}: ${sections.join(" · ")}`;
  return [
    {
      type: "text",
      width: 24,
      height: kinds.length === 0 ? 1 : 2,
      properties: {
        markdown: `## ${text}${kinds.length === 0 ? "" : `\n${links}`}`,
        background: "transparent",
      },
    },
  ];
}

/** A graph over time. */
export function graph(
  title: string,
  metrics: readonly Line[],
  { region }: Pick<DrawnStage, "region">,
  {
    width = 8,
    ...properties
  }: Partial<Omit<MetricProperties, "title" | "metrics">> & { readonly width?: number } = {},
): Widget {
  return {
    type: "metric",
    width,
    height: graphHeight,
    properties: {
      title,
      region,
      view: "timeSeries",
      stacked: false,
      metrics,
      period: 60,
      yAxis: { left: { min: 0, showUnits: false } },
      ...properties,
    },
  };
}

/** Numbers side by side. */
export function numbers(
  title: string,
  metrics: readonly Line[],
  { region }: Pick<DrawnStage, "region">,
  { width, ofRange }: { readonly width: number; readonly ofRange: boolean },
): Widget {
  return {
    type: "metric",
    width,
    height: 4,
    properties: {
      title,
      region,
      view: "singleValue",
      stacked: false,
      metrics,
      period: 60,
      sparkline: true,
      ...(ofRange ? { setPeriodToTimeRange: true } : {}),
    },
  };
}

/**
 * What alarms of some kinds watch, as they see it, with their thresholds as lines. Undefined if the stage has none of
 * these kinds.
 */
export function alarmGraph(
  title: string,
  kinds: readonly AlarmKind[],
  stage: DrawnStage,
): Widget | undefined {
  const alarms = stage.alarms.filter(({ definition }) => kinds.includes(definition.kind));
  const [first] = alarms;
  if (first === undefined) return undefined;
  const period = periodOf(first.definition);
  const lines = alarms.flatMap(({ owner, definition }, index) => {
    const own = periodOf(definition);
    const of = definition.detail === undefined ? owner : `${owner} ${definition.detail}`;
    return watchedLines(definition, {
      id: `alarm${index}`,
      label: kinds.length === 1 ? of : `${definition.kind}: ${of}`,
      ...(own === period ? {} : { period: own }),
    });
  });
  const horizontal = thresholds(alarms.map(({ definition }) => definition));
  return graph(title, lines, stage, { period, annotations: { horizontal } });
}

function periodOf({ kind, periodSeconds }: { readonly kind: AlarmKind; readonly periodSeconds?: number }) {
  return periodSeconds ?? alarmKinds[kind].periodSeconds;
}

/** Each kind's threshold once: it is the same for each lane. */
function thresholds(
  definitions: readonly { readonly kind: AlarmKind; readonly threshold: number; readonly breach?: string }[],
): Threshold[] {
  const lines = new Map<string, Threshold>();
  for (const { kind, threshold, breach } of definitions) {
    const { severity } = alarmKinds[kind];
    const label = `${severity}: ${kind}${breach === "below" ? " below this" : ""}`;
    lines.set(`${label} ${threshold}`, { label, value: threshold, color: colors[severity] });
  }
  return [...lines.values()];
}
