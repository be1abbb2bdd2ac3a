import { describe, expect, it } from "vitest";
import { embeddedMetrics } from "../../watching/emf.js";

const now = Date.now();
const line = (members: object, directive: object = {}, timestamp: number = now) =>
  JSON.stringify({
    _aws: {
      Timestamp: timestamp,
      CloudWatchMetrics: [
        { Namespace: "N", Dimensions: [["A"], ["A", "B"]], Metrics: [{ Name: "M" }], ...directive },
      ],
    },
    ...members,
  });

describe("metrics embedded in a log line", () => {
  it("are recorded once for each set of dimensions", () => {
    expect(embeddedMetrics(line({ A: "a", B: 2, M: 3 }))).toEqual([
      { namespace: "N", name: "M", dimensions: { A: "a" }, value: 3, at: now },
      { namespace: "N", name: "M", dimensions: { A: "a", B: "2" }, value: 3, at: now },
    ]);
  });

  it("may hold many values", () => {
    const values = embeddedMetrics(line({ A: "a", M: [1, 2] })).map(({ value }) => value);
    expect(values).toEqual([1, 2]);
  });

  it.each([
    ["is plain text", "hello"],
    ["is JSON of another kind", '{"message":"_aws"}'],
    ["is broken JSON", '{"_aws":'],
    ["lacks the value", line({ A: "a", B: "b" })],
    ["lacks the dimension", line({ M: 1 })],
    ["has a value that is no number", line({ A: "a", M: "1" })],
    ["has over 100 values", line({ A: "a", M: Array(101).fill(1) })],
    ["has no namespace", line({ A: "a", M: 1 }, { Namespace: undefined })],
    ["is more than two weeks old", line({ A: "a", M: 1 }, {}, now - 15 * 24 * 3600 * 1000)],
    [
      "is wrapped into a log record",
      JSON.stringify({ level: "INFO", message: JSON.parse(line({ A: "a", M: 1 })) }),
    ],
  ])("are nothing where the line %s", (_, text) => {
    expect(embeddedMetrics(text)).toEqual([]);
  });
});
