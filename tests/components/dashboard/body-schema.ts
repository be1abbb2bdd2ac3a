import { Ajv } from "ajv";

/**
 * AWS publishes the syntax of a dashboard's body as a page and not as a schema. This is that page, of November 2026, for the widgets that
 * we use: docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch-Dashboard-Body-Structure.html
 *
 * `setPeriodToTimeRange` is not on it. The console writes it, and AWS's own CDK documents it:
 * docs.aws.amazon.com/cdk/api/v2/docs/aws-cdk-lib.aws_cloudwatch.SingleValueWidgetProps.html
 */
const text = { type: "string" };
const color = { type: "string", pattern: "^#[0-9a-fA-F]{6}$" };
const period = { type: "integer", minimum: 60, multipleOf: 60 };
const statistic = {
  type: "string",
  pattern: "^(SampleCount|Average|Sum|Minimum|Maximum|p\\d{1,2}(\\.\\d+)?)$",
};
const axis = object([], {
  label: text,
  min: { type: "number" },
  max: { type: "number" },
  showUnits: { type: "boolean" },
});
const rendering = {
  id: { type: "string", pattern: "^[a-z][A-Za-z0-9_]*$" },
  label: text,
  color,
  period,
  visible: { type: "boolean" },
  yAxis: { enum: ["left", "right"] },
};

/** Namespace and name, then pairs of a dimension's name and value, then how it is drawn. */
const metric = {
  type: "array",
  minItems: 2,
  maxItems: 2 + 2 * 30 + 1,
  items: { anyOf: [text, object([], { ...rendering, stat: statistic, region: text })] },
};
const expression = {
  type: "array",
  minItems: 1,
  maxItems: 1,
  items: object(["expression"], { ...rendering, expression: text, region: text }),
};

const widgets = {
  text: object(["markdown"], { markdown: text, background: { enum: ["solid", "transparent"] } }),
  alarm: object(["alarms"], {
    title: text,
    alarms: { type: "array", items: { type: "string", pattern: "^arn:" }, minItems: 1, maxItems: 100 },
    sortBy: { enum: ["default", "stateUpdatedTimestamp", "timestamp"] },
    states: { type: "array", items: { enum: ["ALARM", "INSUFFICIENT_DATA", "OK"] } },
  }),
  log: object(["region", "query"], {
    title: text,
    region: text,
    query: { type: "string", pattern: "^SOURCE '[^']+'( \\| SOURCE '[^']+'){0,49} \\| (?!SOURCE)" },
    view: { enum: ["table", "timeSeries", "bar", "pie"] },
  }),
  metric: object(["region", "metrics"], {
    title: text,
    region: text,
    view: { enum: ["timeSeries", "singleValue", "gauge", "bar", "pie", "table"] },
    stacked: { type: "boolean" },
    sparkline: { type: "boolean" },
    setPeriodToTimeRange: { type: "boolean" },
    period,
    stat: statistic,
    metrics: { type: "array", maxItems: 500, items: { anyOf: [expression, metric] } },
    yAxis: object([], { left: axis, right: axis }),
    annotations: object([], {
      horizontal: {
        type: "array",
        items: object(["value"], {
          value: { type: "number" },
          label: text,
          color,
          fill: { enum: ["above", "below", "none"] },
          visible: { type: "boolean" },
          yAxis: { enum: ["left", "right"] },
        }),
      },
    }),
  }),
};

const body = object(["widgets"], {
  start: { type: "string", pattern: "^-P(T\\d+[MH]|\\d+[DWM])$" },
  periodOverride: { enum: ["auto", "inherit"] },
  variables: {
    type: "array",
    maxItems: 25,
    items: object(["type", "inputType", "id", "pattern", "search", "populateFrom"], {
      type: { enum: ["pattern"] },
      pattern: text,
      inputType: { enum: ["select", "radio"] },
      id: { type: "string", pattern: "^[0-9A-Za-z_-]{1,32}$" },
      label: { type: "string", maxLength: 30 },
      search: { type: "string", maxLength: 2_048 },
      populateFrom: text,
      defaultValue: text,
      visible: { type: "boolean" },
    }),
  },
  widgets: {
    type: "array",
    maxItems: 500,
    items: {
      anyOf: Object.entries(widgets).map(([type, properties]) =>
        object(["type", "x", "y", "width", "height", "properties"], {
          type: { const: type },
          x: { type: "integer", minimum: 0, maximum: 23 },
          y: { type: "integer", minimum: 0 },
          width: { type: "integer", minimum: 1, maximum: 24 },
          height: { type: "integer", minimum: 1, maximum: 1_000 },
          properties,
        }),
      ),
    },
  },
});

const validate = new Ajv({ allErrors: true, strictTuples: false }).compile(body);

/** What AWS would not understand in a body. */
export function problemsOf(dashboardBody: unknown): string[] {
  validate(dashboardBody);
  return (validate.errors ?? []).map(({ instancePath, message = "" }) => `${instancePath} ${message}`);
}

function object(required: readonly string[], properties: Record<string, unknown>) {
  return { type: "object", required, properties, additionalProperties: false };
}
