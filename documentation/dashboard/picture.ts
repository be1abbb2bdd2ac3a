import type {
  DashboardBody,
  Line,
  LineOptions,
  MetricProperties,
  PlacedWidget,
} from "../../components/dashboard/body.js";
import { alarmsOn, demoValues, failures, reasons, scaleOf, type Values } from "./demo-data.js";
import { cut, element, polyline, text } from "./svg.js";

const cell = { width: 48, height: 38 };
const gap = 4;
const margin = 10;
const toolbar = 44;
const ink = {
  text: "#16191f",
  faint: "#687078",
  rule: "#e9ebed",
  edge: "#d5dbdb",
  page: "#f2f3f3",
  link: "#0073bb",
};
const palette = ["#1f77b4", "#ff7f0e", "#2ca02c", "#d62728", "#9467bd", "#8c564b", "#e377c2", "#7f7f7f"];

/** A dashboard as an SVG, drawn from its body with made-up data. */
export function dashboardPicture(body: DashboardBody): string {
  const bottom = Math.max(...body.widgets.map(({ y, height }) => y + height));
  const width = 2 * margin + 24 * cell.width;
  const height = 2 * margin + toolbar + bottom * cell.height;
  return `${element(
    "svg",
    {
      xmlns: "http://www.w3.org/2000/svg",
      viewBox: `0 0 ${width} ${height}`,
      "font-family": "Helvetica, Arial, sans-serif",
      "font-size": 11,
      fill: ink.text,
    },
    [
      element("title", {}, "The dashboard with made-up data"),
      element("rect", { width, height, fill: ink.page }),
      ...body.variables.flatMap(({ label }, index) => chooser(label, margin + index * 230)),
      ...body.widgets.map(drawWidget),
    ].join("\n"),
  )}\n`;
}

function chooser(label: string, x: number): string[] {
  return [
    text(x + 4, margin + 20, `${label}`, { fill: ink.faint }),
    element("rect", {
      x: x + 52,
      y: margin + 3,
      width: 150,
      height: 26,
      rx: 2,
      fill: "#fff",
      stroke: "#aab7b8",
    }),
    text(x + 62, margin + 20, "github"),
    text(x + 184, margin + 20, "▾", { fill: ink.faint }),
  ];
}

interface Box {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

function drawWidget(widget: PlacedWidget): string {
  const box = {
    x: margin + widget.x * cell.width + gap / 2,
    y: margin + toolbar + widget.y * cell.height + gap / 2,
    width: widget.width * cell.width - gap,
    height: widget.height * cell.height - gap,
  };
  if (widget.type === "text") return drawText(widget.properties.markdown, box);
  const { title } = widget.properties;
  return [
    element("rect", { ...box, rx: 2, fill: "#fff", stroke: ink.edge }),
    text(box.x + 10, box.y + 19, cut(title, box.width - 20, 13.5), {
      "font-size": 12,
      "font-weight": "bold",
    }),
    ...(widget.type === "alarm" ? drawAlarms(widget.properties.alarms, box) : []),
    ...(widget.type === "log" ? drawTable(widget.properties.query, box) : []),
    ...(widget.type === "metric" ? drawMetrics(widget.properties, box) : []),
  ].join("\n");
}

function drawText(markdown: string, { x, y, width }: Box): string {
  let line = y;
  return markdown
    .split("\n")
    .map((source) => {
      const [, marks = "", content = ""] = /^(#*) ?(.*)$/.exec(source) ?? [];
      const size = { 0: 11, 1: 22, 2: 17 }[marks.length] ?? 14;
      line += marks.length === 0 ? 20 : size + 9;
      const plain = content.replaceAll("`", "").replaceAll(/\[([^\]]+)\]\([^)]*\)/g, "$1");
      return text(x + 6, line, cut(plain, width, size), {
        "font-size": size,
        ...(marks.length === 0 ? { fill: plain.startsWith("Runbook") ? ink.link : ink.faint } : {}),
      });
    })
    .join("\n");
}

function drawAlarms(arns: readonly string[], { x, y, width, height }: Box): string[] {
  const names = arns.map((arn) => arn.replace(/^.*:alarm:/, ""));
  const isOn = (name: string) => alarmsOn.some((on) => name.replace(/-[0-9a-f]{7}$/, "") === on);
  const sorted = [...names.filter(isOn), ...names.filter((name) => !isOn(name))];
  const perRow = Math.floor(width / 200);
  const tile = { width: (width - 14) / perRow, height: 30 };
  const room = perRow * Math.floor((height - 34) / tile.height);
  return sorted.slice(0, room).flatMap((name, index) => {
    const left = x + 10 + (index % perRow) * tile.width;
    const top = y + 32 + Math.floor(index / perRow) * tile.height;
    const [edge, fill] = isOn(name) ? ["#d13212", "#fdf3f1"] : ["#1d8102", "#f2f8f0"];
    return [
      element("rect", {
        x: left,
        y: top,
        width: tile.width - 6,
        height: tile.height - 6,
        fill,
        stroke: ink.edge,
      }),
      element("rect", { x: left, y: top, width: 4, height: tile.height - 6, fill: edge }),
      text(left + 10, top + 16, cut(name.replace(/-[0-9a-f]{7}$/, ""), tile.width - 20, 10), {
        "font-size": 10,
      }),
    ];
  });
}

function drawTable(query: string, { x, y, width, height }: Box): string[] {
  const isGrouped = query.includes("stats ");
  const columns = isGrouped
    ? ["source", "message", "why", "times", "first", "last"]
    : ["@timestamp", "webhook_id", "source", "message", "attempt", "why"];
  const rows = isGrouped ? reasons : failures;
  const shares = isGrouped ? [1.1, 1.8, 3, 0.8, 0.8, 0.8] : [1.2, 2, 0.9, 1.7, 0.9, 2.6];
  const whole = shares.reduce((sum, share) => sum + share, 0);
  const lefts = shares.map((_, index) => {
    const before = shares.slice(0, index).reduce((sum, share) => sum + share, 0);
    return x + 10 + ((width - 20) * before) / whole;
  });
  const rowHeight = 30;
  const cells = (values: readonly string[], top: number, attributes: Record<string, string>) =>
    values.map((value, index) =>
      text(lefts[index] ?? x, top, cut(value, ((width - 20) * (shares[index] ?? 1)) / whole - 4, 10.5), {
        "font-size": 10.5,
        ...attributes,
      }),
    );
  return [
    ...cells(columns, y + 46, { fill: ink.faint, "font-weight": "bold" }),
    ...rows.slice(0, Math.floor((height - 56) / rowHeight)).flatMap((row, index) => {
      const top = y + 54 + index * rowHeight;
      return [
        polyline(
          [
            [x + 10, top],
            [x + width - 10, top],
          ],
          { stroke: ink.rule },
        ),
        ...cells(
          columns.map((column) => row[column] ?? ""),
          top + 19,
          {},
        ),
      ];
    }),
  ];
}

interface Drawn {
  readonly label: string;
  readonly color: string;
  readonly values: Values;
  readonly isRight: boolean;
}

function drawMetrics(properties: MetricProperties, box: Box): string[] {
  const drawn = properties.metrics
    .filter((line) => optionsOf(line).visible !== false)
    .flatMap((line) => valuesOf(line, properties))
    .map(
      (line, index): Drawn => ({ ...line, color: line.color ?? palette[index % palette.length] ?? ink.text }),
    );
  return properties.view === "singleValue"
    ? drawNumbers(drawn, properties, box)
    : drawGraph(drawn, properties, box);
}

/** A search finds a metric for each outcome, or one. */
function valuesOf(
  line: Line,
  { period, metrics }: MetricProperties,
): (Omit<Drawn, "color"> & { readonly color?: string })[] {
  const { id = "", expression = "", label = "", stat = "", color, yAxis } = optionsOf(line);
  const scale = scaleOf(id, period);
  const common = { isRight: yAxis === "right", ...(color === undefined ? {} : { color }) };
  const found = [...expression.matchAll(/MetricName="(\w+)"/g)].map(([, name = ""]) => name);
  if (found.length > 1) {
    return found
      .map((name) => ({ ...common, label: name, values: demoValues(name.toLowerCase(), 0.4) }))
      .filter(({ values }) => Math.max(...values) > 0);
  }
  const [only] = found;
  if (only !== undefined) {
    const statistic = /'(p\d+)'\)$/.exec(expression)?.[1] ?? "";
    return [{ ...common, label: label || only, values: demoValues(`${only} ${statistic}`.trim(), 1) }];
  }
  return [{ ...common, label, values: demoValues(shownBy(line, metrics, stat), scale) }];
}

/** What a line shows, as the made-up data calls it. */
function shownBy(line: Line, all: readonly Line[], statistic: string): string {
  const { id = "", expression } = optionsOf(line);
  const [, metricName, ...dimensions] = line.filter((part) => typeof part === "string");
  if (metricName === "LatencyMilliseconds") return `${metricName} ${statistic}`;
  if (!id.startsWith("alarm")) return id;
  if (expression !== undefined) {
    const counted = all.find((other) => optionsOf(other).id === `${id}_counted`);
    return `${counted?.[1] ?? "nothing"} in percent`;
  }
  const ofDeadLetters = dimensions.some((value) => value.includes("-dlq-"));
  return metricName === "ApproximateNumberOfMessagesVisible" && ofDeadLetters ? "dead" : (metricName ?? id);
}

function optionsOf(line: Line): LineOptions {
  const last = line.at(-1);
  return typeof last === "object" ? last : {};
}

function drawNumbers(
  drawn: readonly Drawn[],
  { setPeriodToTimeRange }: MetricProperties,
  { x, y, width, height }: Box,
): string[] {
  const each = (width - 10) / drawn.length;
  return drawn.flatMap(({ label, values, color }, index) => {
    const left = x + 10 + index * each;
    const value = setPeriodToTimeRange ? values.reduce((sum, one) => sum + one * 3, 0) : (values.at(-1) ?? 0);
    const most = Math.max(1, ...values);
    const spark = values.map(
      (one, at) =>
        [left + (at / (values.length - 1)) * (each - 16), y + height - 12 - (one / most) * 34] as const,
    );
    return [
      text(left, y + 46, cut(label, each - 8, 11), { fill: ink.faint }),
      text(left, y + 78, Math.round(value).toLocaleString("en-US"), { "font-size": 25 }),
      polyline(spark, { stroke: color, "stroke-width": 1.2 }),
    ];
  });
}

function drawGraph(
  drawn: readonly Drawn[],
  { annotations }: MetricProperties,
  { x, y, width, height }: Box,
): string[] {
  const lines = annotations?.horizontal ?? [];
  const legendRows = Math.min(2, Math.ceil((drawn.length + lines.length) / 3));
  const plot = {
    left: x + 44,
    right: x + width - (drawn.some(({ isRight }) => isRight) ? 40 : 12),
    top: y + 34,
    bottom: y + height - 24 - legendRows * 15,
  };
  const left = topOf([
    ...drawn.filter(({ isRight }) => !isRight).flatMap(({ values }) => values),
    ...lines.map(({ value }) => value),
  ]);
  const right = topOf(drawn.filter(({ isRight }) => isRight).flatMap(({ values }) => values));
  const yOf = (value: number, top: number) => plot.bottom - (value / top) * (plot.bottom - plot.top);
  const xOf = (part: number) => plot.left + part * (plot.right - plot.left);
  const steps = [0, 0.5, 1];
  const times = ["03:00", "04:00", "05:00", "06:00"];
  return [
    ...steps.flatMap((step) => [
      polyline(
        [
          [plot.left, yOf(step, 1)],
          [plot.right, yOf(step, 1)],
        ],
        { stroke: ink.rule },
      ),
      text(plot.left - 5, yOf(step, 1) + 4, short(left * step), {
        "text-anchor": "end",
        fill: ink.faint,
        "font-size": 10,
      }),
      ...(drawn.some(({ isRight }) => isRight)
        ? [text(plot.right + 5, yOf(step, 1) + 4, short(right * step), { fill: ink.faint, "font-size": 10 })]
        : []),
    ]),
    ...times.map((time, index) =>
      text(xOf(index / (times.length - 1)), plot.bottom + 13, time, {
        "text-anchor": index === 0 ? "start" : index === times.length - 1 ? "end" : "middle",
        fill: ink.faint,
        "font-size": 9.5,
      }),
    ),
    ...drawn.map(({ values, color, isRight }) =>
      polyline(
        values.map(
          (value, index) => [xOf(index / (values.length - 1)), yOf(value, isRight ? right : left)] as const,
        ),
        { stroke: color, "stroke-width": 1.5, "stroke-linejoin": "round" },
      ),
    ),
    ...lines.map(({ value, color }) =>
      polyline(
        [
          [plot.left, yOf(value, left)],
          [plot.right, yOf(value, left)],
        ],
        { stroke: color, "stroke-width": 1.2, "stroke-dasharray": "5 3" },
      ),
    ),
    ...drawLegend(
      [
        ...drawn.map(({ label, color }) => ({ label, color })),
        ...lines.map(({ label, color }) => ({ label, color })),
      ],
      { x: x + 12, y: plot.bottom + 29, width: width - 20, rows: legendRows },
    ),
  ];
}

function drawLegend(
  entries: readonly { readonly label: string; readonly color: string }[],
  {
    x,
    y,
    width,
    rows,
  }: { readonly x: number; readonly y: number; readonly width: number; readonly rows: number },
): string[] {
  const perRow = Math.max(1, Math.ceil(entries.length / rows));
  const each = width / perRow;
  return entries.flatMap(({ label, color }, index) => {
    const left = x + (index % perRow) * each;
    const top = y + Math.floor(index / perRow) * 15;
    return [
      element("rect", { x: left, y: top - 7, width: 8, height: 8, rx: 1, fill: color }),
      text(left + 12, top, cut(label, each - 16, 10), { "font-size": 10, fill: ink.faint }),
    ];
  });
}

/** The end of an axis on which all of these have room: 1, 2 or 5 times a power of ten. */
function topOf(values: readonly number[]): number {
  const most = Math.max(1e-9, ...values) * 1.05;
  const power = 10 ** Math.floor(Math.log10(most));
  return power * ([1, 2, 5, 10].find((step) => step * power >= most) ?? 10);
}

function short(value: number): string {
  if (value >= 1e6) return `${Number((value / 1e6).toPrecision(3))}M`;
  if (value >= 1e3) return `${Number((value / 1e3).toPrecision(3))}k`;
  return String(Number(value.toPrecision(2)));
}
