import { describe, expect, it } from "vitest";
import { EnvelopeError, EnvelopeVersionError, encodeEnvelope } from "../../../runtime/envelope/envelope.js";
import { gatewayAttribute } from "../../../runtime/envelope/http-api-message.js";
import {
  decodeReplayReference,
  encodeReplayReference,
  isReplayReference,
} from "../../../runtime/envelope/replay-reference.js";
import { envelopeOf, sqsRecord } from "../../support/sqs-events.js";

const reference = { webhookId: 'shop/ö"\n}', replayId: "r-1", replayFor: "billing" };

describe("the message of a replay that refers to its webhook", () => {
  it("is read as it was written", () => {
    expect(decodeReplayReference(encodeReplayReference(reference))).toEqual(reference);
    const { replayFor: _, ...whole } = reference;
    expect(decodeReplayReference(encodeReplayReference(whole))).toEqual(whole);
  });

  it("is told from an envelope, and from whatever a sender writes to an HTTP API", () => {
    const message = encodeReplayReference(reference);
    expect(isReplayReference(sqsRecord(message))).toBe(true);
    expect(isReplayReference(sqsRecord(encodeEnvelope(envelopeOf())))).toBe(false);
    const bySender = {
      ...sqsRecord(message),
      messageAttributes: { [gatewayAttribute]: { dataType: "String" } },
    };
    expect(isReplayReference(bySender)).toBe(false);
  });

  it.each([
    ["another version", '{"of":"YQ==","v":2,"r":"YQ=="}', EnvelopeVersionError],
    ["a field that is not known", '{"of":"YQ==","v":1,"r":"YQ==","x":1}', EnvelopeVersionError],
    ["no replay's id", '{"of":"YQ==","v":1}', EnvelopeError],
    ["an id that is no base64", '{"of":"*","v":1,"r":"YQ=="}', EnvelopeError],
    ["half a message", '{"of":"YQ==","v":1', EnvelopeError],
  ])("is refused with %s", (_, message, error) => {
    expect(() => decodeReplayReference(message)).toThrow(error);
  });
});
