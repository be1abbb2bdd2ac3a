import { createHash, randomBytes } from "node:crypto";
import { describe, expect, it } from "vitest";
import { keepPayload, packIfKept } from "../../../runtime/payload/keep-payload.js";
import { loadPayload, type OverflowStore } from "../../../runtime/payload/overflow.js";
import { largestPayloadBytes, packPayload } from "../../../runtime/payload/payload.js";
import { envelopeOf } from "../../support/sqs-events.js";

const sha256 = (content: string | Buffer) => createHash("sha256").update(content).digest("hex");

function memory() {
  const objects = new Map<string, Uint8Array>();
  const store: OverflowStore = {
    put: async (key, bytes) => void objects.set(key, bytes),
    get: async (key) => objects.get(key) ?? new Uint8Array(),
  };
  return { objects, store };
}

const large = envelopeOf({ body: randomBytes(largestPayloadBytes) });
const keep = async (
  { keep, overflow }: { keep?: "all" | "none"; overflow?: OverflowStore } = {},
  stored = large,
) =>
  keepPayload("github/1", await packIfKept(stored, keep), {
    body: stored.body,
    storedBody: stored.body,
    overflow,
  });

describe("keepPayload", () => {
  it("puts what fits into the item", async () => {
    // Random bytes do not compress; what is added to them is the metadata and brotli's block headers.
    const fits = envelopeOf({ body: randomBytes(largestPayloadBytes - 1_000) });
    const { payload } = await keep({ overflow: memory().store }, fits);
    expect(payload).toEqual(await packPayload(fits));
  });

  it("puts what does not into the bucket, under a key that tells nothing, the same for each try", async () => {
    const { objects, store } = memory();
    const { payload } = await keep({ overflow: store });
    expect(await keep({ overflow: store })).toEqual({ payload });
    const { bytes } = await packPayload(large);
    expect(payload).toEqual({
      kind: "overflow",
      pointer: { key: `${sha256("github/1")}/${sha256(bytes)}`, sha256: sha256(bytes), bytes: bytes.length },
    });
    expect([...objects.values()]).toEqual([bytes]);
  });

  it("keeps hash and length of the sender's body where there is no bucket, and the first KB of the stored one", async () => {
    const stored = { ...large, redacted: ["json:a"] };
    const body = Buffer.from("the sender's own");
    expect(
      await keepPayload("github/1", await packIfKept(stored), { body, storedBody: stored.body }),
    ).toEqual({
      payload: {
        kind: "omitted",
        bodySha256: sha256(body),
        bodyBytes: body.length,
        bodyStart: stored.body.subarray(0, 1_024),
      },
    });
  });

  it("keeps no more of a source that wants no more, whatever the size, and stores nothing", async () => {
    const { objects, store } = memory();
    for (const stored of [envelopeOf(), large]) {
      expect(await keep({ keep: "none", overflow: store }, stored)).toEqual({
        payload: {
          kind: "omitted",
          bodySha256: sha256(stored.body),
          bodyBytes: stored.body.length,
        },
      });
    }
    expect(objects.size).toBe(0);
  });

  it("makes a failure of what cannot be stored", async () => {
    const error = Object.assign(new Error("no such bucket"), { name: "NoSuchBucket" });
    const put = () => Promise.reject(error);
    expect(await keep({ overflow: { ...memory().store, put } })).toEqual({
      payload: expect.objectContaining({ kind: "omitted" }),
      failure: {
        outcome: "failed",
        reason: "its payload could not be stored in the overflow bucket: NoSuchBucket: no such bucket",
        error,
      },
    });
  });
});

describe("loadPayload", () => {
  async function stored() {
    const { objects, store } = memory();
    const { payload } = await keep({ overflow: store });
    if (payload.kind !== "overflow") throw new Error("the payload is not in the bucket");
    return { objects, store, overflow: payload.pointer };
  }

  it("reads a payload from its item, from the bucket, or none at all", async () => {
    const { bytes } = await packPayload(envelopeOf());
    expect(await loadPayload({ payload: bytes }, undefined)).toEqual(envelopeOf());
    const { store, overflow } = await stored();
    expect(await loadPayload({ overflow }, store)).toEqual(large);
    expect(await loadPayload({}, store)).toBeUndefined();
  });

  it.each([
    [
      "changed",
      (bytes: Uint8Array) => Uint8Array.from(bytes, (byte, index) => (index === 9 ? byte ^ 1 : byte)),
    ],
    ["cut short", (bytes: Uint8Array) => bytes.subarray(0, 100)],
    ["gone", () => new Uint8Array()],
  ])("does not believe an object that is %s", async (_, spoil) => {
    const { objects, store, overflow } = await stored();
    objects.set(overflow.key, spoil(objects.get(overflow.key) ?? new Uint8Array()));
    await expect(loadPayload({ overflow }, store)).rejects.toThrow("is not what was stored");
  });

  it("says that a bucket is needed", async () => {
    const { overflow } = await stored();
    await expect(loadPayload({ overflow }, undefined)).rejects.toThrow("no bucket is set");
  });
});
