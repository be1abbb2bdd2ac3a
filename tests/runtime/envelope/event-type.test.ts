import { describe, expect, it } from "vitest";
import { findEventType } from "../../../runtime/envelope/event-type.js";
import { envelopeOf } from "../../support/sqs-events.js";

const request = (body: string) => envelopeOf({ body: Buffer.from(body) });

describe("findEventType", () => {
  it("reads a header in any case, and a path of a JSON body", () => {
    expect(findEventType("header:X-GITHUB-event", request("{}"))).toBe("issues");
    expect(findEventType("json:event.type", request('{"event":{"type":"message"}}'))).toBe("message");
    expect(findEventType("json:code", request('{"code":7}'))).toBe("7");
  });

  it.each(["{}", '{"type":""}', '{"type":{}}', "no JSON", `{"type":"${"x".repeat(257)}"}`])(
    "finds none in %.20s",
    (body) => {
      expect(findEventType("json:type", request(body))).toBeUndefined();
    },
  );
});
