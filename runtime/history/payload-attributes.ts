import type { Payload } from "../payload/payload.js";
import { type HistoryAttributes, historyAttributes as names } from "./item.js";

/** The attributes with which an item keeps a payload, in one of the possible ways. */
export function payloadAttributes(payload: Payload): HistoryAttributes {
  switch (payload.kind) {
    case "packed":
      return { [names.payload]: { B: payload.bytes } };
    case "overflow":
      return {
        [names.overflowKey]: { S: payload.pointer.key },
        [names.overflowSha256]: { S: payload.pointer.sha256 },
        [names.overflowBytes]: { N: String(payload.pointer.bytes) },
      };
    case "elsewhere":
      return { [names.payloadOf]: { S: payload.webhookId } };
    case "omitted":
      return {
        [names.payloadOmitted]: { BOOL: true },
        [names.bodySha256]: { S: payload.bodySha256 },
        [names.bodyBytes]: { N: String(payload.bodyBytes) },
        ...(payload.bodyStart === undefined ? {} : { [names.bodyStart]: { B: payload.bodyStart } }),
      };
  }
}

/** The attributes that an earlier try may have left and that do not belong to this payload. Never empty. */
export function otherPayloadAttributes(payload: Payload): string[] {
  const own = payloadAttributes(payload);
  return [
    names.payload,
    names.payloadOf,
    names.payloadOmitted,
    names.bodySha256,
    names.bodyBytes,
    names.bodyStart,
    names.overflowKey,
    names.overflowSha256,
    names.overflowBytes,
  ].filter((name) => !Object.hasOwn(own, name));
}
