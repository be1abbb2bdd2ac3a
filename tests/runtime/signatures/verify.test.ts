import { createHmac } from "node:crypto";
import { describe, expect, it } from "vitest";
import type { NameValue } from "../../../runtime/envelope/headers.js";
import type { HmacSignature } from "../../../runtime/signatures/definition.js";
import { SecretError, verifySignature } from "../../../runtime/signatures/verify.js";

const receivedAt = 1_767_225_600_123;
const body = Buffer.from([0, 255, 10, 123]);
const base: HmacSignature = {
  kind: "hmac",
  hash: "sha256",
  encoding: "hex",
  header: "x-signature",
  content: "{body}",
  key: { encoding: "utf8" },
};

const verify = (definition: HmacSignature, headers: readonly NameValue[], secrets = ["key"]) =>
  verifySignature(definition, { method: "POST", headers, query: [], body, receivedAt }, secrets);

describe("a keyed hash", () => {
  it.each(["sha1", "sha256", "sha512"] as const)("knows %s in hex and base64", (hash) => {
    for (const encoding of ["hex", "base64"] as const) {
      const digest = createHmac(hash, "key").update(body).digest(encoding);
      expect(verify({ ...base, hash, encoding }, [["x-signature", digest]])).toEqual({ verified: true });
    }
  });

  it("takes hex digits in either case", () => {
    const digest = createHmac("sha256", "key").update(body).digest("hex").toUpperCase();
    expect(verify(base, [["x-signature", digest]])).toEqual({ verified: true });
  });

  it.each([
    ["hex", Buffer.from("key").toString("hex")],
    ["base64", Buffer.from("key").toString("base64")],
  ] as const)("reads a key in %s, with its prefix or without", (encoding, text) => {
    const digest = createHmac("sha256", "key").update(body).digest("hex");
    const definition: HmacSignature = { ...base, key: { encoding, prefix: "sec_" } };
    expect(verify(definition, [["x-signature", digest]], [`sec_${text}`])).toEqual({ verified: true });
    expect(verify(definition, [["x-signature", digest]], [text])).toEqual({ verified: true });
  });

  it("passes over items of other versions, and believes any one of its own", () => {
    const digest = createHmac("sha256", "key").update(body).digest("hex");
    const definition: HmacSignature = { ...base, separator: ",", prefix: "v1=" };
    expect(verify(definition, [["x-signature", `v0=aa, v1=bb, v1=${digest}`]])).toEqual({ verified: true });
    expect(verify(definition, [["x-signature", `v0=${digest}`]])).toMatchObject({
      verified: false,
      reason: "x-signature does not contain a hex digest after v1=",
    });
  });

  it("signs other headers and literal text as they stand", () => {
    const definition: HmacSignature = {
      ...base,
      content: "a{header:x-id}-{timestamp}:{other}{body}",
      hash: "sha1",
    };
    const digest = createHmac("sha1", "key").update("a7-:{other}").update(body).digest("hex");
    const headers: NameValue[] = [
      ["x-signature", digest],
      ["X-ID", "7"],
    ];
    expect(verify(definition, headers)).toEqual({ verified: true });
  });

  it("reads a time in milliseconds", () => {
    const definition: HmacSignature = {
      ...base,
      content: "{timestamp}{body}",
      timestamp: { header: "x-time", unit: "milliseconds", toleranceSeconds: 1 },
    };
    const at = (time: number) => {
      const digest = createHmac("sha256", "key").update(String(time)).update(body).digest("hex");
      return verify(definition, [
        ["x-signature", digest],
        ["x-time", String(time)],
      ]);
    };
    expect(at(receivedAt - 1_000)).toEqual({ verified: true });
    expect(at(receivedAt - 1_001)).toMatchObject({ verified: false, reason: /2 s before/ });
  });

  it.each(["", "soon", "-5", "1767225600.5", "0x5", "1".repeat(16)])("turns away %j as a time", (time) => {
    const definition: HmacSignature = {
      ...base,
      timestamp: { header: "x-time", unit: "seconds", toleranceSeconds: 300 },
    };
    const digest = createHmac("sha256", "key").update(body).digest("hex");
    const headers: NameValue[] = [
      ["x-signature", digest],
      ["x-time", time],
    ];
    expect(verify(definition, headers)).toMatchObject({
      reason: "the signed time is not a whole number of seconds",
    });
  });

  it.each([
    ["2016-07-11T10:10:33-07:00", 1_468_257_033_000],
    ["2021-03-25T05:09:27Z", 1_616_648_967_000],
    ["2021-03-25t05:09:27.250z", 1_616_648_967_250],
  ])("reads %s as RFC 3339", (time, at) => {
    const definition: HmacSignature = {
      ...base,
      content: "{body}{timestamp}",
      timestamp: { header: "x-time", unit: "rfc3339", toleranceSeconds: 1 },
    };
    const digest = createHmac("sha256", "key").update(body).update(time).digest("hex");
    const request = {
      method: "POST",
      headers: [
        ["x-signature", digest],
        ["x-time", time],
      ] as const,
      query: [],
      body,
    };
    const verifyAt = (receivedAt: number) => verifySignature(definition, { ...request, receivedAt }, ["key"]);
    expect(verifyAt(at - 1000)).toEqual({ verified: true });
    expect(verifyAt(at + 1000)).toEqual({ verified: true });
    expect(verifyAt(at + 1001)).toMatchObject({ reason: /2 s before/ });
    expect(verifyAt(at - 1001)).toMatchObject({ reason: /2 s after/ });
  });

  it.each(["2021-03-25", "2021-03-25T05:09:27", "2021-13-25T05:09:27Z", "1616648967", "now"])(
    "turns away %j as RFC 3339",
    (time) => {
      const definition: HmacSignature = {
        ...base,
        timestamp: { header: "x-time", unit: "rfc3339", toleranceSeconds: 300 },
      };
      const digest = createHmac("sha256", "key").update(body).digest("hex");
      const headers: NameValue[] = [
        ["x-signature", digest],
        ["x-time", time],
      ];
      expect(verify(definition, headers)).toMatchObject({
        reason: "the signed time is not a time such as 2026-01-01T00:00:00Z",
      });
    },
  );

  it("believes the signature in any of several headers, and looks at none of the others' absence", () => {
    const definition: HmacSignature = { ...base, header: ["x-primary", "x-secondary"] };
    const digest = createHmac("sha256", "key").update(body).digest("hex");
    const wrong = createHmac("sha256", "another").update(body).digest("hex");
    expect(verify(definition, [["x-secondary", digest]])).toEqual({ verified: true });
    expect(
      verify(definition, [
        ["x-primary", wrong],
        ["x-secondary", digest],
      ]),
    ).toEqual({ verified: true });
    expect(verify(definition, [["x-primary", wrong]])).toMatchObject({
      reason: "x-primary or x-secondary was not made with an active secret of the source",
      otherSecret: true,
    });
    expect(verify(definition, [])).toMatchObject({ reason: "the header x-primary is missing" });
  });

  it("signs method and URL, of which the URL is the settings' own", () => {
    const definition: HmacSignature = {
      ...base,
      content: "{method} {url} {body}",
      publicUrl: "https://x.test/a?b=%20",
    };
    const digest = createHmac("sha256", "key")
      .update("POST https://x.test/a?b=%20 ")
      .update(body)
      .digest("hex");
    expect(verify(definition, [["x-signature", digest]])).toEqual({ verified: true });

    const { publicUrl, ...urlMissing } = definition;
    expect(publicUrl).toBeDefined();
    expect(() => verify(urlMissing, [["x-signature", digest]])).toThrow(/set signature\.publicUrl/);
  });

  it.each([
    [undefined, undefined, `1767225600000,@`],
    ["v1=", undefined, `v1=@,1767225600000`],
    ["v1=", "v", `v1767225600000,v1=@`],
  ])("finds a time beside the signature: prefixes %j and %j", (prefix, timePrefix, value) => {
    const definition: HmacSignature = {
      ...base,
      separator: ",",
      content: "{timestamp}.{body}",
      ...(prefix === undefined ? {} : { prefix }),
      timestamp: {
        unit: "milliseconds",
        toleranceSeconds: 300,
        ...(timePrefix === undefined ? {} : { prefix: timePrefix }),
      },
    };
    const digest = createHmac("sha256", "key").update("1767225600000.").update(body).digest("hex");
    expect(verify(definition, [["x-signature", value.replace("@", digest)]])).toEqual({ verified: true });
  });

  it("turns away two times in one header", () => {
    const definition: HmacSignature = {
      ...base,
      separator: ",",
      prefix: "v1=",
      timestamp: { prefix: "t=", unit: "seconds", toleranceSeconds: 300 },
    };
    const digest = createHmac("sha256", "key").update(body).digest("hex");
    expect(verify(definition, [["x-signature", `t=1767225600,t=1767225601,v1=${digest}`]])).toMatchObject({
      verified: false,
    });
  });

  it.each(["", "zz", "abc", "sha256="])(
    "turns away %j as a digest, without asking for another secret",
    (value) => {
      expect(verify(base, [["x-signature", value]])).toEqual({
        verified: false,
        reason: "x-signature does not contain a hex digest",
        otherSecret: false,
      });
    },
  );

  it("turns away the front part of the right digest", () => {
    const digest = createHmac("sha256", "key").update(body).digest("hex");
    expect(verify(base, [["x-signature", digest.slice(0, 32)]])).toMatchObject({ verified: false });
  });

  it("never signs with an empty key", () => {
    const forged = createHmac("sha256", "").update(body).digest("hex");
    expect(() => verify(base, [["x-signature", forged]], [""])).toThrow(SecretError);
    expect(() =>
      verify(
        { ...base, key: { encoding: "base64", prefix: "whsec_" } },
        [["x-signature", forged]],
        ["whsec_"],
      ),
    ).toThrow(SecretError);
  });

  it("blames a secret that is no key, unless another one fits", () => {
    const definition: HmacSignature = { ...base, key: { encoding: "base64" } };
    const digest = createHmac("sha256", "key").update(body).digest("hex");
    const good = Buffer.from("key").toString("base64");
    expect(() => verify(definition, [["x-signature", digest]], ["not base64!"])).toThrow(SecretError);
    expect(verify(definition, [["x-signature", digest]], ["not base64!", good])).toEqual({ verified: true });
  });
});
