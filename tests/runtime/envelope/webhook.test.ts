import { describe, expect, it } from "vitest";
import { InvalidWebhookError, Webhook } from "../../../runtime/envelope/webhook.js";
import { envelopeOf } from "../../support/sqs-events.js";

const webhookWith = (changes: Parameters<typeof envelopeOf>[0]) =>
  new Webhook(envelopeOf(changes), { id: "github/1", eventId: "1", attempt: 2 });

describe("Webhook", () => {
  it("has what the gateway took", () => {
    const webhook = webhookWith({ query: [["tenant", "7"]] });
    expect(webhook).toMatchObject({
      id: "github/1",
      source: "github",
      eventId: "1",
      receivedAt: new Date(1_767_225_600_000),
      sourceIp: "140.82.115.1",
      attempt: 2,
    });
    expect(webhook.query.get("tenant")).toBe("7");
    expect(webhook.query.get("Tenant")).toBeUndefined();
  });

  it("has the event's type, where it is known where that stands", () => {
    const typed = new Webhook(envelopeOf({ body: Buffer.from('{"type":"invoice.paid"}') }), {
      id: "stripe/1",
      eventId: "1",
      attempt: 1,
      eventType: "json:type",
    });
    expect(typed.type).toBe("invoice.paid");
    expect(webhookWith({}).type).toBeUndefined();
  });

  it("finds headers in any case, and lists them as they came", () => {
    const webhook = webhookWith({ headers: [["X-GitHub-Event", "push"]] });
    expect(webhook.headers.get("x-github-event")).toBe("push");
    expect(webhook.headers.get("X-GITHUB-EVENT")).toBe("push");
    expect(webhook.headers.get("x-other")).toBeUndefined();
    expect([...webhook.headers]).toEqual([["X-GitHub-Event", "push"]]);
  });

  it.each([
    ['{"a":1}', { a: 1 }],
    ["null", null],
    ['\ufeff"with a byte order mark"', "with a byte order mark"],
  ])("reads %s as JSON", (body, expected) => {
    expect(webhookWith({ body: Buffer.from(body) }).json()).toEqual(expected);
  });

  it.each(["", "{", "payload=%7B%7D", "undefined"])(
    "calls the body %j invalid JSON, without repeating it",
    (body) => {
      const read = () => webhookWith({ body: Buffer.from(body) }).json();
      expect(read).toThrow(InvalidWebhookError);
      expect(read).toThrow(/^the body is not JSON$/);
    },
  );
});
