import { describe, expect, it } from "vitest";
import { parseSettings, SettingsError } from "../../settings/settings.js";

const sources = [{ name: "github", signature: { scheme: "github" } }];

/** The problems of settings that must not pass. */
function problemsOf(raw: Record<string, unknown>): readonly string[] {
  try {
    parseSettings(raw);
  } catch (error) {
    if (error instanceof SettingsError) return error.problems;
    throw error;
  }
  throw new Error("expected the settings to be refused, but they went through");
}

/** The one problem of otherwise right settings. */
function problemOf(raw: Record<string, unknown>): string {
  const problems = problemsOf({ sources, ...raw });
  expect(problems).toHaveLength(1);
  return problems[0] ?? "";
}

describe("a stage's settings", () => {
  it("need nothing but sources; the rest has defaults fit for production", () => {
    expect(parseSettings({ sources })).toMatchObject({
      api: { stageName: "v1", pathPrefix: "webhooks", ownsAccountLogging: true },
      queue: { maxReceiveCount: 14, retentionDays: 7, visibilityTimeoutSeconds: 180 },
      processor: { timeoutSeconds: 30, batchSize: 10, maxConcurrency: 20 },
      history: { ttlDays: 90, pointInTimeRecovery: true, overflow: true },
      protect: true,
      alarms: { email: [], deadLetters: 1 },
      encryption: "aws-managed",
      tags: {},
    });
  });

  it("take the event type from the provider, and what the function does with a webhook from the source", () => {
    const [source] = parseSettings({
      sources: [
        {
          name: "github",
          signature: { scheme: "github" },
          filter: { exclude: ["star"] },
          routes: { push: "deployments", default: "record" },
          forward: { url: "https://app.example/hooks", timeoutSeconds: 5 },
          handshake: { kind: "slack" },
        },
      ],
      history: { keepPayload: "none" },
    }).sources;

    expect(source?.definition).toMatchObject({
      eventType: "header:x-github-event",
      filter: { exclude: ["star"] },
      routes: { byEventType: [{ match: "push", to: { handler: "deployments" } }], otherwise: "record" },
      forward: { url: "https://app.example/hooks", timeoutSeconds: 5, permanentStatuses: [410] },
      handshake: { challenge: "json:challenge", requires: { "json:type": "url_verification" }, signed: true },
    });
  });

  it("hide a delivered webhook six times as long as the function may run, plus the window", () => {
    const { queue } = parseSettings({
      sources,
      processor: { timeoutSeconds: 20, batchSize: 50, concurrency: 50, batchWindowSeconds: 5 },
    });

    expect(queue.visibilityTimeoutSeconds).toBe(125);
  });

  it("name five mistakes in five places in one error, each with its path", () => {
    const problems = problemsOf({
      sources: [
        { name: "github", signature: { scheme: "github" } },
        { name: "Stripe!", signature: { scheme: "stripe" } },
        { name: "crm", signature: { scheme: "hmac" }, eventId: ["json:id"] },
      ],
      queue: { maxReceiveCount: 0 },
      processor: { batchSize: 100, concurrency: 100 },
      history: { ttlDays: "long" },
    });

    expect(problems).toEqual([
      expect.stringMatching(/^sources\[1\]\.name: must be 1 to 64 characters of a-z/),
      expect.stringMatching(/^sources\[2\]\.signature\.header: is missing/),
      expect.stringMatching(/^queue\.maxReceiveCount: must be a whole number of deliveries from 1 to 1000/),
      expect.stringMatching(/^history\.ttlDays: must be a whole number of days/),
      expect.stringMatching(/^processor\.batchWindowSeconds: must be at least 1/),
    ]);
  });

  it.each([
    [{ proccessor: {} }, /^proccessor: is not a setting; the settings are sources, api, queue, processor/],
    [{ queue: { retention: 3 } }, /^queue\.retention: is not a setting$/],
    [{ sources: undefined }, /^sources: is missing$/],
    [{ sources: [] }, /^sources: must name at least one source/],
    [{ sources: [{ name: "a" }] }, /^sources\[0\]\.signature: is missing$/],
    [
      { sources: [...sources, ...sources] },
      /^sources\[1\]\.name: "github" is already the name of sources\[0\]$/,
    ],
    [{ api: { pathPrefix: "/hooks/" } }, /^api\.pathPrefix: must be path parts/],
    [{ api: { accessLogRetentionDays: 8 } }, /^api\.accessLogRetentionDays: must be one of 1, 3, 5, 7/],
    [{ api: { throttling: { burst: 0 } } }, /^api\.throttling\.burst: must be a whole number of requests/],
    [{ api: { throttling: { requestsPerSecond: 0 } } }, /^api\.throttling\.requestsPerSecond: .*1 to 10000$/],
    [{ api: { throttling: { burst: 5_001 } } }, /^api\.throttling\.burst: .*1 to 5000$/],
    [{ queue: { maxReceiveCount: 1.5 } }, /^queue\.maxReceiveCount: .*1 to 1000$/],
    [{ queue: { maxReceiveCount: 1_001 } }, /^queue\.maxReceiveCount: .*1 to 1000$/],
    [{ queue: { visibilityTimeoutSeconds: 43_201 } }, /^queue\.visibilityTimeoutSeconds: .*0 to 43200$/],
    [{ queue: { retentionDays: 14 } }, /^queue\.retentionDays: must be a whole number of days from 1 to 13$/],
    [
      { queue: { visibilityTimeoutSeconds: 179 } },
      /^queue\.visibilityTimeoutSeconds: must be at least 180, six times/,
    ],
    [{ processor: { memoryMegabytes: 64 } }, /^processor\.memoryMegabytes: .*128 to 10240$/],
    [{ processor: { timeoutSeconds: 901 } }, /^processor\.timeoutSeconds: .*1 to 900$/],
    [{ processor: { batchSize: 0 } }, /^processor\.batchSize: .*1 to 10000$/],
    [{ processor: { batchWindowSeconds: 301 } }, /^processor\.batchWindowSeconds: .*0 to 300$/],
    [
      { processor: { vpc: { kind: "new", availabilityZones: 7 } } },
      /^processor\.vpc\.availabilityZones: .*1 to 6$/,
    ],
    [{ processor: { batchSize: 11, concurrency: 11 } }, /^processor\.batchWindowSeconds: must be at least 1/],
    [{ processor: { maxConcurrency: 1 } }, /^processor\.maxConcurrency: must be a whole number/],
    [{ processor: { logLevel: "LOUD" } }, /^processor\.logLevel: /],
    [
      { processor: { backoff: { baseSeconds: 60, maxSeconds: 30 } } },
      /^processor\.backoff\.maxSeconds: must not be less than baseSeconds$/,
    ],
    [
      { processor: { vpc: { kind: "old" } } },
      /^processor\.vpc\.kind: is not known \(one of new, existing\)$/,
    ],
    [
      { processor: { vpc: { kind: "existing", subnetIds: ["x"], securityGroupIds: ["sg-1"] } } },
      /^processor\.vpc\.subnetIds\[0\]: must be a subnet id/,
    ],
    [{ history: { ttlDays: 0 } }, /^history\.ttlDays: .*1 to 3650$/],
    [{ history: { ttlDays: 3_651 } }, /^history\.ttlDays: .*1 to 3650$/],
    [{ alarms: { deadLetters: 0 } }, /^alarms\.deadLetters: .*1 to 1000000$/],
    [
      { history: { ttlDays: 21 } },
      /^history\.ttlDays: must be more than 21, the days that a webhook can wait/,
    ],
    [{ alarms: { email: ["nobody"] } }, /^alarms\.email\[0\]: must be an e-mail address$/],
    [{ alarms: { https: ["http://x.example"] } }, /^alarms\.https\[0\]: must be an https:\/\/ URL$/],
    [{ encryption: "rot13" }, /^encryption: /],
    [
      {
        sources: [
          { name: "a", signature: { scheme: "none" }, eventId: ["body"], filter: { include: ["x"] } },
        ],
      },
      /^sources\[0\]\.filter: needs eventType/,
    ],
    [
      {
        sources: [
          {
            name: "a",
            signature: { scheme: "none" },
            eventId: ["body"],
            forward: { url: "https://a.example", timeoutSeconds: 30 },
          },
        ],
      },
      /^sources\[0\]\.forward\.timeoutSeconds: must be at most 24 with processor\.timeoutSeconds 30:/,
    ],
    [
      {
        sources: [
          {
            name: "a",
            signature: { scheme: "none" },
            eventId: ["body"],
            forward: { url: "http://a.example" },
          },
        ],
      },
      /^sources\[0\]\.forward\.url: /,
    ],
    [{ protect: "yes" }, /^protect: /],
    [{ tags: { "aws:x": "1" } }, /^tags\.aws:x: /],
  ])("refuse %o", (raw, message) => {
    expect(problemOf(raw)).toMatch(message);
  });
});
