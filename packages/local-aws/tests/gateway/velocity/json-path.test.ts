import { describe, expect, it } from "vitest";
import { fromJson, jsonText, printed } from "../../../gateway/velocity/java-values.js";
import { readPath } from "../../../gateway/velocity/json-path.js";

const document = fromJson(
  '{"a":{"b":[1,2.50,{"c":"x/y"},null,true]},"s":"t\\u0000\\u2028é","n":12345678901234567890,"e":1e3,"x.y":5,"l":[[1,2],[3]],"f":10.0}',
);

describe("a JSON path reads as on Jayway JsonPath 2.10", () => {
  // Path and result as JSON, as Jayway gave them for this document.
  it.each([
    ["$.a.b", '[1,2.5,{"c":"x/y"},null,true]'],
    ["$.a.b[2].c", '"x/y"'],
    ["$.a['b'][0]", "1"],
    ["$.a.b[-1]", "true"],
    ["$.a.b[3]", "null"],
    ["$['x.y']", "5"],
    ["$['a','s']", '{"a":{"b":[1,2.5,{"c":"x/y"},null,true]},"s":"t\\u0000\\u2028é"}'],
    ["$..c", '["x/y"]'],
    ["$..b[0]", "[1]"],
    ["$.l..[0]", "[[1,2],1,3]"],
    ["$.a.b[*]", '[1,2.5,{"c":"x/y"},null,true]'],
    ["$.a.b[0,1]", "[1,2.5]"],
    ["$.a.b[1:3]", '[2.5,{"c":"x/y"}]'],
    ["$.a.b[-2:]", "[null,true]"],
    ["$.l[*][0]", "[1,3]"],
    ["a.b[0]", "1"],
    ["$.n", "12345678901234567890"],
    ["$.e", "1000.0"],
    ["$.f", "10.0"],
  ])("%s", (path, json) => {
    expect(jsonText(readPath(document, path))).toBe(json);
  });

  it.each(["$.zz", "$.a.zz.q", "$.a.b[9]", "$.s.length", "$.constructor", "$.__proto__"])(
    "%s leads nowhere",
    (path) => {
      expect(readPath(document, path)).toBeUndefined();
    },
  );

  it.each(["$.a.b[?(@.c)]", "$.a.b.length()", "$['a','s'].b", "$."])("%s is refused, not ignored", (path) => {
    expect(() => readPath(document, path)).toThrow("not supported locally");
  });
});

describe("a value read from JSON", () => {
  it("prints a map as Java does and a list as JSON", () => {
    expect(printed(fromJson('{"a":1,"b":[{"c":5}],"d":null}'))).toBe('{a=1, b=[{"c":5}], d=null}');
    expect(printed(fromJson('[{"c":5},"x"]'))).toBe('[{"c":5},"x"]');
  });

  it.each([
    ["0.0001", "1.0E-4"],
    ["12345678.9", "1.23456789E7"],
    ["123456.789", "123456.789"],
    ["-0.5", "-0.5"],
    ["9007199254740993", "9007199254740993"],
  ])("prints the number %s as %s", (json, text) => {
    expect(printed(fromJson(json))).toBe(text);
  });
});
