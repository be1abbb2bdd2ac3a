import { createPublicKey } from "node:crypto";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { providers } from "../../providers/support/known.js";
import { RequestValues } from "../../runtime/envelope/values.js";
import { findEventId } from "../../runtime/history/event-id.js";
import { pinnedKey } from "../../runtime/signatures/definition.js";
import { type SignedRequest, verifySignature } from "../../runtime/signatures/verify.js";
import type { EventIdLocator } from "../../runtime/stage/definition.js";
import { makeSample, type Sample, type SampleOptions } from "../../samples/sample.js";
import { makeSenderKeys, type NewSenderKeys } from "../../samples/sender-keys.js";
import { signatureSchema } from "../../settings/signatures.js";
import { assertProperty, propertyTimeoutMilliseconds } from "../support/properties.js";
import { senderOf } from "../support/senders/index.js";
import {
  hmacSettings,
  jwtSettings,
  publicKeySettings,
  tokenSettings,
} from "../support/signature-settings.js";

const url = "https://abc.execute-api.eu-central-1.amazonaws.com/v1/webhooks/source";
const now = 1_767_225_600_000;

/** A source that names a provider, as a stage's settings make it, and the keys of a sender that it believes. */
function sourceOf(name: string) {
  const provider = providers[name];
  if (provider === undefined) throw new Error(`there is no provider ${name}`);
  const { settings } = senderOf(name, provider);
  const { signature, eventId = [], eventType } = signatureSchema.parse({ scheme: name, ...settings });
  const source = { signature, eventId, ...(eventType === undefined ? {} : { eventType }) };
  return { source, provider, keys: keysFor(signature) };
}

function keysFor(signature: SampleOptions["source"]["signature"]): NewSenderKeys {
  const keys = makeSenderKeys(signature);
  if (keys === undefined) throw new Error("the settings have the key");
  return keys;
}

/** What the source checks with: its secret, or the keys that the sender publishes. */
const secretsOf = ({ published, secret = "" }: NewSenderKeys) => [
  published === undefined ? secret : JSON.stringify({ keys: [published] }),
];

function received({ url, headers, body }: Sample): SignedRequest & { requestId: string } {
  return {
    requestId: "r",
    method: "POST",
    headers,
    query: [...new URL(url).searchParams],
    body,
    receivedAt: now,
  };
}

const names = Object.keys(providers);

describe("a sample of a provider's webhook", () => {
  it.each(names)("is believed: %s", async (name) => {
    const { source, provider, keys } = sourceOf(name);
    const sample = await makeSample({ source, provider, url, keys, now });
    expect(await verifySignature(source.signature, received(sample), secretsOf(keys))).toEqual({
      verified: true,
    });
  });

  it.each(names)("is not believed by a source of another sender: %s", async (name) => {
    const { source, provider, keys } = sourceOf(name);
    const sample = await makeSample({ source, provider, url, keys, now });
    const others = secretsOf(keysFor(source.signature));
    expect(await verifySignature(source.signature, received(sample), others)).toMatchObject({
      verified: false,
    });
  });

  it.each(names)("is a new event each time: %s", async (name) => {
    const { source, provider, keys } = sourceOf(name);
    const ids = new Set<string>();
    for (const requestId of ["1", "2", "3"]) {
      const sample = await makeSample({ source, provider, url, keys, now });
      ids.add(findEventId(source, { ...received(sample), requestId }));
    }
    expect(ids.size).toBe(3);
  });

  it.each(names.filter((name) => providers[name]?.sample.eventType !== undefined))(
    "has the type that was asked for, and a signature that covers it: %s",
    async (name) => {
      const { source, provider, keys } = sourceOf(name);
      const sample = await makeSample({ source, provider, url, keys, now, eventType: "our.own" });
      const request = received(sample);
      expect(new RequestValues(request).at(source.eventType ?? "header:none")).toEqual(["our.own"]);
      expect(await verifySignature(source.signature, request, secretsOf(keys))).toEqual({ verified: true });
    },
  );

  it("keeps the bytes of a body that was given", async () => {
    const body = Buffer.from('{ "id": 12345678901234567890,\n "id": 2 }');
    const { source, provider, keys } = sourceOf("stripe");
    const sample = await makeSample({ source, provider, url, keys, now, body });
    expect(sample.body).toEqual(body);
    expect(await verifySignature(source.signature, received(sample), secretsOf(keys))).toEqual({
      verified: true,
    });
  });

  it("adds a signature inside the body to a body that was given, and keeps its numbers", async () => {
    const body = Buffer.from('{"signature":{"token":"t"},"event-data":{"id":12345678901234567890}}');
    const { source, provider, keys } = sourceOf("mailgun");
    const sample = await makeSample({ source, provider, url, keys, now, body });
    expect(sample.body.toString()).toContain('"event-data":{"id":12345678901234567890}');
    expect(await verifySignature(source.signature, received(sample), secretsOf(keys))).toEqual({
      verified: true,
    });
  });

  it("has a whole number as its id where the provider's is one", async () => {
    const { source, provider, keys } = sourceOf("telegram");
    const { body } = await makeSample({ source, provider, url, keys, now });
    expect(JSON.parse(body.toString())).toMatchObject({ update_id: expect.any(Number) });
  });

  it("cannot be made with a type for a source that knows no place of types", async () => {
    const { source, provider, keys } = sourceOf("dropbox");
    await expect(makeSample({ source, provider, url, keys, now, eventType: "a" })).rejects.toThrow(
      "the source has no eventType, so an event's type has no place: leave --event out",
    );
  });

  it("cannot be made of a body that has no place for the signature", async () => {
    const { source, provider, keys } = sourceOf("mailgun");
    const body = Buffer.from("<xml/>");
    await expect(makeSample({ source, provider, url, keys, now, body })).rejects.toThrow(
      "signature.timestamp is a place in a JSON body, and the body is no JSON object",
    );
  });
});

describe("a sample for a scheme of one's own", () => {
  const eventId = fc.constantFrom<EventIdLocator>(
    "header:x-event",
    "query:order",
    "json:data.$id",
    "json:items.0.id",
    "form:token",
    "body",
    "request-id",
  );
  const pem = keysFor({
    kind: "public-key",
    algorithm: "ed25519",
    encoding: "hex",
    header: "x",
    content: "{body}",
  }).secret;

  it.each([
    ["hmac", hmacSettings],
    ["public-key", publicKeySettings],
    ["token", tokenSettings],
    [
      "jwt",
      jwtSettings([
        createPublicKey(pem ?? "")
          .export({ type: "spki", format: "pem" })
          .toString(),
      ]),
    ],
  ] as const)(
    "is believed whatever the settings accept: %s",
    async (_, settings) => {
      await assertProperty(
        fc.asyncProperty(settings as fc.Arbitrary<object>, eventId, async (raw, locator) => {
          const parsed = signatureSchema.safeParse(raw);
          fc.pre(parsed.success);
          const { signature } = parsed.data;
          fc.pre(pinnedKey(signature) === undefined);
          const needsForm = JSON.stringify(signature).includes("form");
          const needsJson = JSON.stringify(signature).includes("json");
          fc.pre(
            !(needsForm && String(locator).startsWith("json")) &&
              !(needsJson && String(locator).startsWith("form")),
          );
          const keys = keysFor(signature);
          const sample = await makeSample({ source: { signature, eventId: [locator] }, url, keys, now });
          expect(await verifySignature(signature, received(sample), secretsOf(keys))).toEqual({
            verified: true,
          });
        }),
        60,
      );
    },
    propertyTimeoutMilliseconds,
  );
});
