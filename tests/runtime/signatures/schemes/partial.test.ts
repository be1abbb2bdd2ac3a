import { generateKeyPairSync, sign } from "node:crypto";
import { crc32 } from "node:zlib";
import { describe, expect, it } from "vitest";
import { providers } from "../../../../providers/support/known.js";
import type { NameValue } from "../../../../runtime/envelope/headers.js";
import { findEventId } from "../../../../runtime/history/event-id.js";
import { verifySignature } from "../../../../runtime/signatures/verify.js";
import { senders } from "../../../support/senders/index.js";
import { base64, hex, pem } from "../../../support/senders/sender.js";
import { signedRequest } from "../../../support/signed-request.js";

/** A genuine request of a provider that signs parts of the body. */
async function genuine(name: "adyen" | "mailgun") {
  const sender = senders[name];
  const signature = providers[name]?.signature;
  if (sender === undefined || signature === undefined) throw new Error(`there is no ${name}`);
  const { body = "" } = await sender.send(sender.secret, 1_767_225_600_000, sender.body ?? "");
  const verify = (changed: string) =>
    verifySignature(signature, signedRequest({ body: changed }), [sender.secret]);
  return { body: body.toString(), verify };
}

describe("adyen", () => {
  it.each([
    ["psp-1", "psp-3"],
    ["TestMerchant", "TestMerchamt"],
    ["order-1", "order-2"],
    ['"value":1130', '"value":1131'],
    ["EUR", "USD"],
    ["AUTHORISATION", "REFUND"],
    ['"success":"true"', '"success":"false"'],
  ])("notices %s turned into %s in one item of two", async (from, to) => {
    const { body, verify } = await genuine("adyen");
    expect(await verify(body)).toEqual({ verified: true });
    expect(await verify(body.replace(from, to))).toEqual({
      verified: false,
      reason: "item 1 of 2 was changed: the secret fits others of the same body",
      otherSecret: false,
    });
  });

  it("asks for another secret where this one fits no item", async () => {
    const { body, verify } = await genuine("adyen");
    expect(await verify(body.replace("psp-1", "psp-3").replace("psp-2", "psp-4"))).toMatchObject({
      reason: expect.stringContaining("was not made with an active secret of the source"),
      otherSecret: true,
    });
  });

  it("does not believe an unsigned item beside a signed one", async () => {
    const { body, verify } = await genuine("adyen");
    const forged = body.replace("]", ',{"NotificationRequestItem":{"pspReference":"forged"}}]');
    expect(await verify(forged)).toEqual({
      verified: false,
      reason: "an item of the body has no base64 digest in additionalData.hmacSignature",
      otherSecret: false,
    });
  });

  it.each(["{}", '{"notificationItems":[]}', '{"notificationItems":{}}', "[]", "null", "no json"])(
    "does not believe %s",
    async (body) => {
      expect(await (await genuine("adyen")).verify(body)).toMatchObject({
        verified: false,
        otherSecret: false,
      });
    },
  );
});

describe("mailgun", () => {
  it("notices another time or token", async () => {
    const { body, verify } = await genuine("mailgun");
    expect(await verify(body)).toEqual({ verified: true });
    expect(await verify(body.replace("1767225600", "1767225601"))).toMatchObject({ verified: false });
    expect(await verify(body.replace("50 random", "51 random"))).toMatchObject({ verified: false });
  });

  it("takes the time as a text as well", async () => {
    const { body, verify } = await genuine("mailgun");
    expect(await verify(body.replace("1767225600", '"1767225600"'))).toEqual({ verified: true });
  });

  it("says what is missing", async () => {
    const { verify } = await genuine("mailgun");
    expect(await verify("{}")).toMatchObject({
      reason: "the body has no text or number at signature.signature",
    });
    expect(await verify("no json")).toMatchObject({ verified: false, otherSecret: false });
  });
});

describe("mailgun-routes", () => {
  const signature = providers["mailgun-routes"]?.signature ?? { kind: "none" };
  const secret = "the provider's secret";
  const signed = {
    timestamp: "1767225600",
    token: "e0b5477167110d68991efc6b9f89f0a11066af27834600e123",
    signature: hex("1767225600e0b5477167110d68991efc6b9f89f0a11066af27834600e123", secret),
  };

  /** A mail with an attachment, as Node's own encoder writes it. */
  async function mail(fields: Readonly<Record<string, string>>) {
    const form = new FormData();
    form.append("subject", "Grüße");
    form.append("attachment-1", new Blob([new Uint8Array([0, 13, 10, 45, 45, 255])]), "signature");
    for (const [name, value] of Object.entries(fields)) form.append(name, value);
    const response = new Response(form);
    const headers: NameValue[] = [["Content-Type", response.headers.get("content-type") ?? ""]];
    return { headers, body: Buffer.from(await response.arrayBuffer()) };
  }

  it("believes a mail with attachments, and knows it by its token", async () => {
    const { headers, body } = await mail(signed);
    expect(await verifySignature(signature, { ...signedRequest({}), headers, body }, [secret])).toEqual({
      verified: true,
    });
    const request = { requestId: "r", headers, query: [], body };
    expect(findEventId({ signature, eventId: ["form:token"] }, request)).toBe(signed.token);
  });

  it.each<[Readonly<Record<string, string>>, object]>([
    [{ timestamp: "1767225601" }, { otherSecret: true }],
    [{ token: "another" }, { otherSecret: true }],
    [{ signature: "no hex" }, { reason: "the form's signature does not contain a hex digest" }],
  ])("does not believe one with %j", async (changes, verdict) => {
    const { headers, body } = await mail({ ...signed, ...changes });
    expect(await verifySignature(signature, { ...signedRequest({}), headers, body }, [secret])).toMatchObject(
      {
        verified: false,
        ...verdict,
      },
    );
  });

  it("says what is missing, and believes no field that is there twice", async () => {
    const reasonOf = async (headers: NameValue[], body: Buffer | string) => {
      const request = { ...signedRequest({}), headers, body: Buffer.from(body) };
      return ((await verifySignature(signature, request, [secret])) as { readonly reason?: string }).reason;
    };
    const { headers, body } = await mail({ timestamp: signed.timestamp, signature: signed.signature });
    expect(await reasonOf(headers, body)).toBe("the form field token is missing");
    expect(await reasonOf([], body)).toBe("the header content-type is missing");
    expect(await reasonOf([["content-type", "application/json"]], "{}")).toBe(
      "the body is not a form that can be read",
    );
    const urlencoded: NameValue[] = [["content-type", "application/x-www-form-urlencoded"]];
    expect(await reasonOf(urlencoded, `${new URLSearchParams(signed)}&signature=00`)).toBe(
      "the form field signature occurs 2 times",
    );
  });
});

describe("a signature in the query", () => {
  it("covers the body, the time and a parameter beside it", async () => {
    const definition = {
      kind: "hmac",
      hash: "sha256",
      encoding: "hex",
      query: "sig",
      content: "{timestamp}.{query:shop}.{body}",
      timestamp: { query: "ts", unit: "seconds", toleranceSeconds: 300 },
      key: { encoding: "utf8" },
    } as const;
    const verify = (shop: string, ...more: NameValue[]) => {
      const query: NameValue[] = [
        ["ts", "1767225600"],
        ["shop", shop],
        ["sig", hex('1767225600.a.{"n":1}', "key")],
        ...more,
      ];
      return verifySignature(definition, { ...signedRequest({ body: '{"n":1}' }), query }, ["key"]);
    };
    expect(await verify("a")).toEqual({ verified: true });
    expect(await verify("b")).toMatchObject({ verified: false, otherSecret: true });
    expect(await verify("a", ["sig", "00"])).toMatchObject({
      reason: "the query parameter sig occurs 2 times",
    });
  });
});

describe("paypal", () => {
  const { publicKey, privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
  const definition = { kind: "paypal", webhookId: "WH-1" } as const;
  const content = Buffer.from(`id-1|2026-01-01T00:00:00Z|WH-1|${crc32("body")}`);
  const headers = (algorithm: string, hash: string): NameValue[] => [
    ["Paypal-Transmission-Id", "id-1"],
    ["Paypal-Transmission-Time", "2026-01-01T00:00:00Z"],
    ["Paypal-Cert-Url", "https://evil.example/cert.pem"],
    ["Paypal-Auth-Algo", algorithm],
    ["Paypal-Transmission-Sig", sign(hash, content, privateKey).toString("base64")],
  ];

  it("does not believe SHA-1, whatever the header says", async () => {
    const verify = (algorithm: string, hash: string) =>
      verifySignature(definition, signedRequest({ headers: headers(algorithm, hash), body: "body" }), [
        pem(publicKey),
      ]);
    expect(await verify("SHA256withRSA", "sha256")).toEqual({ verified: true });
    expect(await verify("SHA1withRSA", "sha1")).toMatchObject({ verified: false, otherSecret: false });
    expect(await verify("SHA256withRSA", "sha1")).toMatchObject({ verified: false });
  });

  it("does not believe a webhook of another id", async () => {
    const request = signedRequest({ headers: headers("SHA256withRSA", "sha256"), body: "body" });
    const other = { ...definition, webhookId: "WH-2" };
    expect(await verifySignature(other, request, [pem(publicKey)])).toMatchObject({ verified: false });
  });
});

describe("contentful", () => {
  it("does not believe a list of signed headers without the time", async () => {
    const request = signedRequest({
      headers: [
        ["x-contentful-signature", "00".repeat(32)],
        ["x-contentful-signed-headers", "content-type"],
        ["x-contentful-timestamp", "1767225600000"],
        ["content-type", "application/json"],
      ],
    });
    const definition = { kind: "contentful", publicUrl: "https://x.test/", toleranceSeconds: 30 } as const;
    expect(await verifySignature(definition, request, ["a".repeat(64)])).toMatchObject({
      reason: "x-contentful-signed-headers does not name x-contentful-timestamp",
    });
  });
});

describe("twilio", () => {
  const form: NameValue = ["content-type", "application/x-www-form-urlencoded"];

  it.each([
    ["https://x.test/a", "https://x.test:443/a"],
    ["https://x.test:443/a", "https://x.test/a"],
    ["https://user:pass@x.test:8443/a?b=1", "https://user:pass@x.test/a?b=1"],
    ["http://x.test/a", "http://x.test:80/a"],
  ])("is believed at %s if it signed %s", async (publicUrl, signedUrl) => {
    const headers: NameValue[] = [form, ["x-twilio-signature", base64(`${signedUrl}Bodyhi`, "s", "sha1")]];
    const request = signedRequest({ headers, body: "Body=hi" });
    expect(await verifySignature({ kind: "twilio", publicUrl }, request, ["s"])).toEqual({ verified: true });
  });

  it("does not believe a body that does not have the hash in the URL", async () => {
    const bodySha256 = "0a1ff7634d9ab3b95db5c9a2dfe9416e41502b283a80c7cf19632632f96e6620";
    const url = `https://x.test/?bodySHA256=${bodySha256}`;
    const request = signedRequest({
      headers: [["x-twilio-signature", base64(url, "s", "sha1")]],
      query: [["bodySHA256", bodySha256]],
      body: "another",
    });
    expect(
      await verifySignature({ kind: "twilio", publicUrl: "https://x.test/" }, request, ["s"]),
    ).toMatchObject({
      reason: "the body does not have the hash in bodySHA256",
    });
  });

  it("reads no body as a form that does not say it is one", async () => {
    const headers: NameValue[] = [
      ["content-type", "application/json"],
      ["x-twilio-signature", base64("https://x.test/Bodyhi", "s", "sha1")],
    ];
    const request = signedRequest({ headers, body: "Body=hi" });
    expect(
      await verifySignature({ kind: "twilio", publicUrl: "https://x.test/" }, request, ["s"]),
    ).toMatchObject({
      reason: "the body is not application/x-www-form-urlencoded",
    });
  });

  it("believes a request without a body", async () => {
    const headers: NameValue[] = [["x-twilio-signature", base64("https://x.test/", "s", "sha1")]];
    expect(
      await verifySignature({ kind: "twilio", publicUrl: "https://x.test/" }, signedRequest({ headers }), [
        "s",
      ]),
    ).toEqual({ verified: true });
  });
});
