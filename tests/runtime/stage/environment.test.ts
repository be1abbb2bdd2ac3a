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

  it.each([
    "https://keys.example.com",
    "http://127.0.0.1.example.com:80",
    "http://127.0.0.1:80/path",
    "http://10.0.0.1:80",
  ])("asks no server but this machine for senders' keys: not %s", (endpoint) => {
    const read = (value: string) => readEnvironment({ ...complete, WEBHOOK_SIGNING_KEYS_ENDPOINT: value });
    expect(read("http://127.0.0.1:8080")).toMatchObject({ signingKeysEndpoint: "http://127.0.0.1:8080" });
    expect(() => read(endpoint)).toThrow(
      `WEBHOOK_SIGNING_KEYS_ENDPOINT must be http://127.0.0.1 with a port, got ${endpoint}`,
    );
  });

  it("names what is wrong", () => {
    expect(() => readEnvironment({ ...complete, WEBHOOK_LOG_LEVEL: "LOUD" })).toThrow(
      "WEBHOOK_LOG_LEVEL must be one of DEBUG, INFO, WARN, ERROR, got LOUD",
    );
  });
});
