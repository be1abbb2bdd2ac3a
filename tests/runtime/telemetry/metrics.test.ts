import { describe, expect, it } from "vitest";
import {
  type Measurement,
  metricDimensions,
  metricNamespace,
  writeMetrics,
} from "../../../runtime/telemetry/metrics.js";

const now = 1_767_225_600_000;

function linesOf(measurements: Measurement[]): Record<string, unknown>[] {
  const lines: string[] = [];
  writeMetrics(measurements, {
    functionName: "webhooks-processor",
    now,
    writeLine: (line) => lines.push(line),
  });
  return lines.map((line) => JSON.parse(line) as Record<string, unknown>);
}

const measured = (
  outcome: Measurement["outcome"],
  source = "github",
  latencyMilliseconds = 5,
): Measurement => ({
  source,
  outcome,
  latencyMilliseconds,
});

describe("writeMetrics", () => {
  it("writes one line for each source, in the embedded metric format", () => {
    const lines = linesOf([
      measured("processed", "github", 120),
      measured("processed", "github", 80),
      measured("failed", "github"),
      measured("rejected", "stripe"),
    ]);

    expect(lines).toEqual([
      {
        _aws: {
          Timestamp: now,
          CloudWatchMetrics: [
            {
              Namespace: "WebhookPipeline",
              Dimensions: [["FunctionName"], ["FunctionName", "Source"]],
              Metrics: [
                { Name: "Processed", Unit: "Count" },
                { Name: "Failed", Unit: "Count" },
                { Name: "LatencyMilliseconds", Unit: "Milliseconds" },
              ],
            },
          ],
        },
        FunctionName: "webhooks-processor",
        Source: "github",
        Processed: 2,
        Failed: 1,
        LatencyMilliseconds: [120, 80],
      },
      expect.objectContaining({ Source: "stripe", Rejected: 1 }),
    ]);
    expect(lines[1]).not.toHaveProperty("LatencyMilliseconds");
  });

  it("writes nothing for a batch in which nothing ended", () => {
    expect(linesOf([])).toEqual([]);
  });

  it("spreads more than 100 latencies over lines, and counts each webhook once", () => {
    const lines = linesOf(Array.from({ length: 250 }, (_, index) => measured("processed", "github", index)));

    expect(lines.map((line) => (line.LatencyMilliseconds as number[]).length)).toEqual([100, 100, 50]);
    expect(lines.flatMap((line) => line.LatencyMilliseconds)).toEqual(
      Array.from({ length: 250 }, (_, index) => index),
    );
    expect(lines.map((line) => line.Processed)).toEqual([250, undefined, undefined]);
  });

  it("names every member that it declares, and declares every value", () => {
    const outcomes = ["processed", "ignored", "rejected", "invalid", "duplicate", "failed"] as const;
    const [line = {}] = linesOf(outcomes.map((outcome) => measured(outcome)));
    const {
      _aws,
      FunctionName: _,
      Source: __,
      ...values
    } = line as { _aws: { CloudWatchMetrics: unknown[] } } & Record<string, unknown>;
    const [declared] = _aws.CloudWatchMetrics as {
      Namespace: string;
      Dimensions: unknown;
      Metrics: { Name: string }[];
    }[];

    expect(declared?.Namespace).toBe(metricNamespace);
    expect(declared?.Dimensions).toEqual(metricDimensions);
    expect(declared?.Metrics.map(({ Name }) => Name).sort()).toEqual(Object.keys(values).sort());
    expect(Object.keys(values)).toHaveLength(7);
  });

  describe("where sources are not counted by themselves", () => {
    const counted = (
      measurements: Measurement[],
      { bySource = true, expected = [] as string[] },
    ): { dimensions: unknown; names: string[] }[][] => {
      const lines: string[] = [];
      writeMetrics(measurements, {
        functionName: "webhooks-processor",
        now,
        writeLine: (line) => lines.push(line),
        counting: { bySource, expected: new Set(expected) },
      });
      return lines.map((line) =>
        JSON.parse(line)._aws.CloudWatchMetrics.map(
          ({ Dimensions, Metrics }: { Dimensions: unknown; Metrics: { Name: string }[] }) => ({
            dimensions: Dimensions,
            names: Metrics.map(({ Name }) => Name),
          }),
        ),
      );
    };

    it("counts by function alone, except for sources of which webhooks are expected", () => {
      const lines = counted([measured("ignored", "github"), measured("ignored", "shop")], {
        bySource: false,
        expected: ["shop"],
      });

      expect(lines).toEqual([
        [{ dimensions: [["FunctionName"]], names: ["Ignored"] }],
        [
          { dimensions: [["FunctionName"], ["FunctionName", "Source"]], names: ["Ignored"] },
          { dimensions: [["FunctionName", "Source"]], names: ["Arrived"] },
        ],
      ]);
    });

    it.each([
      ["processed", false, true],
      ["processed", true, true],
      ["distributed", false, true],
      ["invalid", false, true],
      ["duplicate", false, true],
      ["failed", false, true],
      ["failed", true, false],
      ["held", true, false],
      ["rejected", false, false],
      ["unreadable", false, false],
      ["untried", false, false],
    ] as const)(
      "takes a webhook that is %s (repeated: %s) for an arrival: %s",
      (outcome, isRepeated, arrives) => {
        const lines = counted([{ ...measured(outcome, "shop"), isRepeated }], { expected: ["shop"] });

        expect(lines.flat().some(({ names }) => names.includes("Arrived"))).toBe(arrives);
      },
    );
  });
});
