import { describe, expect, it } from "vitest";
import { isServed } from "../../providers/support/handshakes.js";
import { providers } from "../../providers/support/known.js";
import { httpIngestSource } from "../../settings/http-ingest.js";
import { parseSettings, SettingsError } from "../../settings/settings.js";

const github = { name: "github", signature: { scheme: "github" } };
const throttling = { requestsPerSecond: 1, burst: 1 };

interface Stage {
  readonly source?: object;
  readonly api?: object;
  readonly queue?: object;
}

const rawOf = ({ source = {}, api = {}, queue = {} }: Stage) => ({
  sources: [{ ...github, ...source }],
  api: { kind: "http", ...api },
  queue,
});

/** The one problem of a stage that is right otherwise. */
function problemOf(stage: Stage): string {
  try {
    parseSettings(rawOf(stage));
  } catch (error) {
    if (!(error instanceof SettingsError)) throw error;
    expect(error.problems).toHaveLength(1);
    return error.problems[0] ?? "";
  }
  throw new Error("expected the settings to be refused, but they went through");
}

/** The source as the HTTP API takes it. */
function ingestOf(source: object) {
  const [settings] = parseSettings(rawOf({ source })).sources;
  if (settings === undefined) throw new Error("there is no source");
  return httpIngestSource(settings);
}

describe("api.kind http", () => {
  it("is not the default", () => {
    expect(parseSettings({ sources: [github] }).api).toMatchObject({ stageName: "v1", bodyMode: "bytes" });
    expect(parseSettings({ sources: [github], api: { kind: "rest" } }).api.stageName).toBe("v1");
  });

  it("needs nothing else", () => {
    expect(parseSettings(rawOf({})).api).toEqual({
      kind: "http",
      stageName: "$default",
      formerStageNames: [],
      pathPrefix: "webhooks",
      formerPathPrefixes: [],
      api: { throttling: { requestsPerSecond: 1_000, burst: 2_000 }, accessLogRetentionDays: 30 },
    });
  });

  it.each([{ id: "a1b2c3d4e5" }, { name: "shared" }])("can be another stack's API: %j", (existing) => {
    expect(parseSettings(rawOf({ api: { existing, stageName: "prod" } })).api).toMatchObject({
      stageName: "prod",
      api: { existing },
    });
  });

  it.each([
    ["api.bodyMode", { api: { bodyMode: "text" } }, /bodies reach the queue as text/],
    ["api.contentTypes", { api: { contentTypes: ["text/csv"] } }, /every content type is accepted/],
    ["api.customDomain", { api: { customDomain: {} } }, /put a domain in front/],
    ["api.webAclArn", { api: { webAclArn: "arn:aws:wafv2:::regional/webacl/x" } }, /WAF/],
    ["api.ownsAccountLogging", { api: { ownsAccountLogging: true } }, /access log/],
    ["sources[0].allowedCidrs", { source: { allowedCidrs: ["192.0.2.0/24"] } }, /resource policy/],
    ["sources[0].apiKey", { source: { apiKey: true } }, /API keys/],
    ["sources[0].edgeSchema", { source: { edgeSchema: {} } }, /use schema/],
    ["sources[0].handshake", { source: { handshake: { kind: "slack" } } }, /SQS's own answer/],
    // The provider asks for it, whether the stage names it or not.
    [
      "sources[0].handshake",
      { source: { signature: { scheme: "slack" } } },
      /If another server answers, write handshake: \{ kind: none \}$/,
    ],
    [
      "sources[0].orderBy",
      { source: { orderBy: "header:x-order" }, queue: { type: "fifo" } },
      /all webhooks of a source are kept in order/,
    ],
    [
      "sources[0].deduplicateBy",
      { source: { deduplicateBy: "header:x-id" }, queue: { type: "fifo" } },
      /forged webhook/,
    ],
    [
      "sources[0].signature",
      { source: { signature: { scheme: "contentful", publicUrl: "https://a.example.com/x" } } },
      /contentful signs headers that each request names itself/,
    ],
  ])("refuses %s by its path, with the reason", (path, stage, reason) => {
    const problem = problemOf(stage);

    expect(problem.startsWith(`${path}: is not available with api.kind http: `)).toBe(true);
    expect(problem).toMatch(reason);
  });

  it.each(
    Object.entries(providers)
      .filter(([, { handshake, signature }]) => isServed(handshake.kind) && signature.kind === "hmac")
      .map(([scheme]) => scheme),
  )("takes a provider that asks for a handshake if another server answers it: %s", (scheme) => {
    const source = { signature: { scheme }, handshake: { kind: "none" } };
    expect(() => parseSettings(rawOf({ source }))).not.toThrow();
  });

  it.each([
    [{ api: { kind: "graphql" } }, /^api\.kind: is not known \(one of rest, http\)/],
    [{ api: { stageName: "a b" } }, /^api\.stageName: must be \$default or/],
    [{ api: { existing: {} } }, /^api\.existing: must have either the id or the name/],
    [{ api: { existing: { id: "a", name: "b" } } }, /^api\.existing: must have either/],
    [{ api: { existing: { id: "arn:aws:x" } } }, /^api\.existing\.id: must be the id/],
    [{ api: { existing: { id: "a" }, throttling } }, /^api\.throttling: belongs to the existing API's stage/],
    [
      { api: { existing: { id: "a" }, accessLogRetentionDays: 3 } },
      /^api\.accessLogRetentionDays: belongs to/,
    ],
    [
      { api: { existing: { id: "a" } }, source: { throttling } },
      /^sources\[0\]\.throttling: is not available .*stage of api\.existing/,
    ],
    [
      { source: { carryHeaders: ["x.y"] } },
      /^sources\[0\]: needs "x\.y", but SQS carries only names of letters/,
    ],
    [
      { source: { carryHeaders: ["a".repeat(80)] } },
      /^sources\[0\] \(github\): the mapping of 5 headers and query parameters has 5\d\d characters, but AWS takes 512 \(content-type, x-hub/,
    ],
  ])("refuses %j", (stage, message) => {
    expect(problemOf(stage)).toMatch(message);
  });

  it("carries what signature, event id, the handler and nobody else need, each once", () => {
    expect(ingestOf({ carryHeaders: ["X-GitHub-Event", "x-hub-signature-256"], throttling })).toEqual({
      name: "github",
      key: "github",
      formerNames: [],
      headers: ["x-hub-signature-256", "x-github-delivery", "x-github-event"],
      queryParameters: [],
      throttling,
    });
  });

  it("carries the headers and query parameters that a filter looks at", () => {
    const pattern = {
      $or: [{ headers: { "X-Shop": ["a"] } }, { query: { Shop: ["a"] } }],
      body: { headers: [1] },
    };
    expect(ingestOf({ filter: { pattern } })).toMatchObject({
      headers: ["x-hub-signature-256", "x-github-delivery", "x-github-event", "x-shop"],
      queryParameters: ["Shop"],
    });
  });

  it("carries the headers and query parameters that a subscriber's target keeps in order by", () => {
    const stream = {
      arn: "arn:aws:kinesis:eu-west-1:210987654321:stream/lake",
      partitionKey: "header:X-Shop",
    };
    const queue = {
      arn: "arn:aws:sqs:eu-west-1:210987654321:orders.fifo",
      messageGroup: "query:Shop",
    };
    const subscribers = [
      { name: "lake", target: { stream } },
      { name: "orders", target: { queue } },
    ];
    expect(ingestOf({ subscribers })).toMatchObject({
      headers: ["x-hub-signature-256", "x-github-delivery", "x-github-event", "x-shop"],
      queryParameters: ["Shop"],
    });
  });

  it("carries what event type and forwarding address are taken from", () => {
    const forward = { url: "https://app.example.com/{header:X-Shop}/hooks" };

    expect(ingestOf({ eventType: "header:X-GitHub-Event", forward }).headers).toEqual([
      "x-hub-signature-256",
      "x-github-delivery",
      "x-github-event",
      "x-shop",
    ]);
  });

  it("carries a token in the URL as a query parameter", () => {
    expect(
      ingestOf({ signature: { scheme: "token", query: "Token" }, eventId: ["header:X-Id"] }),
    ).toMatchObject({
      headers: ["x-id"],
      queryParameters: ["Token"],
    });
  });
});

describe("api.kind rest", () => {
  it.each([
    [{ existing: { id: "a" } }, {}, /^api\.existing: needs api\.kind http/],
    [{}, { carryHeaders: ["x-id"] }, /^sources\[0\]\.carryHeaders: has no effect without api\.kind http/],
  ])("refuses what only an HTTP API has: %j, %j", (api, source, message) => {
    expect(() => parseSettings({ sources: [{ ...github, ...source }], api })).toThrow(
      expect.objectContaining({ problems: [expect.stringMatching(message)] }),
    );
  });
});
