import { describe, expect, it } from "vitest";
import { readEnvironment } from "../../../runtime/stage/environment.js";

const complete = {
  WEBHOOK_QUEUE_URL: "https://sqs.eu-west-1.amazonaws.com/123456789012/webhooks",
  WEBHOOK_HISTORY_TABLE: "history",
  WEBHOOK_LOG_LEVEL: "WARN",
};

describe("readEnvironment", () => {
  it("reads what the component sets", () => {
    expect(readEnvironment(complete)).toEqual({
      queueUrl: complete.WEBHOOK_QUEUE_URL,
      historyTable: "history",
      logLevel: "WARN",
    });
  });

  it.each(Object.keys(complete))("names %s when it is missing or empty", (name) => {
    expect(() => readEnvironment({ ...complete, [name]: undefined })).toThrow(`${name} is not set`);
    expect(() => readEnvironment({ ...complete, [name]: "" })).toThrow(`${name} is not set`);
  });

  it("names what is wrong", () => {
    expect(() => readEnvironment({ ...complete, WEBHOOK_LOG_LEVEL: "LOUD" })).toThrow(
      "WEBHOOK_LOG_LEVEL must be one of DEBUG, INFO, WARN, ERROR, got LOUD",
    );
  });
});
