import { describe, expect, it } from "vitest";
import { redactBody } from "../../../runtime/payload/redact.js";
import type { RedactedPath } from "../../../runtime/stage/definition.js";

function redact(text: string, ...paths: RedactedPath[]) {
  const redacted = redactBody(Buffer.from(text), paths);
  return redacted && { text: redacted.body.toString(), paths: redacted.paths };
}

describe("redactBody", () => {
  it.each<[string, RedactedPath, string, string]>([
    [
      "a text",
      "json:customer.email",
      '{"customer":{"email":"a@b","id":1}}',
      '{"customer":{"email":"[redacted]","id":1}}',
    ],
    ["an object", "json:customer", '{"customer":{"email":"a@b"}}', '{"customer":"[redacted]"}'],
    ["null, too", "json:a", '{"a":null}', '{"a":"[redacted]"}'],
    [
      "one of each in a list",
      "json:items.*.email",
      '{"items":[{"email":1},{"x":2},3]}',
      '{"items":[{"email":"[redacted]"},{"x":2},3]}',
    ],
    ["a place in a list", "json:items.1", '{"items":["a","b"]}', '{"items":["a","[redacted]"]}'],
    ["all keys of an object", "json:*", '{"a":1,"b":{"c":2}}', '{"a":"[redacted]","b":"[redacted]"}'],
    ["in a list at the top", "json:*.a", '[{"a":1}]', '[{"a":"[redacted]"}]'],
    [
      "all of a key that occurs twice",
      "json:a",
      '{"a":"x","a":{"b":1}}',
      '{"a":"[redacted]","a":"[redacted]"}',
    ],
    [
      "what stands in the first of two objects with one key, which a parser drops",
      "json:a.b",
      '{"a":{"b":"x"},"a":{"c":1},"a":7}',
      '{"a":{"b":"[redacted]"},"a":{"c":1},"a":7}',
    ],
    [
      "what occurs twice in lists in lists",
      "json:*.*.a",
      '[[{"a":"x","a":["y"]}],[{"a":{}}]]',
      '[[{"a":"[redacted]","a":"[redacted]"}],[{"a":"[redacted]"}]]',
    ],
    ["a key in another case", "json:cardNumber", '{"CardNumber":1}', '{"CardNumber":"[redacted]"}'],
    [
      "a text with quotes, brackets and escapes",
      "json:a",
      '{"a":"\\\\\\"}],[{","b":1}',
      '{"a":"[redacted]","b":1}',
    ],
    [
      "the value and not its white space",
      "json:a",
      '{ "a" : [ 1 , 2 ] , "b" : 1 }\n',
      '{ "a" : "[redacted]" , "b" : 1 }\n',
    ],
    [
      "a number at the end of an object and of a list",
      "json:*.a",
      '[{"a":1e5},{"a":-0}]',
      '[{"a":"[redacted]"},{"a":"[redacted]"}]',
    ],
    ["from text in UTF-8", "json:größe", '{"größe":"€","ä":"ö"}', '{"größe":"[redacted]","ä":"ö"}'],
    [
      "a key with a name of the language's",
      "json:__proto__.a",
      '{"__proto__":{"a":1}}',
      '{"__proto__":{"a":"[redacted]"}}',
    ],
    ["the key __proto__ itself", "json:__proto__", '{"__proto__":{"a":1}}', '{"__proto__":"[redacted]"}'],
    ["a key in escapes", "json:email", '{"\\u0065mail":"x"}', '{"\\u0065mail":"[redacted]"}'],
    ["after a byte order mark", "json:a", '\ufeff{"a":1}', '\ufeff{"a":"[redacted]"}'],
  ])("takes out %s", (_, path, body, expected) => {
    expect(redact(body, path)).toEqual({ text: expected, paths: [path] });
  });

  it("keeps the digits of every number as they were", () => {
    const numbers = '"n":12345678901234567890,"d":1.10,"e":1E5,"z":-0';
    expect(redact(`{"a":1,${numbers}}`, "json:a")?.text).toBe(`{"a":"[redacted]",${numbers}}`);
  });

  it("leaves a body byte for byte as it was that has none of the paths, and names those that it has", () => {
    const body = '{ "a" : 1.0, "b":[ ] }';
    expect(redact(body, "json:c", "json:a.b", "json:b.*", "json:toString")).toEqual({
      text: body,
      paths: [],
    });
    expect(redact(body, "json:c", "json:a")?.paths).toEqual(["json:a"]);
  });

  it("changes nothing a second time", () => {
    const once = redact('{ "a": {"b": 1e0}, "c": 7 }', "json:a")?.text ?? "";
    expect(redact(once, "json:a")?.text).toBe(once);
  });

  it("looks into what is nested deeper than a call stack", () => {
    const nested = (value: string) => `${'{"b":['.repeat(100_000)}{"a":${value}}${"]}".repeat(100_000)}`;
    const path = `json:${"b.0.".repeat(100_000)}a` as const;
    expect(redact(nested("7"), path)?.text).toBe(nested('"[redacted]"'));
  });

  it.each(["", "{", "a=1&b=2", `${"[".repeat(200_000)}`, '{"a":1}{"a":2}', "{'a':1}", '{"a":1,}'])(
    "cannot look into %.10s",
    (body) => {
      expect(redact(body, "json:*.a")).toBeUndefined();
    },
  );
});
