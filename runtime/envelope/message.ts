import type { SQSRecord } from "aws-lambda";
import { decodeEnvelope, type Envelope } from "./envelope.js";
import { decodeHttpApiMessage, isHttpApiMessage } from "./http-api-message.js";

/**
 * Reads a webhook from the queue: a message of an HTTP API, or an envelope of a REST API or a replay.
 *
 * @throws EnvelopeVersionError for a message of another version
 * @throws EnvelopeError for any other message
 */
export function readMessage(record: SQSRecord): Envelope {
  return isHttpApiMessage(record) ? decodeHttpApiMessage(record) : decodeEnvelope(record.body);
}
