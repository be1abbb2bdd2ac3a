import { describe, expect, it } from "vitest";
import type { NameValue } from "../../../runtime/envelope/headers.js";
import { Webhook } from "../../../runtime/envelope/webhook.js";
import type { TargetFormat } from "../../../runtime/stage/targets.js";
import { cloudEventHeaders, writeWebhook } from "../../../runtime/targets/format.js";
import { envelopeOf } from "../../support/sqs-events.js";

const typed: NameValue = ["X-Type", "invoice.paid"];
const json: NameValue[] = [["Content-Type", "application/json; charset=utf-8"], typed];

function webhookOf(body: Buffer | string, headers: NameValue[] = json, eventId = "evt_1"): Webhook {
  const envelope = envelopeOf({ source: "stripe", headers, body: Buffer.from(body as string) });
  return new Webhook(envelope, { id: `stripe/${eventId}`, eventId, attempt: 3, eventType: "header:x-type" });
}

function textOf(format: TargetFormat, webhook: Webhook): string {
  return writeWebhook(format, webhook, { headers: [...webhook.headers], query: [["a", "1"]] }).text;
}

describe("a raw webhook", () => {
  it("has the sender's text, and each header's values under its name in lower case", () => {
    const headers: NameValue[] = [["X-Tag", "one"], ["x-tag", "two"], typed];
    expect(JSON.parse(textOf("raw", webhookOf('{"id":12345678901234567890}\n', headers)))).toEqual({
      id: "stripe/evt_1",
      source: "stripe",
      eventId: "evt_1",
      type: "invoice.paid",
      receivedAt: "2026-01-01T00:00:00.000Z",
      method: "POST",
      headers: { "x-tag": ["one", "two"], "x-type": ["invoice.paid"] },
      query: { a: ["1"] },
      body: '{"id":12345678901234567890}\n',
      isBase64Encoded: false,
    });
  });

  it("has bytes that are no text in base64", () => {
    const bytes = Buffer.from(Array.from({ length: 256 }, (_, index) => index));
    const { body, isBase64Encoded } = JSON.parse(textOf("raw", webhookOf(bytes)));
    expect(isBase64Encoded).toBe(true);
    expect(Buffer.from(body, "base64").equals(bytes)).toBe(true);
  });

  it("is the same text in every try", () => {
    expect(textOf("raw", webhookOf("x"))).not.toContain("attempt");
  });

  it("has only characters that SQS takes, and means the same", () => {
    const text = textOf("raw", webhookOf("\u0000\u0008\ufffe\uffff\u{1f600}"));
    expect(text).not.toMatch(/[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/u);
    expect(JSON.parse(text).body).toBe("\u0000\u0008\ufffe\uffff\u{1f600}");
  });
});

describe("a CloudEvent", () => {
  it("has the attributes of CloudEvents 1.0, and a JSON body as data with the digits that the sender wrote", () => {
    const text = textOf(
      "cloudevents",
      webhookOf('\ufeff{\r\n  "amount": 1.50,\n  "id": 12345678901234567890}\n'),
    );
    expect(text).toContain('"data":{   "amount": 1.50,   "id": 12345678901234567890}');
    const { data, ...attributes } = JSON.parse(text);
    expect(data.amount).toBe(1.5);
    expect(attributes).toEqual({
      specversion: "1.0",
      id: "evt_1",
      source: "/webhooks/stripe",
      type: "invoice.paid",
      time: "2026-01-01T00:00:00.000Z",
      datacontenttype: "application/json; charset=utf-8",
    });
  });

  it.each([
    ["JSON that is declared as another type", "application/x-www-form-urlencoded", "{}"],
    ["a body that only claims to be JSON", "application/json", "{"],
    ["JSON that is no UTF-8", "application/json", Buffer.from([0x22, 0xff, 0x22])],
  ])("has %s in base64", (_, contentType, body) => {
    const event = JSON.parse(textOf("cloudevents", webhookOf(body, [["content-type", contentType]])));
    expect(event).toMatchObject({ datacontenttype: contentType });
    expect(event).not.toHaveProperty("data");
    expect(Buffer.from(event.data_base64, "base64").equals(Buffer.from(body as string))).toBe(true);
  });

  it.each([
    ["application/vnd.api+json", '{"a":1}', { datacontenttype: "application/vnd.api+json", data: { a: 1 } }],
    ["", '{"a":1}', { datacontenttype: "application/json", data: { a: 1 } }],
    ["", "a=1", { datacontenttype: "application/octet-stream", data_base64: "YT0x" }],
  ])("tells JSON by the type %j", (contentType, body, part) => {
    const headers: NameValue[] = contentType === "" ? [] : [["content-type", contentType]];
    expect(JSON.parse(textOf("cloudevents", webhookOf(body, headers)))).toMatchObject(part);
  });

  it("has no data without a body", () => {
    const event = JSON.parse(textOf("cloudevents", webhookOf("")));
    expect(Object.keys(event)).toEqual(["specversion", "id", "source", "type", "time"]);
  });

  it("has a type where the webhook has none, and no character that CloudEvents forbids", () => {
    const webhook = webhookOf("", [], "a\u0000b");
    const { text } = writeWebhook("cloudevents", webhook, { headers: [], query: [] });
    expect(JSON.parse(text)).toMatchObject({ id: "a%00b", type: "webhook" });
  });

  it("has its attributes in headers in HTTP's binary mode", () => {
    expect(cloudEventHeaders(webhookOf("{}", json, 'é "1"'))).toEqual({
      "ce-specversion": "1.0",
      "ce-id": "%C3%A9%20%221%22",
      "ce-source": "/webhooks/stripe",
      "ce-type": "invoice.paid",
      "ce-time": "2026-01-01T00:00:00.000Z",
      "content-type": "application/json; charset=utf-8",
    });
  });
});

describe("a claim check", () => {
  const claimCheck = { bucket: "overflow", key: "claim-checks/a/b", sha256: "b", bytes: 7 };

  it("stands in a raw webhook for all that the sender sent, and refers to the whole text", () => {
    const webhook = webhookOf('{"a":1}');
    const written = writeWebhook("raw", webhook, { headers: [], query: [] });
    expect(written.stored().toString()).toBe(written.text);
    expect(JSON.parse(written.withClaimCheck(claimCheck))).toEqual({
      id: "stripe/evt_1",
      source: "stripe",
      eventId: "evt_1",
      type: "invoice.paid",
      receivedAt: "2026-01-01T00:00:00.000Z",
      claimCheck: { ...claimCheck, format: "raw" },
    });
  });

  it("is a CloudEvent's dataref, and refers to the data alone", () => {
    const webhook = webhookOf('{"a":1}');
    const written = writeWebhook("cloudevents", webhook, { headers: [], query: [] });
    expect(written.stored().toString()).toBe('{"a":1}');
    expect(JSON.parse(written.withClaimCheck(claimCheck))).toEqual({
      specversion: "1.0",
      id: "evt_1",
      source: "/webhooks/stripe",
      type: "invoice.paid",
      time: "2026-01-01T00:00:00.000Z",
      datacontenttype: "application/json; charset=utf-8",
      dataref: "s3://overflow/claim-checks/a/b",
      datasha256: "b",
      datasize: 7,
    });
  });
});
