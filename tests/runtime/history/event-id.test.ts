import { createHash } from "node:crypto";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { encodeEnvelope } from "../../../runtime/envelope/envelope.js";
import type { NameValue } from "../../../runtime/envelope/headers.js";
import { findEventId, rejectedEventId, webhookIdOf } from "../../../runtime/history/event-id.js";
import { storableWebhook } from "../../../runtime/payload/storable.js";
import type { SignatureDefinition } from "../../../runtime/signatures/definition.js";
import type { EventIdLocator } from "../../../runtime/stage/definition.js";
import { envelopeOf } from "../../support/sqs-events.js";

const sha256 = (content: string | Buffer) => createHash("sha256").update(content).digest("hex");

const requestId = "JKJaXmPLvHcESHA=";

function idOf(
  eventId: readonly EventIdLocator[],
  {
    headers = [],
    query = [],
    body = "",
    signature = { kind: "none" },
  }: {
    headers?: NameValue[];
    query?: NameValue[];
    body?: string | Buffer;
    signature?: SignatureDefinition;
  },
): string {
  return findEventId({ eventId, signature }, { requestId, headers, query, body: Buffer.from(body) });
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
    expect(idOf(["request-id"], { body: "{}" })).toBe(`request-id:${requestId}`);
    expect(idOf(["header:x-id", "request-id"], { headers: [["x-id", "7"]] })).toBe("7");
    const id = `request-id:${requestId}`;
    expect(idOf(["header:x-id"], { headers: [["x-id", id]] })).toBe(`id-sha256:${sha256(id)}`);
  });

  it.each<[string, EventIdLocator, string]>([
    ['{"data":{"object":{"id":"evt_1"}}}', "json:data.object.id", "evt_1"],
    ['{"items":[{"id":"a"},{"id":"b"}]}', "json:items.1.id", "b"],
    ['{"id":42}', "json:id", "42"],
    ['{"id":1.0}', "json:id", "1"],
    ['{"id":1e3}', "json:id", "1000"],
    ['{"id":9007199254740993}', "json:id", "9007199254740993"],
    ['{"id":12345678901234567890}', "json:id", "12345678901234567890"],
    ['{"list":[{"id":-12345678901234567890}]}', "json:list.0.id", "-12345678901234567890"],
    ['{"id":1.50}', "json:id", "1.50"],
    ['{"id":1e400}', "json:id", "1e400"],
    ['\ufeff{"id":"after a byte order mark"}', "json:id", "after a byte order mark"],
  ])("reads %s at %s", (body, locator, expected) => {
    expect(idOf([locator], { body })).toBe(expected);
  });

  it.each<[string, EventIdLocator]>([
    ["not json", "json:id"],
    ["null", "json:id"],
    ['"text"', "json:length"],
    ['{"id":null}', "json:id"],
    ['{"id":""}', "json:id"],
    ['{"id":true}', "json:id"],
    ['{"id":{"a":1}}', "json:id"],
    ['{"id":"\\ud800"}', "json:id"],
    ["{}", "json:__proto__"],
    ["{}", "json:constructor.name"],
    ["[]", "json:length"],
  ])("does not take what %s has at %s for an id", (body, locator) => {
    expect(idOf([locator, "body"], { body })).toBe(`body-sha256:${sha256(body)}`);
  });

  it("takes a webhook without any of its ids for an event of its own, so that none is lost", () => {
    expect(idOf(["header:x-id", "json:id"], { body: "{}" })).toBe(`request-id:${requestId}`);
    expect(idOf([], { body: "{}" })).toBe(`request-id:${requestId}`);
  });

  it("reads a parameter of the query and a field of a form, by their exact names", () => {
    expect(idOf(["query:Order"], { query: [["Order", "7"]] })).toBe("7");
    expect(idOf(["query:order"], { query: [["Order", "7"]] })).toBe(`request-id:${requestId}`);
    const form = {
      headers: [["Content-Type", "application/x-www-form-urlencoded"]] satisfies NameValue[],
      body: "MessageSid=SM1&Body=Gr%C3%BC%C3%9Fe+1",
    };
    expect(idOf(["form:MessageSid"], form)).toBe("SM1");
    expect(idOf(["form:Body"], form)).toBe("Grüße 1");
    expect(idOf(["form:MessageSid"], { body: form.body })).toBe(`request-id:${requestId}`);
  });

  describe("with body", () => {
    it("hashes the raw body, so that the same bytes have the same id", () => {
      expect(idOf(["body"], { body: "a" })).toBe(`body-sha256:${sha256("a")}`);
      const bytes = (first: number) => ({ body: Buffer.from([first, 0]) });
      expect(idOf(["body"], bytes(255))).not.toBe(idOf(["body"], bytes(254)));
    });

    it("tells webhooks apart that differ in their query only", () => {
      const first = idOf(["body"], { body: "x", query: [["order", "1"]] });
      const second = idOf(["body"], { body: "x", query: [["order", "2"]] });
      expect(first).toMatch(/^request-sha256:[0-9a-f]{64}$/);
      expect(first).not.toBe(second);
      expect(idOf(["body"], { body: "x", query: [["order", "1"]] })).toBe(first);
    });

    it.each<readonly [EventIdLocator, NameValue[]]>([
      ["body", []],
      ["body", [["order", "1"]]],
      ["body-without:json:attempt", []],
      [["body", "header:x-topic"], []],
    ])("never takes an empty body for a repetition: %j", (locator, query) => {
      const headers: NameValue[] = [["x-topic", "ping"]];
      expect(idOf([locator], { headers, query })).toBe(`request-id:${requestId}`);
      expect(idOf([locator, "header:x-topic"], { headers, query })).toBe("ping");
    });
  });

  describe("with body-without", () => {
    const attempts = "body-without:json:*.attemptNumber,json:sentAt" as const;

    it("is the same for bodies that differ in what is left out, and for no others", () => {
      const first = idOf([attempts], { body: '[{"eventId":1,"attemptNumber":0}]' });
      expect(first).toMatch(/^body-sha256:[0-9a-f]{64}$/);
      expect(idOf([attempts], { body: '[{"eventId":1,"attemptNumber":1}]' })).toBe(first);
      expect(idOf([attempts], { body: '[{"eventId":2,"attemptNumber":0}]' })).not.toBe(first);
      expect(idOf([attempts], { body: '[{"eventId":1,"attempt":0}]' })).not.toBe(first);
      expect(idOf([attempts], { body: '{"id":1,"SentAt":1}' })).toBe(idOf([attempts], { body: '{"id":1}' }));
      expect(idOf([attempts], { body: '{"id":1,"sentAt":1}' })).toBe(idOf([attempts], { body: '{"id":1}' }));
    });

    it("keeps numbers apart that JavaScript cannot, and values that differ in kind", () => {
      const id = (value: string) => idOf([attempts], { body: `{"id":${value},"sentAt":1}` });
      const values = ["12345678901234567890", "12345678901234567891", "1", '"1"', "1.0", "null", "[1]"];
      expect(new Set(values.map(id)).size).toBe(values.length);
    });

    it("is a hash of the bytes where the body is not JSON", () => {
      expect(idOf([attempts], { body: "sentAt=1" })).toBe(`body-sha256:${sha256("sentAt=1")}`);
      const deep = `${"[".repeat(200_000)}${"]".repeat(200_000)}`;
      expect(idOf([attempts], { body: deep })).toMatch(/^body-sha256:/);
    });

    it("leaves the place in a list that is left out, and a number's own digits", () => {
      const id = (body: string) => idOf(["body-without:json:list.0,json:id.*"], { body });
      expect(id('{"list":[1,2],"id":7}')).toBe(id('{"list":[3,2],"id":7}'));
      expect(id('{"list":[1,2],"id":7}')).not.toBe(id('{"list":[1,2],"id":8}'));
    });
  });

  describe("with several parts", () => {
    const topicAndBody: EventIdLocator = ["header:x-wc-webhook-topic", "body"];
    const deletion = (topic: string, id: number) =>
      idOf([topicAndBody], { headers: [["X-WC-Webhook-Topic", topic]], body: `{"id":${id}}` });

    it("is another id for each difference in one of them", () => {
      expect(deletion("product.deleted", 12)).toMatch(/^combined-sha256:[0-9a-f]{64}$/);
      expect(deletion("product.deleted", 12)).toBe(deletion("product.deleted", 12));
      expect(deletion("customer.deleted", 12)).not.toBe(deletion("product.deleted", 12));
      expect(deletion("product.deleted", 13)).not.toBe(deletion("product.deleted", 12));
    });

    it("is passed over where one of them is missing", () => {
      expect(idOf([["header:x-a", "json:id"], "json:id"], { body: '{"id":"7"}' })).toBe("7");
    });

    it("is the signed time with the body, where each stands", () => {
      const signature: SignatureDefinition = {
        kind: "hmac",
        hash: "sha256",
        encoding: "hex",
        header: "x-signature",
        separator: ",",
        prefix: "v1=",
        content: "{timestamp}.{body}",
        timestamp: { prefix: "t=", unit: "seconds" },
        key: { encoding: "utf8" },
      };
      const at = (time: number, body = "{}") =>
        idOf([["signed-time", "body"]], { signature, body, headers: [["X-Signature", `t=${time},v1=00`]] });
      expect(at(1)).toMatch(/^combined-sha256:/);
      expect(at(1)).toBe(at(1));
      expect(at(2)).not.toBe(at(1));
      expect(at(1, "[]")).not.toBe(at(1));
      expect(idOf([["signed-time", "body"]], { signature, body: "{}" })).toBe(`request-id:${requestId}`);
    });

    it("never is the same for the same characters cut in another way, or found in other places", () => {
      const part = fc.string({ minLength: 1, maxLength: 300 });
      const pair = fc.tuple(part, part);
      const id = ([a, b]: readonly [string, string], locator: EventIdLocator = ["json:a", "json:b"]) =>
        idOf([locator], { body: JSON.stringify({ a, b, c: a, d: b }) });
      fc.assert(
        fc.property(pair, pair, (one, two) => {
          expect(id(one) === id(two)).toBe(JSON.stringify(one) === JSON.stringify(two));
          expect(id(one)).not.toBe(id(one, ["json:c", "json:d"]));
          const [a, b] = one;
          const cut = Math.floor(b.length / 2);
          if (cut > 0) expect(id([a + b.slice(0, cut), b.slice(cut)])).not.toBe(id(one));
          expect(id(one)).toHaveLength("combined-sha256:".length + 64);
        }),
      );
    });
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

  it.each(["body-sha256:", "request-sha256:", "id-sha256:", "combined-sha256:", "rejected:"])(
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
