import { describe, expect, it } from "vitest";
import { parseSettings, SettingsError, type SettingsInput } from "../../settings/settings.js";

const github = { name: "github", signature: { scheme: "github" } } as const;
const shop = { name: "shop", signature: { scheme: "shopify" } } as const;

function problemsOf(settings: SettingsInput): readonly string[] {
  try {
    parseSettings(settings);
    return [];
  } catch (error) {
    if (error instanceof SettingsError) return error.problems;
    throw error;
  }
}

describe("changes of a stage that cannot be made as they stand", () => {
  it.each<[settings: SettingsInput, message: RegExp]>([
    [
      { sources: [{ ...shop, formerNames: ["store"] }] },
      /^sources\[0\]\.rememberedAs: is missing: set it to .*first deployed with, such as store/,
    ],
    [
      { sources: [{ ...shop, formerNames: ["shop"], rememberedAs: "store" }] },
      /^sources\[0\]\.formerNames: "shop" is the source's present name/,
    ],
    [
      { sources: [github, { ...shop, formerNames: ["github"], rememberedAs: "store" }] },
      /^sources\[1\]\.formerNames: "github" is taken by sources\[0\]\.name: two sources would share/,
    ],
    [
      { sources: [{ ...shop, rememberedAs: "github" }, github] },
      /^sources\[1\]\.name: "github" is taken by sources\[0\]\.rememberedAs/,
    ],
    [
      { sources: [{ ...shop, formerQueue: "shared" }] },
      /^sources\[0\]\.formerQueue: must differ from queue, which is shared/,
    ],
    [
      {
        sources: [{ ...shop, formerQueue: "dedicated" }],
        queue: { type: "fifo", formerType: "standard" },
      },
      /^sources\[0\]\.formerQueue: must wait until queue\.formerType is gone/,
    ],
    [
      { sources: [{ ...shop, formerSecrets: ["signature"] }] },
      /^sources\[0\]\.formerSecrets: the source still needs its secret shop/,
    ],
    [{ sources: [{ ...shop, retiring: true }] }, /^sources: must have one that is not retiring/],
    [
      { sources: [shop], queue: { formerType: "standard" } },
      /^queue\.formerType: must differ from queue\.type/,
    ],
    [
      { sources: [shop], queue: { formerType: "fifo" }, processor: { batchWindowSeconds: 1 } },
      /^processor\.batchWindowSeconds: must be 0 .*fifo/,
    ],
    [
      { sources: [shop], api: { formerPathPrefixes: ["webhooks"] } },
      /^api\.formerPathPrefixes: must name each value once, and not "webhooks"/,
    ],
    [
      { sources: [shop], api: { formerStageNames: ["v0", "v0"] } },
      /^api\.formerStageNames: must name each value once/,
    ],
    [
      { sources: [shop], api: { kind: "http", existing: { id: "a1" }, formerStageNames: ["v0"] } },
      /^api\.formerStageNames: belongs to the existing API/,
    ],
    [{ sources: [shop], formerApi: { kind: "rest" } }, /^formerApi: must be of the other kind/],
    [
      { sources: [{ ...github, apiKey: true }], formerApi: { kind: "http" } },
      /^sources\[0\]\.apiKey: is not available with api\.kind http/,
    ],
    [
      { sources: [shop], encryption: "customer-key", formerEncryption: "customer-key" },
      /^formerEncryption: must differ from encryption/,
    ],
    [{ sources: [shop], history: { formerTtlDays: 90 } }, /^history\.formerTtlDays: must be more than/],
  ])("%j is refused", (settings, message) => {
    const problems = problemsOf(settings);

    expect(problems).toHaveLength(1);
    expect(problems[0]).toMatch(message);
  });

  it("are none of these", () => {
    expect(
      problemsOf({
        sources: [
          { ...shop, formerNames: ["store", "market"], rememberedAs: "market", formerQueue: "dedicated" },
          { ...github, retiring: true, carryHeaders: ["x-github-event"] },
        ],
        api: { kind: "http", pathPrefix: "hooks", formerPathPrefixes: ["webhooks"] },
        formerApi: { formerStageNames: ["v0"] },
        history: { ttlDays: 60, formerTtlDays: 90, overflow: "retiring" },
        formerEncryption: "customer-key",
      }),
    ).toEqual([]);
  });
});
