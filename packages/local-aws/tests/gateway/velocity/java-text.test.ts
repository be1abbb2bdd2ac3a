import { describe, expect, it } from "vitest";
import {
  decodedBase64,
  escapeJavaScript,
  javaRegExp,
  javaReplacement,
  urlDecode,
  urlEncode,
} from "../../../gateway/velocity/java-text.js";

describe("urlEncode", () => {
  it("leaves exactly what java.net.URLEncoder leaves", () => {
    const ascii = Array.from({ length: 128 }, (_, code) => String.fromCharCode(code)).join("");
    const left = [...ascii].filter((character) => urlEncode(character) === character).join("");

    expect(left).toBe("*-.0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz");
  });

  it.each([
    [" ", "+"],
    ["~!'()", "%7E%21%27%28%29"],
    ["\0\n", "%00%0A"],
    ["é€😀", "%C3%A9%E2%82%AC%F0%9F%98%80"],
    ["\ud800x", "%3Fx"],
  ])("encodes %j as %s", (text, encoded) => {
    expect(urlEncode(text)).toBe(encoded);
  });
});

describe("urlDecode", () => {
  it("undoes urlEncode", () => {
    expect(urlDecode(urlEncode("a b+c/é€😀~"))).toBe("a b+c/é€😀~");
  });

  it("refuses half an escape", () => {
    expect(() => urlDecode("a%2")).toThrow("incomplete escape");
  });
});

describe("escapeJavaScript", () => {
  it.each([
    [`it's "x" a/b \\`, `it\\'s \\"x\\" a\\/b \\\\`],
    ["\b\t\n\f\r\0\x1f", "\\b\\t\\n\\f\\r\\u0000\\u001F"],
    ["é😀", "\\u00E9\\uD83D\\uDE00"],
  ])("escapes %j as commons-lang does", (text, escaped) => {
    expect(escapeJavaScript(text)).toBe(escaped);
  });
});

describe("decodedBase64", () => {
  it.each(["", "QQ==", "QUI=", "QUJD", "QU\r\nJD"])("takes %j", (text) => {
    expect(decodedBase64(text)).toEqual(Buffer.from(text, "base64"));
  });

  it.each(["Q", "QQ", "Q===", "Q_-=", "{}", "QUJD "])("takes no %j", (text) => {
    expect(decodedBase64(text)).toBeUndefined();
  });
});

describe("a Java replacement", () => {
  it.each([
    ["$1-$2-$0", "b-c-bc"],
    ["\\$1", "$1"],
    ["$&$$", undefined],
  ])("reads %j", (replacement, expected) => {
    const replaced = () => "abcd".replace(javaRegExp("(b)(c)"), javaReplacement(replacement));

    expect(replaced()).toBe(`a${expected ?? replacement}d`);
  });
});
