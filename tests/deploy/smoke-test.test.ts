import { describe, expect, it } from "vitest";
import { checksAsText, smokeTest } from "../../deploy/smoke/smoke-test.js";
import type { AwsClients } from "../../ops/stage/clients.js";
import type { Stage } from "../../ops/stage/stage.js";

const outputs = {
  endpoints: {
    github: "https://api.example.com/v1/webhooks/github",
    shop: "https://api.example.com/v1/webhooks/shop",
  },
  secretNames: { github: "webhooks-github-secret-1a2b" },
  operations: { lanes: { webhooks: { eventSourceMapping: "uuid" } } },
};

const stageWith = (clients: AwsClients) => ({ name: "dev", outputs, clients }) as unknown as Stage;

const clients = (mapping = "Enabled", versions: object = { one: ["AWSCURRENT"] }) =>
  ({
    lambda: async () => ({ send: async () => ({ State: mapping }) }),
    secretsManager: async () => ({ send: async () => ({ VersionIdsToStages: versions }) }),
  }) as unknown as AwsClients;

const answering = (status: number, asked: string[] = []) =>
  (async (url: string) => {
    asked.push(url);
    return new Response(null, { status });
  }) as typeof fetch;

const results = async (options: Parameters<typeof smokeTest>[1], aws = clients()) =>
  (await smokeTest(stageWith(aws), { patienceMilliseconds: 0, ...options })).map(
    ({ what, result }) => `${what}: ${result}`,
  );

describe("the smoke test", () => {
  it("passes where the front door answers, the queue is worked off and secrets are stored", async () => {
    expect(await results({ fetch: answering(404) })).toEqual([
      "front door https://api.example.com/v1/webhooks/: passed",
      "queue webhooks: passed",
      "secret github: passed",
    ]);
  });

  it("asks each front door once, and for no source, so that nothing is queued", async () => {
    const asked: string[] = [];
    await results({ fetch: answering(404, asked) });

    expect(asked).toEqual(["https://api.example.com/v1/webhooks/no-such-source-smoke-test"]);
  });

  it.each([500, 200])("fails where the front door answers %s for an unknown source", async (status) => {
    expect(await results({ fetch: answering(status) })).toContain(
      "front door https://api.example.com/v1/webhooks/: failed",
    );
  });

  it("fails where nobody answers, with the reason", async () => {
    const fetchOfNobody = (async () => {
      throw new TypeError("fetch failed", { cause: new Error("getaddrinfo ENOTFOUND api.example.com") });
    }) as typeof fetch;
    const checks = await smokeTest(stageWith(clients()), { fetch: fetchOfNobody, patienceMilliseconds: 0 });

    expect(checksAsText(checks)).toContain(
      "FAILED  front door https://api.example.com/v1/webhooks/: does not answer: getaddrinfo ENOTFOUND",
    );
  });

  it("fails where nothing works the queue off", async () => {
    expect(await results({ fetch: answering(404) }, clients("Disabled"))).toContain("queue webhooks: failed");
  });

  it("tells of a source without a secret, which breaks nothing yet", async () => {
    expect(await results({ fetch: answering(404) }, clients("Enabled", {}))).toContain("secret github: note");
  });

  it("says that it did not ask the front door of an emulated AWS", async () => {
    const asked: string[] = [];

    expect(await results({ fetch: answering(404, asked), emulator: "http://127.0.0.1:5000" })).toContain(
      "front door https://api.example.com/v1/webhooks/: note",
    );
    expect(asked).toEqual([]);
  });
});
