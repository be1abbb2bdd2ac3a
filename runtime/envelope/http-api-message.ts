import type { SQSRecord } from "aws-lambda";
import { type Envelope, EnvelopeError, EnvelopeVersionError, sourceNamePattern } from "./envelope.js";
import type { NameValue } from "./headers.js";

/**
 * The message that an HTTP API puts into the queue. HTTP APIs have no templates, so there is no envelope: the message's
 * body is the sender's body as text, and message attributes hold the rest.
 *
 *     webhook                     1 github 1767225600000 JKJaXFPLrQHFoBA= 140.82.115.1 /webhooks/github
 *     header.x-hub-signature-256  =sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17
 *     query.token                 =
 *
 * `components/ingest/http/request-parameters.ts` writes it, and {@link decodeHttpApiMessage} is its only reader. The
 * first attribute is the gateway's own. The others are the headers and query parameters that the source needs. Each
 * value starts with {@link valueMark}, so that a header which the sender left out is not an empty attribute, which SQS
 * would refuse (AWS fact 3.4).
 */
export const httpApiMessageVersion = 1;

/** Attribute with version, source, receive time, request id, source address and path, with spaces between them. */
export const gatewayAttribute = "webhook";
/** Prefix of the attributes that carry a header. Its name follows in lower case. */
export const headerAttributePrefix = "header.";
/** Prefix of the attributes that carry a query parameter. Its name follows as the sender writes it. */
export const queryAttributePrefix = "query.";
/** Prefix of every value that a sender may leave out. */
export const valueMark = "=";

/**
 * Number of message attributes that SQS accepts: docs.aws.amazon.com/AWSSimpleQueueService, "Message quotas" (AWS fact
 * 3.4).
 */
export const mostAttributes = 10;

/** The parts of a record that the reader uses. */
export type HttpApiRecord = Pick<SQSRecord, "body" | "messageAttributes"> & {
  readonly attributes: Partial<SQSRecord["attributes"]>;
};

/**
 * Whether a record comes from an HTTP API. This is checked first, because the body is the sender's and could imitate an
 * envelope. No sender can remove the attribute: it is in front of everything that senders write.
 */
export function isHttpApiMessage({ messageAttributes }: Pick<SQSRecord, "messageAttributes">): boolean {
  return gatewayAttribute in messageAttributes;
}

/**
 * Reads a message of an HTTP API. The body is the message's text in UTF-8. Bytes that were not UTF-8 are already lost,
 * so the encoding is `text`.
 *
 * @throws EnvelopeError for attributes that our mapping would not write
 */
export function decodeHttpApiMessage({ body, attributes, messageAttributes }: HttpApiRecord): Envelope {
  const { source, receivedAt, requestId, sourceIp, path } = readGateway(messageAttributes);
  // Each route sets the group itself. Even if a sender's header ever breaks out of its attribute (docs/http-api.md,
  // "Open questions"), the sender cannot pretend to be another source.
  if (attributes.MessageGroupId !== undefined && attributes.MessageGroupId !== source) {
    throw new EnvelopeError(
      "the message's group is not its source: deploy the gateway and the function together",
    );
  }
  return {
    source,
    bodyEncoding: "text",
    requestId,
    receivedAt: receivedAt ?? readSentTimestamp(attributes),
    sourceIp,
    // The only method that routes have.
    method: "POST",
    path,
    headers: readValues(messageAttributes, headerAttributePrefix),
    query: readValues(messageAttributes, queryAttributePrefix),
    body: Buffer.from(body, "utf8"),
  };
}

type MessageAttributes = SQSRecord["messageAttributes"];

function readGateway(attributes: MessageAttributes) {
  const text = attributes[gatewayAttribute]?.stringValue ?? "";
  const [, version, source, time = "", requestId = "", sourceIp = "", path = ""] =
    /^(\d+) (\S+) (\S*) (\S*) (\S*) (\S*)$/.exec(text) ?? [];
  if (version === undefined || source === undefined || !sourceNamePattern.test(source)) {
    throw new EnvelopeError(
      `the attribute ${gatewayAttribute} does not have the form that the HTTP API's routes write`,
    );
  }
  if (Number(version) !== httpApiMessageVersion) {
    throw new EnvelopeVersionError(
      `the attribute ${gatewayAttribute} does not have version ${httpApiMessageVersion}: deploy the gateway and the function together`,
    );
  }
  return { source, receivedAt: readMilliseconds(time), requestId, sourceIp, path };
}

/** SQS's time of the send. It is as good as the gateway's, but a redrive resets it (AWS fact 3.12). */
function readSentTimestamp({ SentTimestamp = "" }: HttpApiRecord["attributes"]): number {
  const time = readMilliseconds(SentTimestamp);
  if (time === undefined) throw new EnvelopeError("the message has no receive time");
  return time;
}

function readMilliseconds(text: string): number | undefined {
  return /^[1-9]\d{0,14}$/.test(text) ? Number(text) : undefined;
}

/** In alphabetical order, because SQS promises no order and the same message must give the same webhook. */
function readValues(attributes: MessageAttributes, prefix: string): NameValue[] {
  return Object.keys(attributes)
    .filter((name) => name.startsWith(prefix))
    .sort()
    .flatMap((name): NameValue[] => {
      const value = attributes[name]?.stringValue;
      if (value === undefined || !value.startsWith(valueMark)) {
        throw new EnvelopeError(`the attribute ${name} does not start with ${valueMark}`);
      }
      const sent = value.slice(valueMark.length);
      return sent === "" || isUnresolved(sent) ? [] : [[name.slice(prefix.length), sent]];
    });
}

/** If API Gateway ever leaves an expression in place because it has no value, that counts as no value. */
function isUnresolved(value: string): boolean {
  return /^\$\{request\.[\w.-]+\}$/.test(value);
}
