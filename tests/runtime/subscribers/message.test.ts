import { randomBytes } from "node:crypto";
import { describe, expect, it } from "vitest";
import { decodeEnvelope, EnvelopeError } from "../../../runtime/envelope/envelope.js";
import { sha256 } from "../../../runtime/envelope/sha256.js";
import { packPayload } from "../../../runtime/payload/payload.js";
import {
  carriedWebhook,
  carry,
  decodeHandOver,
  encodeHandOver,
  isHandOver,
} from "../../../runtime/subscribers/message.js";
import { envelopeOf, sqsRecord } from "../../support/sqs-events.js";

const inItem = { kind: "packed", bytes: Buffer.from("x") } as const;
const largestMessage = 1_048_576;

const about = { source: "stripe", subscriber: "billing", eventId: "evt_é1", wasTooLarge: false } as const;

/** Text of about as many bytes, of which compression takes nothing away: each character stands for itself. */
function incompressible(bytes: number): Buffer {
  const characters = randomBytes(bytes).map((byte) => 32 + (byte % 95));
  return Buffer.from(characters);
}

describe("a message to a subscriber", () => {
  it("carries the webhook with every byte and header, its event and its replay", async () => {
    const request = envelopeOf({ body: randomBytes(1_000), headers: [["X-Mixed", "värde"]] });
    const carried = await carry(request, inItem, true);
    const read = decodeHandOver(encodeHandOver({ ...about, replayId: "r-1", carried }));

    expect(read).toEqual({ ...about, replayId: "r-1", carried });
    expect(await carriedWebhook(read.carried, undefined)).toEqual(request);
  });

  it("does not carry on the source's own replay, which is not that of every subscriber", async () => {
    const request = envelopeOf({ replayId: "r-1", replayFor: "billing" });
    const carried = await carry(request, inItem, true);

    const { replayId, replayFor } = await carriedWebhook(carried, undefined);
    expect([replayId, replayFor]).toEqual([undefined, undefined]);
  });

  it("is compressed where the webhook has no room in it otherwise", async () => {
    const request = envelopeOf({ body: Buffer.alloc(900_000, "a") });
    const carried = await carry(request, inItem, true);

    expect(carried.form).toBe("packed");
    expect(encodeHandOver({ ...about, carried }).length).toBeLessThan(10_000);
    expect(await carriedWebhook(carried, undefined)).toEqual(request);
  });

  it("points to the bucket where the webhook has no room in it at all", async () => {
    const request = envelopeOf({ body: incompressible(1_040_000), bodyEncoding: "text" });
    const { bytes } = await packPayload(request);
    const pointer = { key: "k", sha256: sha256(bytes), bytes: bytes.length };
    const carried = await carry(request, { kind: "overflow", pointer }, true);

    expect(carried.form).toBe("stored");
    expect(
      await carriedWebhook(carried, { get: async (key) => (key === "k" ? bytes : Buffer.alloc(0)) }),
    ).toEqual(request);
    await expect(carriedWebhook(carried, { get: async () => Buffer.from("other") })).rejects.toThrow(
      "is not what was stored",
    );
  });

  it.each([
    ["there is no bucket", inItem, true, "set history.overflow"],
    [
      "the bucket lacks what must not be kept",
      { kind: "overflow", pointer: { key: "k", sha256: "", bytes: 1 } },
      false,
      "what the history must not keep is missing there",
    ],
  ] as const)("is refused for a webhook without room in it if %s", async (_, payload, isComplete, why) => {
    const request = envelopeOf({ body: incompressible(1_040_000) });

    await expect(carry(request, payload, isComplete)).rejects.toThrow(why);
  });

  it("never exceeds what SQS takes, at the bound between its forms", async () => {
    for (const bytes of [780_000, 783_000, 786_000]) {
      const carried = await carry(envelopeOf({ body: Buffer.alloc(bytes, "a"), headers: [] }), inItem, true);
      const eventId = "é".repeat(256);
      const message = encodeHandOver({
        ...about,
        subscriber: "s".repeat(64),
        eventId,
        carried,
        replayId: eventId,
      });
      expect(Buffer.byteLength(message)).toBeLessThanOrEqual(largestMessage);
    }
  });

  it("is told from an envelope, and from what a sender posts to an HTTP API", async () => {
    const message = encodeHandOver({ ...about, carried: await carry(envelopeOf(), inItem, true) });

    expect(isHandOver(sqsRecord(message))).toBe(true);
    expect(isHandOver(sqsRecord(envelopeOf()))).toBe(false);
    expect(() => decodeEnvelope(message)).toThrow(EnvelopeError);
    const posted = {
      stringValue: "2 1 id ip path",
      dataType: "String",
      stringListValues: [],
      binaryListValues: [],
    };
    expect(isHandOver({ ...sqsRecord(message), messageAttributes: { webhook: posted } })).toBe(false);
  });

  it.each([
    ["no metadata", "nothing at all"],
    ["another version", '{"to":"billing","v":2}\n'],
    ["a field that is not known", '{"to":"billing","v":1,"s":"stripe","e":"","f":"envelope","x":1}\n'],
    ["an id that is not base64", '{"to":"billing","v":1,"s":"stripe","e":"?","f":"envelope"}\n'],
    ["no source", '{"to":"billing","v":1,"e":"","f":"envelope"}\n'],
    ["a form that is not known", '{"to":"billing","v":1,"s":"stripe","e":"","f":"parcel"}\n'],
  ])("cannot be read with %s", (_, message) => {
    expect(() => decodeHandOver(message)).toThrow(EnvelopeError);
  });
});
