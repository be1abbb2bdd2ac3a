/**
 * The body of a dashboard, as far as ours goes:
 * docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch-Dashboard-Body-Structure.html
 */
export interface DashboardBody {
  /** Time range with which the page opens. */
  readonly start: string;
  /** `inherit`: each graph keeps its period, so that the alarms' thresholds mean the same in it. */
  readonly periodOverride: "inherit";
  readonly variables: readonly Variable[];
  readonly widgets: readonly PlacedWidget[];
}

/** Chosen at the top of the page. Its value takes the place of `pattern` in the whole body. */
export interface Variable {
  readonly type: "pattern";
  readonly pattern: string;
  readonly inputType: "select";
  readonly id: string;
  readonly label: string;
  /** Metrics among which the values of a dimension are found. */
  readonly search: string;
  readonly populateFrom: string;
  /** `__FIRST`: the first that is found. */
  readonly defaultValue: string;
  readonly visible: boolean;
}

/** A part of the page. Width and height count cells of the grid, which has 24 columns. */
export type Widget = { readonly width: number; readonly height: number } & (
  | { readonly type: "text"; readonly properties: TextProperties }
  | { readonly type: "alarm"; readonly properties: AlarmProperties }
  | { readonly type: "metric"; readonly properties: MetricProperties }
  | { readonly type: "log"; readonly properties: LogProperties }
);

export type PlacedWidget = Widget & { readonly x: number; readonly y: number };

interface TextProperties {
  readonly markdown: string;
  readonly background: "transparent" | "solid";
}

interface AlarmProperties {
  readonly title: string;
  /** ARNs. */
  readonly alarms: readonly string[];
  readonly sortBy: "stateUpdatedTimestamp";
}

export interface MetricProperties {
  readonly title: string;
  readonly region: string;
  readonly view: "timeSeries" | "singleValue";
  readonly stacked: boolean;
  readonly metrics: readonly Line[];
  readonly period: number;
  /** Whether a number is the one of the whole time range, and not of the last period. */
  readonly setPeriodToTimeRange?: boolean;
  readonly sparkline?: boolean;
  readonly yAxis?: { readonly left?: Axis; readonly right?: Axis };
  readonly annotations?: { readonly horizontal: readonly Threshold[] };
}

interface Axis {
  readonly min?: number;
  readonly label?: string;
  readonly showUnits?: boolean;
}

/** A line across a graph. */
export interface Threshold {
  readonly label: string;
  readonly value: number;
  readonly color: string;
}

interface LogProperties {
  readonly title: string;
  readonly region: string;
  readonly query: string;
  readonly view: "table";
}

/** Namespace, name and dimensions of a metric, then how it is drawn; or an expression. */
export type Line = readonly (string | LineOptions)[];

export interface LineOptions {
  readonly expression?: string;
  readonly id?: string;
  readonly label?: string;
  readonly stat?: string;
  readonly period?: number;
  readonly color?: string;
  readonly visible?: boolean;
  readonly yAxis?: "left" | "right";
}

/** Columns of the grid. */
export const columns = 24;

/** Puts rows of widgets below each other, each row as high as its highest widget. */
export function inRows(rows: readonly (readonly Widget[])[]): PlacedWidget[] {
  const placed: PlacedWidget[] = [];
  let y = 0;
  for (const row of rows) {
    let x = 0;
    for (const widget of row) {
      placed.push({ ...widget, x, y });
      x += widget.width;
    }
    y += Math.max(0, ...row.map(({ height }) => height));
  }
  return placed;
}
