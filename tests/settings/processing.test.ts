import { describe, expect, it } from "vitest";
import { z } from "zod";
import type { SignatureDefinition } from "../../runtime/signatures/definition.js";
import type { EventIdLocator } from "../../runtime/stage/definition.js";
import {
  processingProblems,
  processingShape,
  resolveProcessing,
  stageProblems,
} from "../../settings/processing.js";

const schema = z.strictObject(processingShape);

/** What the function gets of settings that must pass. */
const resolved = (settings: object) => resolveProcessing(schema.parse(settings));

/** `path: message` of each problem of settings that must not pass. */
function problemsOf(settings: object): string[] {
  const { error } = schema.safeParse(settings);
  return (error?.issues ?? []).map(({ path, message }) => `${path.join(".")}: ${message}`);
}

/** The problems of settings that are right one by one. */
function jointProblemsOf(
  settings: object,
  eventId: readonly EventIdLocator[],
  signature: SignatureDefinition = { kind: "none" },
): string[] {
  const problems = processingProblems({ ...schema.parse(settings), eventId, signature });
  return problems.map(({ path, message }) => `${path.join(".")}: ${message}`);
}

describe("a source's processing", () => {
  it("is nothing special where nothing is set", () => {
    expect(resolved({})).toEqual({});
  });

  it("is plain JSON for the bundle, with the defaults filled in", () => {
    const settings = {
      backoff: { baseSeconds: 5, maxSeconds: 60 },
      eventType: "json:type",
      filter: { include: ["order.*"] },
      routes: { "order.paid": "orders", "order.*": "forward", default: "record" },
      forward: { url: "https://app.example.com/hooks" },
      schema: { type: "object" },
      redact: ["json:customer.email"],
      keepPayload: "none",
    };
    const processing = resolved(settings);
    expect(processing).toEqual({
      ...settings,
      routes: {
        byEventType: [
          { match: "order.paid", to: { handler: "orders" } },
          { match: "order.*", to: "forward" },
        ],
        otherwise: "record",
      },
      forward: {
        url: "https://app.example.com/hooks",
        timeoutSeconds: 10,
        permanentStatuses: [410],
        passSecretHeaders: false,
        allowPrivateNetwork: false,
      },
    });
    expect(JSON.parse(JSON.stringify(processing))).toEqual(processing);
    expect(jointProblemsOf(settings, ["json:id"])).toEqual([]);
  });

  it.each<[object, string]>([
    [
      { backoff: { baseSeconds: 60, maxSeconds: 5 } },
      "backoff.maxSeconds: must not be less than baseSeconds",
    ],
    [
      { eventType: "request-id" },
      "eventType: must be header:<name>, query:<name>, json:<path> or form:<name>",
    ],
    [{ eventType: "json:" }, "eventType: must be header:<name>"],
    [{ filter: {} }, "filter: must have include, exclude or pattern, or several of them"],
    [{ filter: { include: [] } }, "filter.include: must name at least one type of event"],
    [{ routes: {} }, "routes: must have at least one route"],
    [{ routes: { push: "../evil" } }, "routes.push: must be forward, record, or the name of a handler file"],
    [{ redact: ["customer.email"] }, "redact.0: must be json:<path>, such as json:customer.email"],
    [{ redact: ["json:a..b"] }, "redact.0: must be json:<path>"],
    [{ keepPayload: "some" }, "keepPayload: "],
    [{ schema: { type: "objct" } }, "schema.type: must be one of array, boolean"],
    [
      { schema: { properties: { id: { minLength: "3" } } } },
      "schema.properties.id.minLength: must be integer",
    ],
    [{ schema: { propertes: {} } }, 'schema: unknown keyword: "propertes"'],
    [
      { schema: { properties: { a: { format: "emial" } } } },
      'schema: unknown format "emial" ignored in schema at path "#/properties/a"',
    ],
    [{ schema: { $ref: "#/$defs/gone" } }, "schema: can't resolve reference #/$defs/gone"],
    [{ schema: { pattern: "(" } }, "schema: Invalid regular expression"],
    [
      { schema: { $schema: "http://json-schema.org/draft-04/schema#" } },
      "schema.$schema: must be one of https://json-schema.org/draft/2020-12/schema",
    ],
    [{ schema: { $async: true } }, "schema.$async: cannot be used"],
  ])("refuses %j", (settings, problem) => {
    const problems = problemsOf(settings);
    expect(problems).toHaveLength(1);
    expect(problems[0]).toContain(problem);
  });

  it.each<[object, string]>([
    [{ filter: { include: ["a"] } }, "filter: needs eventType"],
    [{ routes: { a: "record" } }, "routes: needs eventType"],
    [
      { eventType: "json:type", routes: { a: "forward" } },
      "routes.a: routes to forward, but the source has no forward setting",
    ],
    [{ redact: ["json:id"] }, "redact.0: json:id identifies the event, so it cannot be redacted"],
    [{ redact: ["json:ID"] }, "redact.0: json:id identifies the event, so it cannot be redacted"],
    [
      { redact: ["json:email", "json:order"] },
      "redact.1: json:order.number identifies the event, so it cannot be redacted",
    ],
    [{ redact: ["json:*"] }, "redact.0: json:id identifies the event, so it cannot be redacted"],
    [
      { eventType: "json:type", redact: ["json:type"] },
      "redact.0: json:type is the event type, so it cannot be redacted",
    ],
  ])("refuses %j, which do not go together", (settings, problem) => {
    const problems = jointProblemsOf(settings, ["header:x-id", "json:id", "json:order.number"]);
    expect(problems).toHaveLength(1);
    expect(problems[0]).toContain(problem);
  });

  it.each<[string, EventIdLocator, RegExp]>([
    [
      "json:email",
      "body",
      /changes the body, and the event id is a hash of the body \(body\)\. Name another eventId/,
    ],
    ["json:email", ["header:x-id", "body"], /changes the body/],
    ["json:email", "body-without:json:attempt", /changes the body/],
    ["json:items.*.email", "body-without:json:items.0.email", /changes the body/],
    ["json:id", ["header:x-id", "json:id"], /json:id identifies the event, so it cannot be redacted/],
    ["json:sent", "signed-time", /json:sent identifies the event/],
    ["json:email", "form:token", /cannot be combined with form:token, which identifies the event/],
  ])("refuses to redact %s where the event is known by %j", (path, locator, problem) => {
    const problems = jointProblemsOf({ redact: [path] }, [locator], {
      kind: "hmac",
      hash: "sha256",
      encoding: "hex",
      header: "x-signature",
      content: "{body}",
      timestamp: { json: "sent", unit: "seconds" },
      key: { encoding: "utf8" },
    });
    expect(problems).toEqual([expect.stringMatching(problem)]);
  });

  it("may redact what the event's id is made without", () => {
    const settings = { redact: ["json:email", "json:items.*.email", "json:sender.name"] };
    const id = "body-without:json:email,json:items.*.email,json:sender" as const;
    expect(jointProblemsOf(settings, [id, "request-id"])).toEqual([]);
  });

  it("may redact what stands beside an id, or below one", () => {
    expect(
      jointProblemsOf({ redact: ["json:order.email", "json:id.email"] }, ["json:id", "json:order.number"]),
    ).toEqual([]);
  });

  it("must leave the function time to hear of a forward's end, and its secret a name of its own", () => {
    const { forward } = resolved({
      forward: { url: "https://a.example.com", timeoutSeconds: 30, signing: "standard-webhooks" },
    });
    if (forward === undefined) throw new Error("there is no forward");
    const source = { name: "crm", forward };
    const stage = { names: ["crm", "crm-forward"], timeoutSeconds: 30 };
    expect(stageProblems(source, stage)).toEqual([
      {
        path: ["forward", "timeoutSeconds"],
        message: expect.stringMatching(
          /^must be at most 24 with processor\.timeoutSeconds 30: .* the other 6 s/,
        ),
      },
      { path: ["forward", "signing"], message: expect.stringContaining("crm-forward") },
    ]);
    expect(stageProblems(source, { names: ["crm"], timeoutSeconds: 38 })).toEqual([]);
  });
});

describe("a forward", () => {
  const problemsOfForward = (forward: object) => problemsOf({ forward });

  it.each([
    "https://app.example.com",
    "https://app.example.com:8443/hooks?key=1",
    "https://app.example.com/{header:x-shop}/{json:order.id}?type={json:type}",
    "https://app.example.com/a%20b",
  ])("goes to %s", (url) => {
    expect(problemsOfForward({ url })).toEqual([]);
  });

  it.each([
    ["app.example.com/hooks", "must be a URL such as"],
    ["ftp://app.example.com", "must start with https://"],
    ["http://app.example.com", "must start with https:// (http:// needs allowPrivateNetwork)"],
    ["https://{header:host}/hooks", "must have placeholders in its path and query only"],
    ["https://app.{json:tenant}.example.com/", "must have placeholders in its path and query only"],
    ["{json:url}", "must be a URL such as"],
    ["https://user:password@app.example.com/", "must not contain a user or password"],
    ["https://app.example.com/#a", "must not have a fragment"],
    ["https://app.example.com/{body}", "has a { or } that is not part of a placeholder"],
    ["https://app.example.com/{json:a", "has a { or } that is not part of a placeholder"],
    ["https://app.example.com/../a", "must have a percent-encoded path without . and .. segments"],
    ["https://app.example.com/a b", "must have a percent-encoded path"],
  ])("does not go to %s", (url, problem) => {
    const problems = problemsOfForward({ url });
    expect(problems).toHaveLength(1);
    expect(problems[0]).toContain(`forward.url: ${problem}`);
  });

  it("goes to http:// where the private network is allowed", () => {
    expect(problemsOfForward({ url: "http://10.0.0.1/hooks", allowPrivateNetwork: true })).toEqual([]);
  });

  it.each([
    [{ Host: "a" }, "headers.Host: cannot be set: it belongs to the connection"],
    [{ "X-Forwarded-For": "a" }, "headers.X-Forwarded-For: cannot be set"],
    [{ "webhook-id": "a" }, "headers.webhook-id: cannot be set: the pipeline sets it"],
    [{ Authorization: "Bearer a" }, "headers.Authorization: would be plain text in the stack's state"],
    [{ "a b": "a" }, "headers.a b: must be the name of a header"],
    [{ "x-a": "a\nb" }, "headers.x-a: must be of printable ASCII characters"],
  ])("does not add %j", (headers, problem) => {
    const problems = problemsOfForward({ url: "https://app.example.com", headers });
    expect(problems).toHaveLength(1);
    expect(problems[0]).toContain(`forward.${problem}`);
  });

  it.each([
    [{ permanentStatuses: [200] }, "forward.permanentStatuses.0: must be a whole number from 400 to 599"],
    [{ timeoutSeconds: 0 }, "forward.timeoutSeconds: must be a whole number of seconds from 1 to 890"],
    [{ signing: "own" }, "forward.signing: "],
    [{ retries: 3 }, ": Unrecognized key"],
  ])("refuses %j", (changes, problem) => {
    expect(problemsOfForward({ url: "https://app.example.com", ...changes })[0]).toContain(problem);
  });
});
