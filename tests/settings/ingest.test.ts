import { describe, expect, it } from "vitest";
import { parseSettings, SettingsError } from "../../settings/settings.js";

const github = { name: "github", signature: { scheme: "github" } };

/** Settings with one source, changed, and other groups. */
function settings(source: Record<string, unknown>, groups: Record<string, unknown> = {}) {
  return { sources: [{ ...github, ...source }], ...groups };
}

function ingestOf(source: Record<string, unknown>, groups: Record<string, unknown> = {}) {
  return parseSettings(settings(source, groups)).sources[0]?.ingest;
}

function problemsOf(source: Record<string, unknown>, groups: Record<string, unknown> = {}) {
  try {
    parseSettings(settings(source, groups));
  } catch (error) {
    if (error instanceof SettingsError) return error.problems;
    throw error;
  }
  throw new Error("expected the settings to be refused, but they went through");
}

const fifo = { queue: { type: "fifo" } };
const text = { api: { bodyMode: "text" } };

describe("what the front door is told of a source", () => {
  it("is its name alone, unless the stage says more", () => {
    expect(ingestOf({})).toEqual({ name: "github" });
  });

  it("is everything that the stage says", () => {
    const source = {
      throttling: { requestsPerSecond: 5, burst: 10 },
      allowedCidrs: ["192.0.2.0/24", "198.51.100.7", "2001:db8::/32", "2001:db8::1"],
      apiKey: true,
      edgeSchema: { type: "object", required: ["id"], properties: { id: { type: "string", minLength: 1 } } },
      handshake: { kind: "meta", verifyToken: "a-token-of-ours" },
    };

    expect(ingestOf(source, text)).toEqual({ name: "github", ...source });
  });

  it.each([
    "header:X-Order-Id",
    "query:order",
    "json:id",
    "json:data.order.id",
    "constant:all",
    "constant:A_b-1",
  ])("may order by %s on a FIFO queue", (orderBy) => {
    expect(ingestOf({ orderBy, deduplicateBy: orderBy }, fifo)).toMatchObject({
      orderBy,
      deduplicateBy: orderBy,
    });
  });
});

it("may know a repetition on a FIFO queue by several values together", () => {
  const deduplicateBy = ["header:X-Topic", "query:shop", "json:id"];
  expect(ingestOf({ deduplicateBy }, fifo)).toMatchObject({ deduplicateBy });
});

describe("a setting of the front door is refused by its path:", () => {
  const expression =
    "must be header:<name>, query:<name>, json:<path> or constant:<letters, digits, _ and ->";
  const cases: [what: string, Record<string, unknown>, Record<string, unknown>, string][] = [
    ["an expression of no kind", { orderBy: "id" }, fifo, `sources[0].orderBy: ${expression}`],
    ["a path with a quote", { orderBy: 'json:a"b' }, fifo, `sources[0].orderBy: ${expression}`],
    ["Velocity in a path", { deduplicateBy: "json:a.$b" }, fifo, `sources[0].deduplicateBy: ${expression}`],
    ["a list of one", { deduplicateBy: ["json:id"] }, fifo, `sources[0].deduplicateBy: ${expression}`],
    [
      "a constant in a list",
      { deduplicateBy: ["json:id", "constant:a"] },
      fifo,
      `sources[0].deduplicateBy: ${expression}`,
    ],
    [
      "no expression in a list",
      { deduplicateBy: ["json:id", "id"] },
      fifo,
      `sources[0].deduplicateBy: ${expression}`,
    ],
    ["an empty constant", { orderBy: "constant:" }, fifo, `sources[0].orderBy: ${expression}`],
    ["a path with an empty step", { orderBy: "json:a..b" }, fifo, `sources[0].orderBy: ${expression}`],
    ["a header with a line break", { orderBy: "header:a\nb" }, fifo, `sources[0].orderBy: ${expression}`],
    ["an order on a standard queue", { orderBy: "json:id" }, {}, "sources[0].orderBy: needs queue.type fifo"],
    ["no address", { allowedCidrs: [] }, {}, "sources[0].allowedCidrs: must name at least one address"],
    [
      "what is no address",
      { allowedCidrs: ["192.0.2.0/24", "192.0.2.0/33"] },
      {},
      "sources[0].allowedCidrs[1]: must be an address or a block of addresses, such as 192.0.2.0/24",
    ],
    ["a host name", { allowedCidrs: ["example.com"] }, {}, "sources[0].allowedCidrs[0]: must be an address"],
    [
      "a limit of nothing",
      { throttling: { requestsPerSecond: 0, burst: 1 } },
      {},
      "sources[0].throttling.requestsPerSecond: must be a whole number of requests a second from 1 to 10000",
    ],
    ["half a limit", { throttling: { requestsPerSecond: 1 } }, {}, "sources[0].throttling.burst: is missing"],
    [
      "an unknown handshake",
      { handshake: { kind: "zoom" } },
      {},
      "sources[0].handshake.kind: is not known (one of asana, dropbox, intercom, meta, microsoft-graph, okta, slack, reachable, echo, none)",
    ],
    [
      "Meta's without a token",
      { handshake: { kind: "meta" } },
      {},
      "sources[0].handshake.verifyToken: is missing",
    ],
    [
      "a token that would end a string of the template",
      { handshake: { kind: "meta", verifyToken: 'a"||"token' } },
      {},
      "sources[0].handshake.verifyToken: must be 8 to 128 letters, digits, _ and -",
    ],
    [
      "a token for Slack's",
      { handshake: { kind: "slack", verifyToken: "a-token-of-ours" } },
      {},
      "sources[0].handshake.verifyToken: is not a setting",
    ],
    [
      "a body's value for a GET",
      {
        handshake: {
          kind: "echo",
          method: "GET",
          challenge: "json:a",
          requires: { "json:b": "c" },
          answer: "text",
        },
      },
      {},
      "sources[0].handshake.method: must be POST where a value is in the body: a GET has none",
    ],
    [
      "a question that looks like an event",
      { handshake: { kind: "echo", method: "POST", challenge: "json:a", answer: "text" } },
      {},
      "sources[0].handshake.requires: is missing: without a fixed value, an event with such a field would be taken for the question",
    ],
    [
      "an answer's header that any text would have to fit into",
      { handshake: { kind: "echo", method: "POST", challenge: "query:a", answer: "header:X-A" } },
      {},
      "sources[0].handshake.answer: can be a header only where a POST's header is the challenge: no other value is sure to fit into one",
    ],
    [
      "a token without its place",
      {
        handshake: {
          kind: "echo",
          method: "GET",
          challenge: "query:a",
          answer: "text",
          verifyToken: "a-token-of-ours",
        },
      },
      {},
      "sources[0].handshake.token: is missing: token says where it is, verifyToken what it is",
    ],
    [
      "a place that would end a string of the template",
      { handshake: { kind: "echo", method: "GET", challenge: "query:a')", answer: "text" } },
      {},
      "sources[0].handshake.challenge: must be query:<name>, header:<name> or json:<path>, such as query:challenge",
    ],
    [
      "a schema for bytes",
      { edgeSchema: { type: "object" } },
      {},
      "sources[0].edgeSchema: needs api.bodyMode text: API Gateway cannot look into bytes",
    ],
    [
      "a keyword that API Gateway passes over",
      { edgeSchema: { type: "object", additionalProperties: false } },
      text,
      "sources[0].edgeSchema.additionalProperties: is not checked by API Gateway; it checks type, properties",
    ],
    [
      "one deep down",
      { edgeSchema: { properties: { orders: { type: "array", items: { format: "uuid" } } } } },
      text,
      "sources[0].edgeSchema.properties.orders.items.format: is not checked by API Gateway",
    ],
    [
      "a type of a later draft",
      { edgeSchema: { properties: { id: { type: ["string", "null"] } } } },
      text,
      "sources[0].edgeSchema.properties.id.type: is not a valid value for this keyword in JSON schema (draft 4)",
    ],
    [
      "required of a later draft",
      { edgeSchema: { properties: { id: { required: true } } } },
      text,
      "sources[0].edgeSchema.properties.id.required: is not a valid value for this keyword in JSON schema (draft 4)",
    ],
    [
      "a property that is no schema",
      { edgeSchema: { properties: { id: "string" } } },
      text,
      "sources[0].edgeSchema.properties.id: must be a JSON schema",
    ],
    [
      "a domain with a scheme",
      {},
      { api: { customDomain: { domainName: "https://hooks.example.com", certificateArn: "arn:aws:acm:x" } } },
      "api.customDomain.domainName: must be a domain such as hooks.example.com",
    ],
    [
      "a web ACL of CloudFront",
      {},
      { api: { webAclArn: "arn:aws:wafv2:us-east-1:000000000000:global/webacl/a/b" } },
      "api.webAclArn: must be the ARN of a regional WAF web ACL",
    ],
    [
      "a type with parameters",
      {},
      { api: { contentTypes: ["application/json; charset=utf-8"] } },
      "api.contentTypes[0]: must be a MIME type without parameters, such as text/csv",
    ],
  ];

  it.each(cases)("%s", (_, source, groups, problem) => {
    const problems = problemsOf(source, groups);

    expect(problems).toHaveLength(1);
    expect(problems[0]).toContain(problem);
  });

  it("several at once", () => {
    expect(problemsOf({ orderBy: "id", allowedCidrs: ["x"], handshake: { kind: "zoom" } })).toHaveLength(3);
  });
});

describe("a source's name", () => {
  it.each(["a", "a-b", "1--2", "a".repeat(64)])("can be %s", (name) => {
    expect(() =>
      parseSettings({ sources: [{ name, signature: { scheme: "none" }, eventId: ["body"] }] }),
    ).not.toThrow();
  });

  it.each(["-a", "a-", "-", "", "A", "a_b", "a".repeat(65)])("cannot be %j", (name) => {
    expect(() =>
      parseSettings({ sources: [{ name, signature: { scheme: "none" }, eventId: ["body"] }] }),
    ).toThrow("begin and end with a letter or digit");
  });
});

describe("the handshake of a preset", () => {
  const parsed = (source: object) => parseSettings({ sources: [{ name: "a", ...source }] }).sources[0];

  it.each(["slack", "okta", "asana", "dropbox", "intercom"])("comes with %s", (scheme) => {
    expect(parsed({ signature: { scheme } })?.ingest.handshake).toEqual({ kind: scheme });
  });

  it("must be written where the stage has to name a token, or refused", () => {
    expect(() => parsed({ signature: { scheme: "meta" } })).toThrow(
      "sources[0].handshake: is missing: the provider asks whether the URL is yours",
    );
    expect(
      parsed({ signature: { scheme: "meta" }, handshake: { kind: "none" } })?.definition,
    ).not.toHaveProperty("handshake");
  });

  it("can be left to another server", () => {
    const source = parsed({ signature: { scheme: "slack" }, handshake: { kind: "none" } });

    expect(source?.ingest.handshake).toEqual({ kind: "none" });
    expect(source?.definition).not.toHaveProperty("handshake");
  });

  it("keeps its token from the function", () => {
    const verifyToken = "a-token-of-ours";
    const posted = parsed({
      signature: { scheme: "none" },
      eventId: ["body"],
      handshake: {
        kind: "echo",
        method: "POST",
        challenge: "query:challenge",
        answer: "text",
        token: "header:x-token",
        verifyToken,
      },
    });
    expect(posted?.definition.handshake).toEqual({ challenge: "query:challenge" });
    expect(JSON.stringify(posted?.definition)).not.toContain(verifyToken);
  });
});
