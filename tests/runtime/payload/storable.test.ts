import { brotliCompressSync, deflateSync, gzipSync } from "node:zlib";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { storableWebhook } from "../../../runtime/payload/storable.js";
import { envelopeOf } from "../../support/sqs-events.js";

const unsigned = { signature: { kind: "none" } } as const;

describe("storableWebhook", () => {
  it("keeps all of a webhook that has nothing to hide", () => {
    expect(storableWebhook(envelopeOf(), { ...unsigned, redact: ["json:email"] })).toEqual(envelopeOf());
  });

  it("leaves out headers that carry credentials, in whatever case, and says which", () => {
    const headers = [
      ["Authorization", "Basic c2VjcmV0"],
      ["cookie", "session=secret"],
      ["PROXY-AUTHORIZATION", "Bearer secret"],
      ["X-Api-Key", "secret"],
      ["X-Kept", "kept"],
    ] as const;
    expect(storableWebhook(envelopeOf({ headers }), unsigned)).toEqual({
      ...envelopeOf({ headers: [["X-Kept", "kept"]] }),
      redacted: ["header:authorization", "header:cookie", "header:proxy-authorization", "header:x-api-key"],
    });
  });

  it("leaves out the secret of a scheme that shows it, in a header or in the query", () => {
    const header = { signature: { kind: "token", header: "x-gitlab-token" } } as const;
    const headers = [["X-Gitlab-Token", "secret"]] as const;
    expect(storableWebhook(envelopeOf({ headers }), header)).toMatchObject({
      headers: [],
      redacted: ["header:x-gitlab-token"],
    });
    const parameter = { signature: { kind: "token", query: "token" } } as const;
    const query = [
      ["token", "secret"],
      ["page", "1"],
    ] as const;
    expect(storableWebhook(envelopeOf({ query }), parameter)).toMatchObject({
      query: [["page", "1"]],
      redacted: ["query:token"],
    });
  });

  it("takes the source's paths out of the body, and marks those that it had", () => {
    const body = Buffer.from('{"id":"1","customer":{"email":"a@b"}}');
    const redact = ["json:customer.email", "json:customer.phone"] as const;
    const stored = storableWebhook(envelopeOf({ body }), { ...unsigned, redact });
    expect(stored.body.toString()).toBe('{"id":"1","customer":{"email":"[redacted]"}}');
    expect(stored.redacted).toEqual(["json:customer.email"]);
  });

  it("leaves out a whole body that it cannot look into, and an empty one alone", () => {
    const redact = ["json:email"] as const;
    expect(
      storableWebhook(envelopeOf({ body: Buffer.from("email=a") }), { ...unsigned, redact }),
    ).toMatchObject({
      body: Buffer.alloc(0),
      redacted: ["body"],
    });
    const empty = envelopeOf({ body: Buffer.alloc(0) });
    expect(storableWebhook(empty, { ...unsigned, redact })).toEqual(empty);
  });

  it.each([
    ["gzip", gzipSync],
    ["deflate", deflateSync],
    ["br", brotliCompressSync],
  ])(
    "looks into a body that is compressed by %s, and keeps it as it was if it has none of the paths",
    (coding, compress) => {
      const body = compress(Buffer.from('{"id":1,"email":"a@b"}'));
      const envelope = envelopeOf({ headers: [["Content-Encoding", coding]], body });
      expect(storableWebhook(envelope, { ...unsigned, redact: ["json:email"] })).toMatchObject({
        body: Buffer.from('{"id":1,"email":"[redacted]"}'),
        redacted: ["json:email"],
      });
      expect(storableWebhook(envelope, { ...unsigned, redact: ["json:phone"] }).body).toEqual(body);
      expect(
        storableWebhook({ ...envelope, headers: [] }, { ...unsigned, redact: ["json:phone"] }),
      ).toMatchObject({
        body: Buffer.alloc(0),
        redacted: ["body"],
      });
    },
  );

  it("does not keep by which replay it came", () => {
    expect(storableWebhook(envelopeOf({ replayId: "r-1" }), unsigned)).toEqual(envelopeOf());
  });

  it("changes nothing of what was stored before, so that a replay finds its own story", () => {
    const source = { signature: { kind: "basic" }, redact: ["json:a", "json:b.*"] } as const;
    fc.assert(
      fc.property(fc.json(), (text) => {
        const headers = [["authorization", "x"]] as const;
        const once = storableWebhook(
          envelopeOf({ headers, body: Buffer.from(`{"a":1,"b":${text}}`) }),
          source,
        );
        const twice = storableWebhook(once, source);
        expect(twice.body.equals(once.body)).toBe(true);
        expect(twice.headers).toEqual(once.headers);
      }),
    );
  });
});
