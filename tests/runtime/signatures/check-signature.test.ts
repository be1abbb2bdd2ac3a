import { sign } from "node:crypto";
import { brotliCompressSync, deflateSync, gzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { providers } from "../../../providers/support/known.js";
import type { Envelope } from "../../../runtime/envelope/envelope.js";
import { checkSignature } from "../../../runtime/signatures/check-signature.js";
import { type SignatureDefinition, signsUrl } from "../../../runtime/signatures/definition.js";
import type { Secrets } from "../../../runtime/signatures/secrets.js";
import { noSigningKeys } from "../../support/no-signing-keys.js";
import { ed25519Pair, rawHex } from "../../support/senders/sender.js";

/** Secrets Manager, where nobody may look. */
const noSecrets: Secrets = {
  of: (source) => Promise.reject(new Error(`somebody asked for the secret of ${source}`)),
  newerThan: (source) => Promise.reject(new Error(`somebody asked for a newer secret of ${source}`)),
};

const body = Buffer.from('{"id":1}');
const { publicKey, privateKey } = ed25519Pair();

const check = (signature: SignatureDefinition, headers: Envelope["headers"] = [], sent: Buffer = body) =>
  checkSignature(
    { name: "a", signature },
    {
      source: "a",
      bodyEncoding: "bytes",
      requestId: "r",
      receivedAt: 1_767_225_600_000,
      sourceIp: "192.0.2.1",
      method: "POST",
      path: "/v1/webhooks/a",
      headers,
      query: [],
      body: sent,
    },
    { secrets: noSecrets, signingKeys: noSigningKeys },
  );

it("asks for no secret where a source signs nothing", async () => {
  expect(await check({ kind: "none" })).toEqual({ verified: true });
});

it("asks for no secret where the settings hold the public key, whether it fits or not", async () => {
  const definition: SignatureDefinition = {
    kind: "public-key",
    algorithm: "ed25519",
    encoding: "hex",
    header: "x-signature",
    content: "{body}",
    publicKey: rawHex(publicKey),
  };
  const signature = sign(null, body, privateKey).toString("hex");
  expect(await check(definition, [["X-Signature", signature]])).toEqual({ verified: true });
  expect(await check(definition, [["X-Signature", "00".repeat(64)]])).toMatchObject({ verified: false });
});

it("asks for the secret where one is needed", async () => {
  const shown: Envelope["headers"] = [["x-key", "token"]];
  await expect(check({ kind: "token", header: "x-key" }, shown)).rejects.toThrow("asked for the secret of a");
});

it.each(Object.entries(providers))(
  "rejects what is not signed at all without asking for a secret or a key: %s",
  async (_, { signature }) => {
    const definition = { ...signature, ...(signsUrl(signature) ? { publicUrl: "https://x.test/" } : {}) };
    const complete = definition.kind === "paypal" ? { ...definition, webhookId: "WH-1" } : definition;
    expect(await check(complete as SignatureDefinition)).toMatchObject({
      verified: false,
      otherSecret: false,
    });
  },
);

describe("the signature of a compressed webhook", () => {
  const signature: SignatureDefinition = {
    kind: "public-key",
    algorithm: "ed25519",
    header: "x-signature",
    encoding: "hex",
    content: "{body}",
    publicKey: rawHex(publicKey),
  };
  const checked = (signed: Buffer, received: Buffer, coding: string) =>
    check(
      signature,
      [
        ["x-signature", sign(null, signed, privateKey).toString("hex")],
        ["Content-Encoding", coding],
      ],
      received,
    );

  it.each([
    ["gzip", gzipSync(body)],
    ["deflate", deflateSync(body)],
    ["br", brotliCompressSync(body)],
  ])("holds over the bytes and over what they contain (%s)", async (coding, compressed) => {
    expect(await checked(compressed, compressed, coding)).toEqual({ verified: true });
    expect(await checked(body, compressed, coding)).toEqual({ verified: true });
  });

  it("holds over a body that the gateway has decompressed, with the header kept", async () => {
    expect(await checked(body, body, "gzip")).toEqual({ verified: true });
  });

  it("does not hold over anything else", async () => {
    expect(await checked(Buffer.from("other"), gzipSync(body), "gzip")).toMatchObject({ verified: false });
    expect(await checked(body, gzipSync(body), "zstd")).toMatchObject({ verified: false });
    expect(await checked(body, gzipSync("other"), "gzip")).toMatchObject({ verified: false });
  });
});
