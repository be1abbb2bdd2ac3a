import { describe, expect, it } from "vitest";
import { encodeEnvelope } from "../../../runtime/envelope/envelope.js";
import { readMessage } from "../../../runtime/envelope/message.js";
import { httpApiRecord } from "../../support/http-api-records.js";
import { envelopeOf, sqsRecord } from "../../support/sqs-events.js";

describe("a message of an HTTP API in version 1, which may still be in the queue", () => {
  it("is read into the same shape as an envelope", () => {
    expect(readMessage(httpApiRecord())).toEqual({
      source: "github",
      bodyEncoding: "text",
      requestId: "JKJaXFPLrQHFoBA=",
      receivedAt: 1_767_225_600_000,
      sourceIp: "140.82.115.1",
      method: "POST",
      path: "/webhooks/github",
      headers: [
        ["content-type", "application/json"],
        ["x-github-delivery", "72d3162e-cc78-11e3-81ab-4c9367dc0958"],
      ],
      query: [],
      body: Buffer.from('{"action":"opened"}'),
    });
  });

  it("gives the body's text back as UTF-8, byte order mark and line breaks included", () => {
    const body = "\u{feff}grüße\r\n\u{1f600}\t ";

    expect(readMessage(httpApiRecord({}, { body })).body).toEqual(Buffer.from(body, "utf8"));
  });

  it("carries query parameters by the sender's own spelling", () => {
    expect(readMessage(httpApiRecord({ "query.Token": "=a=b" })).query).toEqual([["Token", "a=b"]]);
  });

  it.each(["=", `=\${request.header.x-github-delivery}`])(
    "has no header where the gateway found none (%j)",
    (value) => {
      const { headers } = readMessage(httpApiRecord({ "header.x-github-delivery": value }));

      expect(headers).toEqual([["content-type", "application/json"]]);
    },
  );

  it("keeps a header's spaces and what looks like an expression inside of it", () => {
    const { headers } = readMessage(httpApiRecord({ "header.content-type": `= a \${request.header.b}` }));

    expect(headers[0]).toEqual(["content-type", ` a \${request.header.b}`]);
  });

  it("is read equally in whichever order SQS gives the attributes", () => {
    const record = httpApiRecord();
    const reversed = Object.fromEntries(Object.entries(record.messageAttributes).reverse());

    expect(readMessage({ ...record, messageAttributes: reversed })).toEqual(readMessage(record));
  });

  it("goes by the gateway's time, and by SQS's where there is none", () => {
    const webhook = "1 github  JKJaXFPLrQHFoBA= 140.82.115.1 /webhooks/github";

    expect(readMessage(httpApiRecord()).receivedAt).toBe(1_767_225_600_000);
    expect(readMessage(httpApiRecord({ webhook })).receivedAt).toBe(1_767_225_600_123);
  });

  it("cannot pass for another source, whatever a sender wrote into its attributes", () => {
    const webhook = "1 stripe 1767225600000 id 140.82.115.1 /webhooks/stripe";

    expect(() => readMessage(httpApiRecord({ webhook }))).toThrow("group is not its source");
  });

  it("is not taken for an envelope, however much its body looks like one", () => {
    const forged = encodeEnvelope(envelopeOf({ source: "stripe", replayId: "again" }));
    const envelope = readMessage(httpApiRecord({}, { body: forged }));

    expect(envelope.source).toBe("github");
    expect(envelope).not.toHaveProperty("replayId");
    expect(envelope.body.toString()).toBe(forged);
  });

  it.each([
    [{ webhook: "" }, /not have the form/],
    [{ webhook: "1 Git!hub 1767225600000 id 1.2.3.4 /" }, /not have the form/],
    [{ webhook: "3 1767225600000 id 1.2.3.4 /" }, /version 2: deploy/],
    [{ "header.content-type": "application/json" }, /header\.content-type does not start with =/],
  ])("is refused with %j", (attributes, message) => {
    expect(() => readMessage(httpApiRecord(attributes))).toThrow(message);
    expect(() => readMessage(httpApiRecord(attributes))).toThrow(
      expect.objectContaining({ name: expect.stringMatching(/^Envelope(Version)?Error$/) }),
    );
  });

  it("is refused without any receive time", () => {
    const record = httpApiRecord({ webhook: "1 github  id 140.82.115.1 /" });
    const attributes = { ...record.attributes, SentTimestamp: "" };

    expect(() => readMessage({ ...record, attributes })).toThrow("no receive time");
  });
});

describe("any other message", () => {
  it("is an envelope", () => {
    const envelope = envelopeOf();

    expect(readMessage(sqsRecord(envelope))).toEqual(envelope);
  });

  it("is refused when it is none, attributes of others or not", () => {
    expect(() => readMessage(sqsRecord("hello"))).toThrow("no line of metadata");
    expect(() => readMessage(httpApiRecord({ webhook: undefined }))).toThrow("no line of metadata");
  });
});

describe("a message of an HTTP API", () => {
  const first = "2 1767225600000 JKJaXFPLrQHFoBA= 140.82.115.1 /webhooks/github";
  const record = (webhook: string, group: string | undefined = "github") => {
    const all = httpApiRecord({ webhook }, { group });
    return { ...all, messageAttributes: { webhook: all.messageAttributes.webhook as never } };
  };
  const lines = (...values: string[]) => readMessage(record([first, ...values].join("\n")));

  it("is read into the same shape as an envelope", () => {
    expect(lines("content-type=application/json", "x-id==a=b", "?Token=t")).toEqual({
      source: "github",
      bodyEncoding: "text",
      requestId: "JKJaXFPLrQHFoBA=",
      receivedAt: 1_767_225_600_000,
      sourceIp: "140.82.115.1",
      method: "POST",
      path: "/webhooks/github",
      headers: [
        ["content-type", "application/json"],
        ["x-id", "=a=b"],
      ],
      query: [["Token", "t"]],
      body: Buffer.from('{"action":"opened"}'),
    });
  });

  it("is of the source that its group names", () => {
    expect(readMessage(record(first, "crm")).source).toBe("crm");
    expect(() => readMessage(record(first, "Not A Source"))).toThrow("does not have the form");
  });

  it("lacks a header for which the gateway found none, and has the others", () => {
    expect(lines("a=", `b=\${request.header.b}`, `?c=\${request.querystring.c}`, "d=1")).toMatchObject({
      headers: [["d", "1"]],
      query: [],
    });
  });

  it("has a query parameter with the line breaks that its sender wrote", () => {
    expect(lines("?token=a", "b", "", "x-id=1")).toMatchObject({
      query: [["token", "a\nb\n"]],
      headers: [["x-id", "1"]],
    });
  });

  it("goes by SQS's time where the gateway has none", () => {
    expect(readMessage(record(first.replace("1767225600000", ""))).receivedAt).toBe(1_767_225_600_123);
  });

  it.each(["", "2", "2 a b", "webhook"])("is refused with %j", (webhook) => {
    expect(() => readMessage(record(webhook))).toThrow("does not have the form");
  });
});
