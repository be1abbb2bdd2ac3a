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
  it.each(["sha1", "sha256", "sha512"] as const)("knows %s in hex and base64", async (hash) => {
    for (const encoding of ["hex", "base64"] as const) {
      const digest = createHmac(hash, "key").update(body).digest(encoding);
      expect(await verify({ ...base, hash, encoding }, [["x-signature", digest]])).toEqual({
        verified: true,
      });
    }
  });

  it("takes hex digits in either case", async () => {
    const digest = createHmac("sha256", "key").update(body).digest("hex").toUpperCase();
    expect(await verify(base, [["x-signature", digest]])).toEqual({ verified: true });
  });

  it.each([
    ["hex", Buffer.from("key").toString("hex")],
    ["base64", Buffer.from("key").toString("base64")],
  ] as const)("reads a key in %s, with its prefix or without", async (encoding, text) => {
    const digest = createHmac("sha256", "key").update(body).digest("hex");
    const definition: HmacSignature = { ...base, key: { encoding, prefix: "sec_" } };
    expect(await verify(definition, [["x-signature", digest]], [`sec_${text}`])).toEqual({ verified: true });
    expect(await verify(definition, [["x-signature", digest]], [text])).toEqual({ verified: true });
  });

  it("passes over items of other versions, and believes any one of its own", async () => {
    const digest = createHmac("sha256", "key").update(body).digest("hex");
    const definition: HmacSignature = { ...base, separator: ",", prefix: "v1=" };
    expect(await verify(definition, [["x-signature", `v0=aa, v1=bb, v1=${digest}`]])).toEqual({
      verified: true,
    });
    expect(await verify(definition, [["x-signature", `v0=${digest}`]])).toMatchObject({
      verified: false,
      reason: "x-signature does not contain a hex digest after v1=",
    });
  });

  it("signs other headers and literal text as they stand", async () => {
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
    expect(await verify(definition, headers)).toEqual({ verified: true });
  });

  it("reads a time in milliseconds", async () => {
    const definition: HmacSignature = {
      ...base,
      content: "{timestamp}{body}",
      timestamp: { header: "x-time", unit: "milliseconds", toleranceSeconds: 1 },
    };
    const at = async (time: number) => {
      const digest = createHmac("sha256", "key").update(String(time)).update(body).digest("hex");
      return verify(definition, [
        ["x-signature", digest],
        ["x-time", String(time)],
      ]);
    };
    expect(await at(receivedAt - 1_000)).toEqual({ verified: true });
    expect(await at(receivedAt - 1_001)).toMatchObject({ verified: false, reason: /2 s before/ });
  });

  it.each(["", "soon", "-5", "1767225600.5", "0x5", "1".repeat(16)])(
    "turns away %j as a time",
    async (time) => {
      const definition: HmacSignature = {
        ...base,
        timestamp: { header: "x-time", unit: "seconds", toleranceSeconds: 300 },
      };
      const digest = createHmac("sha256", "key").update(body).digest("hex");
      const headers: NameValue[] = [
        ["x-signature", digest],
        ["x-time", time],
      ];
      expect(await verify(definition, headers)).toMatchObject({
        reason: "the signed time is not a whole number of seconds",
      });
    },
  );

  it.each([
    ["2016-07-11T10:10:33-07:00", 1_468_257_033_000],
    ["2021-03-25T05:09:27Z", 1_616_648_967_000],
    ["2021-03-25t05:09:27.250z", 1_616_648_967_250],
  ])("reads %s as RFC 3339", async (time, at) => {
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
    expect(await verifyAt(at - 1000)).toEqual({ verified: true });
    expect(await verifyAt(at + 1000)).toEqual({ verified: true });
    expect(await verifyAt(at + 1001)).toMatchObject({ reason: /2 s before/ });
    expect(await verifyAt(at - 1001)).toMatchObject({ reason: /2 s after/ });
  });

  it.each(["2021-03-25", "2021-03-25T05:09:27", "2021-13-25T05:09:27Z", "1616648967", "now"])(
    "turns away %j as RFC 3339",
    async (time) => {
      const definition: HmacSignature = {
        ...base,
        timestamp: { header: "x-time", unit: "rfc3339", toleranceSeconds: 300 },
      };
      const digest = createHmac("sha256", "key").update(body).digest("hex");
      const headers: NameValue[] = [
        ["x-signature", digest],
        ["x-time", time],
      ];
      expect(await verify(definition, headers)).toMatchObject({
        reason: expect.stringMatching(/^the signed time is not a time such as 2026-01-01T00:00:00Z/),
      });
    },
  );

  it("believes the signature in any of several headers, and looks at none of the others' absence", async () => {
    const definition: HmacSignature = { ...base, header: ["x-primary", "x-secondary"] };
    const digest = createHmac("sha256", "key").update(body).digest("hex");
    const wrong = createHmac("sha256", "another").update(body).digest("hex");
    expect(await verify(definition, [["x-secondary", digest]])).toEqual({ verified: true });
    expect(
      await verify(definition, [
        ["x-primary", wrong],
        ["x-secondary", digest],
      ]),
    ).toEqual({ verified: true });
    expect(await verify(definition, [["x-primary", wrong]])).toMatchObject({
      reason: expect.stringMatching(
        /^x-primary or x-secondary was not made with an active secret of the source\. /,
      ),
      otherSecret: true,
    });
    expect(await verify(definition, [])).toMatchObject({
      reason: "the header x-primary is missing, and so is x-secondary",
    });
  });

  it("gives the publicUrl as the usual cause where the URL is signed, without its query", () => {
    const definition = { ...base, content: "{url}{body}", publicUrl: "https://x.test/a?key=1" };
    return expect(verify(definition, [["x-signature", "00".repeat(32)]])).resolves.toEqual({
      verified: false,
      reason:
        "x-signature was not made with an active secret of the source for publicUrl https://x.test/a?…. " +
        "Usual causes: publicUrl is not byte for byte the URL that the provider posts to, " +
        "or the secret of another endpoint is stored",
      otherSecret: true,
    });
  });

  it.each([
    ["hex", "00".repeat(20), "a hex digest of 20 bytes, but hash: sha256 makes 32 bytes"],
    ["base64", "00".repeat(32), "a base64 digest of 48 bytes, but hash: sha256 makes 32 bytes"],
  ] as const)(
    "says how long the digest is if the settings want another: %s",
    async (encoding, value, text) => {
      expect(await verify({ ...base, encoding }, [["x-signature", value]])).toEqual({
        verified: false,
        reason: `x-signature contains ${text}`,
        otherSecret: false,
      });
    },
  );

  it.each([
    [
      "seconds",
      "1767225600123",
      "the signed time is not a whole number of seconds: it looks like milliseconds",
    ],
    [
      "milliseconds",
      "1767225600",
      expect.stringMatching(/ s before the receive time; .*: it looks like seconds$/),
    ],
    ["rfc3339", "1767225600", expect.stringMatching(/: it looks like seconds$/)],
  ] as const)("names the unit that a time seems to have, instead of %s", async (unit, time, reason) => {
    const definition: HmacSignature = {
      ...base,
      timestamp: { header: "x-time", unit, toleranceSeconds: 300 },
    };
    const headers: NameValue[] = [
      ["x-signature", "00".repeat(32)],
      ["x-time", time],
    ];
    expect(await verify(definition, headers)).toMatchObject({ reason });
  });

  it("says that a body is not JSON at all, or that it lacks the path", async () => {
    const definition: HmacSignature = { ...base, content: "{json:id}{body}" };
    const headers: NameValue[] = [["x-signature", "00".repeat(32)]];
    const of = (text: string) =>
      verifySignature(
        definition,
        { method: "POST", headers, query: [], body: Buffer.from(text), receivedAt },
        ["key"],
      );
    expect(await of("id=1")).toMatchObject({ reason: "the body is not JSON, so it has no id" });
    expect(await of("{}")).toMatchObject({ reason: "the body has no text or number at id" });
  });

  it("signs method and URL, of which the URL is the settings' own", async () => {
    const definition: HmacSignature = {
      ...base,
      content: "{method} {url} {body}",
      publicUrl: "https://x.test/a?b=%20",
    };
    const digest = createHmac("sha256", "key")
      .update("POST https://x.test/a?b=%20 ")
      .update(body)
      .digest("hex");
    expect(await verify(definition, [["x-signature", digest]])).toEqual({ verified: true });

    const { publicUrl, ...urlMissing } = definition;
    expect(publicUrl).toBeDefined();
    await expect(verify(urlMissing, [["x-signature", digest]])).rejects.toThrow(/set signature\.publicUrl/);
  });

  it.each([
    [undefined, undefined, `1767225600000,@`],
    ["v1=", undefined, `v1=@,1767225600000`],
    ["v1=", "v", `v1767225600000,v1=@`],
  ])("finds a time beside the signature: prefixes %j and %j", async (prefix, timePrefix, value) => {
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
    expect(await verify(definition, [["x-signature", value.replace("@", digest)]])).toEqual({
      verified: true,
    });
  });

  it("turns away two times in one header", async () => {
    const definition: HmacSignature = {
      ...base,
      separator: ",",
      prefix: "v1=",
      timestamp: { prefix: "t=", unit: "seconds", toleranceSeconds: 300 },
    };
    const digest = createHmac("sha256", "key").update(body).digest("hex");
    expect(
      await verify(definition, [["x-signature", `t=1767225600,t=1767225601,v1=${digest}`]]),
    ).toMatchObject({
      verified: false,
    });
  });

  it.each(["", "zz", "abc", "sha256="])(
    "turns away %j as a digest, without asking for another secret",
    async (value) => {
      expect(await verify(base, [["x-signature", value]])).toEqual({
        verified: false,
        reason: "x-signature does not contain a hex digest",
        otherSecret: false,
      });
    },
  );

  it("turns away the front part of the right digest", async () => {
    const digest = createHmac("sha256", "key").update(body).digest("hex");
    expect(await verify(base, [["x-signature", digest.slice(0, 32)]])).toMatchObject({ verified: false });
  });

  it("never signs with an empty key", async () => {
    const forged = createHmac("sha256", "").update(body).digest("hex");
    await expect(verify(base, [["x-signature", forged]], [""])).rejects.toThrow(SecretError);
    await expect(
      verify(
        { ...base, key: { encoding: "base64", prefix: "whsec_" } },
        [["x-signature", forged]],
        ["whsec_"],
      ),
    ).rejects.toThrow(SecretError);
  });

  it("blames a secret that is no key, unless another one fits", async () => {
    const definition: HmacSignature = { ...base, key: { encoding: "base64" } };
    const digest = createHmac("sha256", "key").update(body).digest("hex");
    const good = Buffer.from("key").toString("base64");
    await expect(verify(definition, [["x-signature", digest]], ["not base64!"])).rejects.toThrow(SecretError);
    expect(await verify(definition, [["x-signature", digest]], ["not base64!", good])).toEqual({
      verified: true,
    });
  });
});
