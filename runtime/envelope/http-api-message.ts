import type { SQSRecord } from "aws-lambda";
import { type Envelope, EnvelopeError, EnvelopeVersionError, sourceNamePattern } from "./envelope.js";
import type { NameValue } from "./headers.js";

/**
 * The message that an HTTP API puts into the queue. HTTP APIs have no templates, so there is no envelope: the message's
 * body is the sender's body as text, its group is the source, and one message attribute, `webhook`, holds the rest:
 *
 *     2 1767225600000 JKJaXFPLrQHFoBA= 140.82.115.1 /webhooks/github
 *     x-hub-signature-256=sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17
 *     ?token=
 *
 * `components/ingest/http/request-parameters.ts` writes it from {@link attributesMapping}, and
 * {@link decodeHttpApiMessage} is its only reader. The first line is the gateway's own. Each of the others is a header or,
 * after a question mark, a query parameter that the source needs. No value stands in an attribute of its own, because one
 * that the sender left out would be an empty attribute, which SQS would refuse (AWS fact 3.4), and because AWS allows the
 * mapping only {@link longestMapping} characters.
 *
 * Version 1 had the source's name in the first line, and each value in an attribute of its own. It is still read.
 */
export const httpApiMessageVersion = 2;

/** Name of the attribute. Version 1 had only the first line in it. */
export const gatewayAttribute = "webhook";
/** In version 1: prefix of the attributes that carry a header. Its name follows in lower case. */
export const headerAttributePrefix = "header.";
/** In version 1: prefix of the attributes that carry a query parameter. Its name follows as the sender writes it. */
export const queryAttributePrefix = "query.";
/** In version 1: prefix of every value that a sender may leave out. */
const valueMark = "=";
/** Begins the line of a query parameter. */
const queryMark = "?";

/** Largest number of characters of an integration's request parameter in AWS's API model (AWS fact 7.1). */
export const longestMapping = 512;

/**
 * The value of the integration's `MessageAttributes`: JSON in which API Gateway replaces the expressions in braces (AWS
 * fact 7.3). It is not known whether it escapes the values. So the values that must not change come first: no sender can
 * change what is in front of its own values.
 *
 * @param values names of the headers and query parameters that the message carries
 */
export function attributesMapping({
  headers,
  query,
}: {
  readonly headers: readonly string[];
  readonly query: readonly string[];
}): string {
  const filled = (expression: string) => `\${${expression}}`;
  // Names of HTTP APIs' variables:
  // docs.aws.amazon.com/apigateway/latest/developerguide/http-api-logging-variables.html
  const gateway = ["requestTimeEpoch", "requestId", "identity.sourceIp", "path"];
  const lines = [
    [httpApiMessageVersion, ...gateway.map((variable) => filled(`context.${variable}`))].join(" "),
    ...headers.map((name) => `${name}=${filled(`request.header.${name}`)}`),
    ...query.map((name) => `${queryMark}${name}=${filled(`request.querystring.${name}`)}`),
  ];
  return JSON.stringify({ [gatewayAttribute]: { DataType: "String", StringValue: lines.join("\n") } });
}

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
 * @throws EnvelopeVersionError for a message of another version
 * @throws EnvelopeError for attributes that our mapping would not write
 */
export function decodeHttpApiMessage({ body, attributes, messageAttributes }: HttpApiRecord): Envelope {
  const text = messageAttributes[gatewayAttribute]?.stringValue ?? "";
  const [gateway = "", ...lines] = text.split("\n");
  const version = /^\d+(?= )/.exec(gateway)?.[0];
  if (version !== undefined && !["1", String(httpApiMessageVersion)].includes(version)) {
    throw new EnvelopeVersionError(
      `the attribute ${gatewayAttribute} does not have version ${httpApiMessageVersion}: deploy the gateway and the function together`,
    );
  }
  const isFirst = version === "1";
  const { source, receivedAt, requestId, sourceIp, path } = isFirst
    ? readFirstVersion(gateway)
    : { ...readGateway(gateway), source: attributes.MessageGroupId };
  if (source === undefined || !sourceNamePattern.test(source)) throw unknownForm();
  // Each route sets the group itself. Even if a sender's header ever breaks out of its attribute (docs/http-api.md,
  // "Open questions"), the sender cannot pretend to be another source.
  if (attributes.MessageGroupId !== undefined && attributes.MessageGroupId !== source) {
    throw new EnvelopeError(
      "the message's group is not its source: deploy the gateway and the function together",
    );
  }
  const values = readLines(lines);
  return {
    source,
    bodyEncoding: "text",
    requestId,
    receivedAt: receivedAt ?? readSentTimestamp(attributes),
    sourceIp,
    // The only method that routes have.
    method: "POST",
    path,
    headers: isFirst
      ? readAttributes(messageAttributes, headerAttributePrefix)
      : values.filter(([name]) => !name.startsWith(queryMark)),
    query: isFirst
      ? readAttributes(messageAttributes, queryAttributePrefix)
      : values.flatMap(([name, value]): NameValue[] =>
          name.startsWith(queryMark) ? [[name.slice(queryMark.length), value]] : [],
        ),
    body: Buffer.from(body, "utf8"),
  };
}

type MessageAttributes = SQSRecord["messageAttributes"];

function readGateway(line: string) {
  const [found, time = "", requestId = "", sourceIp = "", path = ""] =
    /^\d+ (\S*) (\S*) (\S*) (\S*)$/.exec(line) ?? [];
  if (found === undefined) throw unknownForm();
  return { receivedAt: readMilliseconds(time), requestId, sourceIp, path };
}

function readFirstVersion(line: string) {
  const [, source, rest = ""] = /^1 (\S+) (.*)$/.exec(line) ?? [];
  return { ...readGateway(`1 ${rest}`), source };
}

function unknownForm(): EnvelopeError {
  return new EnvelopeError(
    `the attribute ${gatewayAttribute} does not have the form that the HTTP API's routes write`,
  );
}

/**
 * Names and values, one to a line. A line without a name goes on with the value before it, because a query parameter can
 * contain line breaks.
 */
function readLines(lines: readonly string[]): NameValue[] {
  const values: [name: string, value: string][] = [];
  for (const line of lines) {
    const [, name, value] = /^(\??[A-Za-z0-9_-]+)=(.*)$/s.exec(line) ?? [];
    const last = values.at(-1);
    if (name !== undefined && value !== undefined) values.push([name, value]);
    else if (last !== undefined) last[1] += `\n${line}`;
  }
  return values.filter(([, value]) => value !== "" && !isUnresolved(value));
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

/** In version 1. In alphabetical order, because SQS promises no order and the same message must give the same webhook. */
function readAttributes(attributes: MessageAttributes, prefix: string): NameValue[] {
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
