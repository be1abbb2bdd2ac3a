import { describe, expect, it } from "vitest";
import { failedMessageIds } from "../../lambda/batch-response.js";

const ids = ["1", "2", "3"];
const failed = (response: unknown) => [...failedMessageIds(JSON.stringify(response), ids)];

describe("what Lambda makes of the response to a batch", () => {
  it.each([
    ["nothing", undefined],
    ["null", null],
    ["an empty object", {}],
    ["no list", { batchItemFailures: null }],
    ["an empty list", { batchItemFailures: [] }],
    ["a list that was forgotten, which deletes the batch", { batchItemFailures: undefined }],
    ["a misspelt list, which deletes the batch", { batchItemFailuers: [{ itemIdentifier: "1" }] }],
  ])("takes %s for success", (_, response) => {
    expect(failed(response)).toEqual([]);
  });

  it.each([
    ["an empty id", { batchItemFailures: [{ itemIdentifier: "" }] }],
    ["a null id", { batchItemFailures: [{ itemIdentifier: null }] }],
    ["another key", { batchItemFailures: [{ foo: "1" }] }],
    [
      "an id that is not in the batch",
      { batchItemFailures: [{ itemIdentifier: "1" }, { itemIdentifier: "9" }] },
    ],
    ["an entry that is no object", { batchItemFailures: ["1"] }],
    ["a null entry", { batchItemFailures: [null] }],
    ["a list that is none", { batchItemFailures: "1" }],
    ["text", "ok"],
  ])("takes %s for a failure of all", (_, response) => {
    expect(failed(response)).toEqual(ids);
  });

  it("takes what is not JSON for a failure of all", () => {
    expect([...failedMessageIds("{", ids)]).toEqual(ids);
  });

  it("takes the listed ids alone for failed", () => {
    expect(failed({ batchItemFailures: [{ itemIdentifier: "3" }, { itemIdentifier: "1" }] })).toEqual([
      "3",
      "1",
    ]);
  });
});
