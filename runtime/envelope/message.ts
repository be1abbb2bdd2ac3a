import type { SQSRecord } from "aws-lambda";
import { decodeEnvelope, type Envelope } from "./envelope.js";
import { decodeHttpApiMessage, isHttpApiMessage } from "./http-api-message.js";

/**
 * Reads a webhook from the queue, whichever gateway put it there: an HTTP API's message, or an envelope of the REST API's
 * or a replay's.
 *
 * @throws EnvelopeError for a message that is neither
 */
export function readMessage(record: SQSRecord): Envelope {
  return isHttpApiMessage(record) ? decodeHttpApiMessage(record) : decodeEnvelope(record.body);
}
