import type { SQSRecord } from "aws-lambda";
import { decodeBase64 } from "../envelope/base64.js";
import { decodeEnvelope, type Envelope, EnvelopeError, encodeEnvelope } from "../envelope/envelope.js";
import { isHttpApiMessage } from "../envelope/http-api-message.js";
import { loadOverflow, type OverflowStore } from "../payload/overflow.js";
import { type OverflowPointer, type Payload, packPayload, unpackPayload } from "../payload/payload.js";

/**
 * The message with which a source's function hands a webhook over to a subscriber: one line of JSON metadata, `\n`, the
 * webhook.
 *
 *     {"to":"billing","v":1,"s":"stripe","e":"ZXZ0XzE=","f":"envelope"}\n
 *     {"v":1,"s":"stripe","b":"bytes",…}\n
 *     eyJhY3Rpb24iOiJvcGVuZWQifQ==
 *
 * The webhook stands in the message with all its bytes, because the history may not keep all of them. Its signature has
 * been checked, and its event id has been found. Texts that a sender can influence are base64, as in an envelope.
 */
export const handOverVersion = 1;

/** The metadata's fields, in the order in which they are written. The first one tells it from an envelope. */
const fields = {
  /** Name of the subscriber, plain. */
  subscriber: "to",
  /** Number {@link handOverVersion}. */
  version: "v",
  /** What messages and the history call the source, plain. */
  source: "s",
  /** Id of the event, base64. */
  eventId: "e",
  /** {@link Carried}'s form. */
  form: "f",
  /** Set only by a replay: its id, base64. */
  replayId: "r",
  /** `true` if the history has no room for the payload. */
  wasTooLarge: "l",
} as const;

const start = `{"${fields.subscriber}":"`;

/** A webhook that was verified, on its way to a subscriber. */
export interface HandOver {
  /** What messages and the history call the source. */
  readonly source: string;
  /** Name of the subscriber, without its source. */
  readonly subscriber: string;
  readonly eventId: string;
  readonly replayId?: string | undefined;
  /** Whether the history keeps less than the payload because it has no room for it. */
  readonly wasTooLarge: boolean;
  readonly carried: Carried;
}

/**
 * How a message carries its webhook.
 *
 * - `envelope`: as an envelope
 * - `packed`: compressed, in base64
 * - `stored`: as a pointer to the overflow bucket, in JSON
 */
export interface Carried {
  readonly form: "envelope" | "packed" | "stored";
  readonly text: string;
}

/** Largest message that SQS takes, in bytes (AWS fact 3.2). */
const largestMessageBytes = 1_048_576;

/** Room for the line of metadata, whose longest text is an event id of 256 characters. */
const metadataBytes = 4_096;

/** The error for a webhook that no message has room for. */
export class HandOverSizeError extends Error {
  override readonly name = "HandOverSizeError";
}

/**
 * The form in which messages to subscribers carry a webhook. It is the same for all of them, so it is made once.
 *
 * Most webhooks came in a message themselves, and fit into another one as they are. A longer one is compressed. If that is
 * not enough, its object in the overflow bucket stands for it, unless that lacks what the history must not keep.
 *
 * @param payload what the history keeps of the webhook
 * @param isComplete whether that has everything that the sender sent
 * @throws HandOverSizeError
 */
export async function carry(request: Envelope, payload: Payload, isComplete: boolean): Promise<Carried> {
  const { replayId: _, replayFor: __, ...webhook } = request;
  const room = largestMessageBytes - metadataBytes;
  const envelope = encodeEnvelope(webhook);
  if (envelope.length <= room) return { form: "envelope", text: envelope };
  const packed = (await packPayload(webhook)).bytes.toString("base64");
  if (packed.length <= room) return { form: "packed", text: packed };
  if (payload.kind === "overflow" && isComplete) {
    return { form: "stored", text: JSON.stringify(payload.pointer) };
  }
  const why = isComplete
    ? "set history.overflow, so that it can stand in the bucket"
    : "the bucket cannot stand for it, because what the history must not keep is missing there";
  throw new HandOverSizeError(
    `the webhook takes ${packed.length} bytes compressed, and a message to a subscriber has room for ${room}: ${why}`,
  );
}

/** Writes a message for a subscriber. */
export function encodeHandOver(handOver: HandOver): string {
  const { source, subscriber, eventId, replayId, wasTooLarge, carried } = handOver;
  const metadata = {
    [fields.subscriber]: subscriber,
    [fields.version]: handOverVersion,
    [fields.source]: source,
    [fields.eventId]: base64(eventId),
    [fields.form]: carried.form,
    ...(replayId === undefined ? {} : { [fields.replayId]: base64(replayId) }),
    ...(wasTooLarge ? { [fields.wasTooLarge]: true } : {}),
  };
  return `${JSON.stringify(metadata)}\n${carried.text}`;
}

/**
 * Whether a record is for a subscriber. No sender can make one that is: an HTTP API's message, whose body is the sender's,
 * is never one.
 */
export function isHandOver(record: Pick<SQSRecord, "body" | "messageAttributes">): boolean {
  return record.body.startsWith(start) && !isHttpApiMessage(record);
}

/**
 * Reads a message for a subscriber.
 *
 * @throws EnvelopeError for a message that {@link encodeHandOver} would not write
 */
export function decodeHandOver(message: string): HandOver {
  const end = message.indexOf("\n");
  const metadata = parseMetadata(message.slice(0, end));
  if (metadata[fields.version] !== handOverVersion) {
    throw new EnvelopeError(
      `the version (v) of a message to a subscriber is not ${handOverVersion}: deploy all functions together`,
    );
  }
  const known: readonly string[] = Object.values(fields);
  if (Object.keys(metadata).some((field) => !known.includes(field))) {
    throw new EnvelopeError("a message to a subscriber has a field that version 1 does not have");
  }
  const replayId = metadata[fields.replayId];
  return {
    subscriber: readPlain(metadata[fields.subscriber], fields.subscriber),
    source: readPlain(metadata[fields.source], fields.source),
    eventId: readText(metadata[fields.eventId], fields.eventId),
    ...(replayId === undefined ? {} : { replayId: readText(replayId, fields.replayId) }),
    wasTooLarge: metadata[fields.wasTooLarge] === true,
    carried: { form: readForm(metadata[fields.form]), text: message.slice(end + 1) },
  };
}

/**
 * The webhook that a message carries.
 *
 * @param overflow undefined for a stage without a bucket
 * @throws EnvelopeError for a webhook that cannot be read
 * @throws OverflowError for an object that is not what was stored
 */
export async function carriedWebhook(
  { form, text }: Carried,
  overflow: Pick<OverflowStore, "get"> | undefined,
): Promise<Envelope> {
  switch (form) {
    case "envelope":
      return decodeEnvelope(text);
    case "packed": {
      const bytes = decodeBase64(text);
      if (bytes === undefined) throw new EnvelopeError("the packed webhook is not base64");
      return unpackPayload(bytes);
    }
    case "stored":
      return unpackPayload(await loadOverflow(JSON.parse(text) as OverflowPointer, overflow));
  }
}

function parseMetadata(line: string): Readonly<Record<string, unknown>> {
  try {
    return JSON.parse(line) as Readonly<Record<string, unknown>>;
  } catch {
    throw new EnvelopeError("the metadata of a message to a subscriber is not JSON");
  }
}

function readForm(value: unknown): Carried["form"] {
  if (value === "envelope" || value === "packed" || value === "stored") return value;
  throw new EnvelopeError("the form (f) of a message to a subscriber is not known");
}

function readPlain(value: unknown, field: string): string {
  if (typeof value === "string") return value;
  throw new EnvelopeError(`the field ${field} of a message to a subscriber is not a string`);
}

function readText(value: unknown, field: string): string {
  const bytes = decodeBase64(readPlain(value, field));
  if (bytes !== undefined) return bytes.toString("utf8");
  throw new EnvelopeError(`the field ${field} of a message to a subscriber is not base64`);
}

function base64(text: string): string {
  return Buffer.from(text, "utf8").toString("base64");
}
