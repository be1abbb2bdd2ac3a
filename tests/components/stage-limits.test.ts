import { beforeAll, describe, expect, it } from "vitest";
import { WebhookPipeline } from "../../components/webhook-pipeline.js";
import type { SettingsInput } from "../../settings/settings.js";
import { type Policy, policyIn, type Registered, refused, registered } from "../support/registered.js";

type Source = SettingsInput["sources"][number];

/** Names as long as they may be. */
function sources(count: number, settings: Partial<Source> = {}): Source[] {
  return Array.from({ length: count }, (_, index) => ({
    name: `${"a-very-long-name-of-a-source-".repeat(3).slice(0, 60)}-${String(index).padStart(3, "0")}`,
    signature: { scheme: "github" },
    ...settings,
  }));
}

const addresses = (count: number) => Array.from({ length: count }, (_, index) => `192.0.2.${index}/32`);

/** Characters of the names that AWS knows resources by, without those of `.fifo`. */
const mostCharacters: Record<string, number> = {
  "aws:iam/role:Role": 64,
  "aws:lambda/function:Function": 64,
  "aws:sqs/queue:Queue": 80,
  "aws:s3/bucket:Bucket": 63,
};

describe.each([
  ["150 sources that share a queue", sources(150)],
  ["12 sources with a queue each", sources(12, { queue: "dedicated" })],
])("a stage of %s, with long names", (_, all) => {
  let stage: Registered;
  beforeAll(async () => {
    stage = await registered(
      () =>
        new WebhookPipeline("webhooks", {
          sources: all,
          queue: { type: "fifo" },
          history: { overflow: true },
        }),
    );
  });

  it("has names that AWS takes", () => {
    const tooLong = stage.resources.filter(
      ({ type, state }) => String(state.name ?? "").length > (mostCharacters[type] ?? 255),
    );
    expect(tooLong.map(({ name }) => name)).toEqual([]);
  });

  it("has environments and policies that AWS takes", () => {
    const environments = stage
      .all("aws:lambda/function:Function")
      .map(({ inputs }) => JSON.stringify((inputs.environment as { variables: object }).variables).length);
    const policies = stage
      .all("aws:iam/rolePolicy:RolePolicy")
      .map(({ inputs }) => String(inputs.policy).length);

    expect(Math.max(...environments)).toBeLessThan(4_096);
    expect(Math.max(...policies)).toBeLessThan(10_240);
  });

  it("lets each function read its own sources' secrets, and the stage's at most", () => {
    const secrets = stage.all("aws:secretsmanager/secret:Secret").map(({ state }) => String(state.arn));
    const readable = stage
      .all("aws:iam/rolePolicy:RolePolicy")
      .flatMap((resource) => (policyIn(resource) as Policy).Statement)
      .filter(({ Action }) => Action === "secretsmanager:GetSecretValue")
      .map(({ Resource }) => [Resource].flat());

    for (const resources of readable) {
      for (const resource of resources) expect(resource).toMatch(/:secret:webhooks-a-very-long-name/);
    }
    const named = (resources: string[]) =>
      secrets.filter((secret) =>
        resources.some((resource) => secret.startsWith(resource.replace(/\*$/, ""))),
      );
    expect(readable.map((resources) => named(resources).length).sort()).toEqual(
      all[0]?.queue === "dedicated" ? all.map(() => 1) : [secrets.length],
    );
  });
});

describe("a stage that is too large", () => {
  it.each<[string, SettingsInput, RegExp]>([
    ["REST API", { sources: sources(500) }, /make 502 resources of the REST API, which has room for 300/],
    [
      "HTTP API",
      { sources: sources(500), api: { kind: "http" } },
      /have 500 paths, and an HTTP API has room for 300/,
    ],
    [
      "resource policy",
      { sources: sources(60).map((source, index) => ({ ...source, allowedCidrs: addresses(6 + index) })) },
      /make a resource policy of \d+ characters, and AWS takes 8192/,
    ],
  ])("is refused with the size of its %s, and registers nothing", async (_, settings, message) => {
    const { error, resources } = await refused(() => new WebhookPipeline("webhooks", settings));

    expect(error.message).toMatch(message);
    expect(resources).toEqual([]);
  });

  it("may have 40 sources with the same six blocks of addresses", async () => {
    const same = Array.from({ length: 40 }, (_, index) => ({
      name: `source-${index}`,
      signature: { scheme: "github" },
      allowedCidrs: addresses(6),
    }));
    const { one } = await registered(() => new WebhookPipeline("webhooks", { sources: same }));

    const policy = JSON.parse(String(one("aws:apigateway/restApi:RestApi").inputs.body))[
      "x-amazon-apigateway-policy"
    ];
    expect(policy.Statement).toHaveLength(2);
  });

  it("is refused for a name that roles have no room for", async () => {
    const { error } = await refused(() => new WebhookPipeline("w".repeat(41), { sources: sources(1) }));

    expect(error.message).toMatch(/name has 41 characters/);
  });
});
