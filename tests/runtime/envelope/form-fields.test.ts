import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { formFields } from "../../../runtime/envelope/form-fields.js";
import type { NameValue } from "../../../runtime/envelope/headers.js";

function fieldsOf(type: string | undefined, body: string | Buffer): readonly NameValue[] | undefined {
  const headers: NameValue[] = type === undefined ? [] : [["Content-Type", type]];
  return formFields({ headers, body: Buffer.from(body) });
}

/** What Node's own `FormData` makes of fields: its encoder shares no code with what is tested. */
async function multipart(form: FormData): Promise<{ type: string; body: Buffer }> {
  const response = new Response(form);
  return {
    type: response.headers.get("content-type") ?? "",
    body: Buffer.from(await response.arrayBuffer()),
  };
}

describe("formFields", () => {
  it("reads the fields of a urlencoded form, repeated ones too", () => {
    const type = "Application/X-WWW-Form-Urlencoded; charset=utf-8";
    expect(fieldsOf(type, "a=1&b=Gr%C3%BC%C3%9Fe+%26&a=2&c")).toEqual([
      ["a", "1"],
      ["b", "Grüße &"],
      ["a", "2"],
      ["c", ""],
    ]);
  });

  it("reads the text fields of a multipart form, between files of any bytes", async () => {
    const form = new FormData();
    form.append("subject", "Grüße\r\n--and more");
    form.append("attachment-1", new Blob([new Uint8Array([0, 13, 10, 45, 45, 255])]), "token.bin");
    form.append("token", "e0b5477167110d68991efc6b9f89f0a11066af27834600e123");
    form.append("empty", "");
    const { type, body } = await multipart(form);
    expect(fieldsOf(type, body)).toEqual([
      ["subject", "Grüße\r\n--and more"],
      ["token", "e0b5477167110d68991efc6b9f89f0a11066af27834600e123"],
      ["empty", ""],
    ]);
  });

  it("gives back whatever fields a form had", async () => {
    // An encoder may change lone line breaks and texts that are no Unicode: those are not asked for.
    const text = fc.string({ unit: "grapheme", maxLength: 30 }).filter((value) => !/[\r\n"%\\]/.test(value));
    const name = text.filter((value) => value !== "");
    await fc.assert(
      fc.asyncProperty(fc.array(fc.tuple(name, text), { minLength: 1, maxLength: 5 }), async (fields) => {
        const form = new FormData();
        for (const [key, value] of fields) form.append(key, value);
        const { type, body } = await multipart(form);
        expect(fieldsOf(type, body)).toEqual(fields);
      }),
      { numRuns: 50 },
    );
  });

  it.each([
    [
      "a text before the first part",
      'preamble\r\n--b\r\nContent-Disposition: form-data; name="a"\r\n\r\n1\r\n--b--\r\n',
    ],
    ["white space after a boundary", '--b \t\r\nContent-Disposition: form-data; name="a"\r\n\r\n1\r\n--b--'],
    ["a name without quotes", "--b\r\ncontent-disposition: form-data; name=a\r\n\r\n1\r\n--b--"],
    ["other headers", '--b\r\nX: 1\r\nContent-Disposition: form-data; name="a"\r\nY: 2\r\n\r\n1\r\n--b--'],
    [
      "what follows the end",
      '--b\r\nContent-Disposition: form-data; name="a"\r\n\r\n1\r\n--b--\r\n--b\r\nbad',
    ],
  ])("takes %s", (_, body) => {
    expect(fieldsOf("multipart/form-data; boundary=b", body)).toEqual([["a", "1"]]);
  });

  it("takes a boundary in quotes, of characters that mean something elsewhere", () => {
    const body = '--a.b+(c)\r\nContent-Disposition: form-data; name="n"\r\n\r\n--aXb+(c)\r\n--a.b+(c)--';
    expect(fieldsOf('multipart/form-data; boundary="a.b+(c)"', body)).toEqual([["n", "--aXb+(c)"]]);
  });

  it.each([
    ["no content type", undefined, "a=1"],
    ["another content type", "application/json", "a=1"],
    [
      "no boundary",
      "multipart/form-data",
      '--b\r\nContent-Disposition: form-data; name="a"\r\n\r\n1\r\n--b--',
    ],
    ["an empty boundary", 'multipart/form-data; boundary=""', "----"],
    ["another boundary", "multipart/form-data; boundary=c", "--b\r\n\r\n--b--"],
    ["no end", "multipart/form-data; boundary=b", '--b\r\nContent-Disposition: form-data; name="a"\r\n\r\n1'],
    ["nothing", "multipart/form-data; boundary=b", ""],
  ])("finds no form with %s", (_, type, body) => {
    expect(fieldsOf(type, body)).toBeUndefined();
  });

  it("believes neither of two content types", () => {
    const headers: NameValue[] = [
      ["content-type", "application/x-www-form-urlencoded"],
      ["Content-Type", "application/x-www-form-urlencoded"],
    ];
    expect(formFields({ headers, body: Buffer.from("a=1") })).toBeUndefined();
  });

  it("takes 700 KB of boundaries and of quotes in no time", () => {
    const started = performance.now();
    fieldsOf("multipart/form-data; boundary=b", "\r\n--b".repeat(140_000));
    const quotes = `--b\r\nContent-Disposition: form-data; ${'name="\\'.repeat(100_000)}\r\n\r\n1\r\n--b--`;
    fieldsOf("multipart/form-data; boundary=b", quotes);
    expect(performance.now() - started).toBeLessThan(2_000);
  });

  it("takes 700 KB of fields without a value in no time", () => {
    const type = "application/x-www-form-urlencoded";
    expect(fieldsOf(type, "&a&&=&b=&")).toEqual([
      ["a", ""],
      ["", ""],
      ["b", ""],
    ]);
    const before = process.cpuUsage();
    expect(fieldsOf(type, "a&".repeat(350_000))).toHaveLength(350_000);
    expect(process.cpuUsage(before).user).toBeLessThan(700_000);
  });
});
