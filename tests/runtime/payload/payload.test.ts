import githubExamples from "@octokit/webhooks-examples";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { packPayload, unpackPayload } from "../../../runtime/payload/payload.js";
import { envelopeOf } from "../../support/sqs-events.js";

// The package's types describe an ES module, what it ships is CommonJS.
const examples = githubExamples as unknown as readonly { readonly examples: readonly unknown[] }[];

async function packed(envelope: ReturnType<typeof envelopeOf>): Promise<Buffer> {
  return (await packPayload(envelope)).bytes;
}

describe("packPayload", () => {
  it("gives everything back bit for bit", async () => {
    const text = fc.string({ unit: "grapheme" });
    const pairs = fc.array(fc.tuple(text, text), { maxLength: 4 });
    await fc.assert(
      fc.asyncProperty(fc.uint8Array(), pairs, pairs, text, async (bytes, headers, query, path) => {
        const envelope = envelopeOf({
          body: Buffer.from(bytes),
          headers: headers.map(([name, value]) => [`x-${name}`, value]),
          query,
          path,
        });
        expect(await unpackPayload(await packed(envelope))).toEqual(envelope);
      }),
    );
  });

  it("keeps every byte value and an empty body", async () => {
    const all = envelopeOf({ body: Buffer.from(Array.from({ length: 256 }, (_, byte) => byte)) });
    expect(await unpackPayload(await packed(all))).toEqual(all);
    const empty = envelopeOf({ body: Buffer.alloc(0) });
    expect(await unpackPayload(await packed(empty))).toEqual(empty);
  });

  it("packs GitHub's example payloads into a fifth of their size on average", async () => {
    let plainBytes = 0;
    let packedBytes = 0;
    for (const { examples: payloads } of examples) {
      for (const payload of payloads) {
        const body = Buffer.from(JSON.stringify(payload));
        plainBytes += body.length;
        packedBytes += (await packed(envelopeOf({ body }))).length;
      }
    }
    expect(packedBytes).toBeLessThan(plainBytes / 5);
  });

  it("packs the largest body that a queue can carry, if it compresses", async () => {
    const body = Buffer.from(JSON.stringify({ rows: Array(32_000).fill({ status: "open", id: 1 }) }));
    expect(body.length).toBeGreaterThan(770_000);
    expect((await unpackPayload(await packed(envelopeOf({ body })))).body.equals(body)).toBe(true);
  });

  it("begins when requests that were made before have left", async () => {
    const order: string[] = [];
    setImmediate(() => order.push("requests leave"));
    const { body, ...rest } = envelopeOf();
    const read = () => {
      order.push("payload is read");
      return body;
    };
    await packPayload(Object.defineProperty({ ...rest, body }, "body", { get: read, enumerable: true }));
    expect(order).toEqual(["requests leave", "payload is read"]);
  });
});

describe("unpackPayload", () => {
  it("says which format it does not know", async () => {
    await expect(unpackPayload(Buffer.from([9, 1]))).rejects.toThrow(
      "has format 9, this code reads format 1",
    );
    await expect(unpackPayload(Buffer.alloc(0))).rejects.toThrow("has format none");
  });
});
