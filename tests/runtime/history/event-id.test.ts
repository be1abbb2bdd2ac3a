import { createHash } from "node:crypto";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { encodeEnvelope } from "../../../runtime/envelope/envelope.js";
import type { NameValue } from "../../../runtime/envelope/headers.js";
import { findEventId, rejectedEventId, webhookIdOf } from "../../../runtime/history/event-id.js";
import { storableWebhook } from "../../../runtime/payload/storable.js";
import type { Locator } from "../../../runtime/stage/definition.js";
import { envelopeOf } from "../../support/sqs-events.js";

const sha256 = (content: string | Buffer) => createHash("sha256").update(content).digest("hex");

function idOf(
  locators: readonly Locator[],
  {
    headers = [],
    query = [],
    body = "",
  }: { headers?: NameValue[]; query?: NameValue[]; body?: string | Buffer },
): string {
  return findEventId(locators, { requestId: "JKJaXmPLvHcESHA=", headers, query, body: Buffer.from(body) });
}

describe("findEventId", () => {
  it("takes the first locator that is present", () => {
    const headers: NameValue[] = [["X-Second", "two"]];
    expect(idOf(["header:x-first", "header:x-second", "json:id"], { headers, body: '{"id":"three"}' })).toBe(
      "two",
    );
    expect(idOf(["header:x-first", "json:id"], { headers, body: '{"id":"three"}' })).toBe("three");
  });

  it("takes each request for an event of its own at request-id, which nothing of the sender's can pass for", () => {
    expect(idOf(["request-id"], { body: "{}" })).toBe("request-id:JKJaXmPLvHcESHA=");
    expect(idOf(["header:x-id", "request-id"], { headers: [["x-id", "7"]] })).toBe("7");
    const id = "request-id:JKJaXmPLvHcESHA=";
    expect(idOf(["header:x-id"], { headers: [["x-id", id]] })).toBe(`id-sha256:${sha256(id)}`);
  });

  it.each<[string, Locator, string]>([
    ['{"data":{"object":{"id":"evt_1"}}}', "json:data.object.id", "evt_1"],
    ['{"items":[{"id":"a"},{"id":"b"}]}', "json:items.1.id", "b"],
    ['{"id":42}', "json:id", "42"],
    ['\ufeff{"id":"after a byte order mark"}', "json:id", "after a byte order mark"],
  ])("reads %s at %s", (body, locator, expected) => {
    expect(idOf([locator], { body })).toBe(expected);
  });

  it.each<[string, Locator]>([
    ["not json", "json:id"],
    ["null", "json:id"],
    ['"text"', "json:length"],
    ['{"id":null}', "json:id"],
    ['{"id":""}', "json:id"],
    ['{"id":true}', "json:id"],
    ['{"id":{"a":1}}', "json:id"],
    ['{"id":1.5}', "json:id"],
    ['{"id":12345678901234567890}', "json:id"],
    ['{"id":"\\ud800"}', "json:id"],
    ["{}", "json:__proto__"],
    ["{}", "json:constructor.name"],
    ["[]", "json:length"],
  ])("does not take what %s has at %s for an id", (body, locator) => {
    expect(idOf([locator], { body })).toBe(`body-sha256:${sha256(body)}`);
  });

  it("hashes the raw body where there is no id, so that the same bytes have the same id", () => {
    expect(idOf([], { body: "a" })).toBe(`body-sha256:${sha256("a")}`);
    expect(idOf([], { body: Buffer.from([255, 0]) })).not.toBe(idOf([], { body: Buffer.from([254, 0]) }));
  });

  it("tells webhooks apart that differ in their query only", () => {
    const first = idOf([], { query: [["order", "1"]] });
    const second = idOf([], { query: [["order", "2"]] });
    expect(first).toMatch(/^request-sha256:[0-9a-f]{64}$/);
    expect(first).not.toBe(second);
    expect(idOf([], { query: [["order", "1"]] })).toBe(first);
  });

  it.each(["x".repeat(257), "a\nb", "a\u0000", "a\u009f"])(
    "hashes an id that no key should hold (case %#)",
    (id) => {
      expect(idOf(["header:x-id"], { headers: [["x-id", id]] })).toBe(`id-sha256:${sha256(id)}`);
    },
  );

  it("keeps an id of 256 characters", () => {
    const id = "ü".repeat(256);
    expect(idOf(["header:x-id"], { headers: [["x-id", id]] })).toBe(id);
  });

  it.each(["body-sha256:", "request-sha256:", "id-sha256:", "rejected:"])(
    "does not let a sender write an id that starts with %s",
    (prefix) => {
      const id = `${prefix}${"0".repeat(64)}`;
      expect(idOf(["header:x-id"], { headers: [["x-id", id]] })).toBe(`id-sha256:${sha256(id)}`);
    },
  );

  it("gives every id a form that fits into a key, and different ids different ones", () => {
    const ids = fc.string({ minLength: 1, maxLength: 400, unit: "grapheme" });
    fc.assert(
      fc.property(ids, ids, (first, second) => {
        const one = idOf(["header:x-id"], { headers: [["x-id", first]] });
        const two = idOf(["header:x-id"], { headers: [["x-id", second]] });
        expect(one === two).toBe(first === second);
        expect(Buffer.byteLength(webhookIdOf("s".repeat(64), one))).toBeLessThanOrEqual(2048);
      }),
    );
  });
});

describe("rejectedEventId", () => {
  it("is the request's own, so that a forged webhook cannot stand in a genuine one's place", () => {
    expect(rejectedEventId(envelopeOf())).toBe(`rejected:${sha256(encodeEnvelope(envelopeOf()))}`);
    expect(rejectedEventId(envelopeOf())).not.toBe(rejectedEventId(envelopeOf({ requestId: "another" })));
  });

  it("is the same for a replay, although the history keeps no credentials", () => {
    const headers = [["X-Signature", "forged"]] as const;
    const received = envelopeOf({ headers: [...headers, ["Authorization", "Basic Z3Vlc3NlZA=="]] });

    const unsigned = { signature: { kind: "none" } } as const;
    const replayed = { ...storableWebhook(received, unsigned), replayId: "replay-1" };
    expect(rejectedEventId(storableWebhook(replayed, unsigned))).toBe(
      rejectedEventId(storableWebhook(received, unsigned)),
    );
  });
});
