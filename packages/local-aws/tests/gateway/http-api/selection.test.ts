import { describe, expect, it } from "vitest";
import { readSelection, type SelectionSources } from "../../../gateway/http-api/selection.js";

const sources: SelectionSources = {
  headers: [
    { name: "X-ID", value: "one" },
    { name: "x-id", value: "two" },
  ],
  query: new URLSearchParams("a=1&a=2&A=3"),
  path: "/orders",
  body: '{"a":1}',
  context: new Map([["identity", new Map([["sourceIp", "192.0.2.1"]])]]),
  stageVariables: { team: "payments" },
};

const select = (text: string, changes: Partial<SelectionSources> = {}) =>
  readSelection(text, "integration")({ ...sources, ...changes });

describe("a parameter mapping of an HTTP API", () => {
  it.each([
    ["github", "github"],
    ["$request.body", '{"a":1}'],
    ["$request.path", "/orders"],
    ["$request.header.x-id", "one,two"],
    ["$request.querystring.a", "1,2"],
    ["$request.querystring.A", "3"],
    ["$context.identity.sourceIp", "192.0.2.1"],
    ["$stageVariables.team", "payments"],
    [`by \${context.identity.sourceIp} to \${request.path}`, "by 192.0.2.1 to /orders"],
    [`=\${request.header.x-missing}`, "="],
  ])("makes %s into %s", (text, value) => {
    expect(select(text)).toBe(value);
  });

  it.each([
    "$request.header.x-missing",
    "$request.querystring.b",
    "$context.nothing",
    "$stageVariables.none",
  ])("has no value for %s", (text) => {
    expect(select(text)).toBeUndefined();
  });

  it("has no value for an empty body", () => {
    expect(select("$request.body", { body: "" })).toBeUndefined();
  });

  it("fills values in as they are, which is the worst that AWS could do", () => {
    const headers = [{ name: "x-id", value: '"},{$request.body}' }];

    expect(select(`{"a":"\${request.header.x-id}"}`, { headers })).toBe('{"a":""},{$request.body}"}');
  });

  it.each(["$request.body.id", "$request.nothing", `a \${unknown}`, "$method.request.header.x"])(
    "refuses %s by its place",
    (text) => {
      expect(() => readSelection(text, 'integration "github": QueueUrl')).toThrow(
        /integration "github": QueueUrl: ".*" is not known to the local HTTP API/,
      );
    },
  );
});
