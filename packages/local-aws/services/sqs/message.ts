import { createHash } from "node:crypto";
import { invalidParameter, missingParameter, SqsError } from "./errors.js";

/** A message attribute as the API carries it; `BinaryValue` is base64. */
export interface MessageAttribute {
  readonly DataType: string;
  readonly StringValue?: string | undefined;
  readonly BinaryValue?: string | undefined;
}
export type MessageAttributes = Readonly<Record<string, MessageAttribute>>;

/** What a sender asks SQS to keep. */
export interface MessageDraft {
  readonly body: string;
  readonly attributes: MessageAttributes;
  /** `AWSTraceHeader`, the only system attribute that a sender may set. */
  readonly traceHeader?: string | undefined;
  readonly groupId?: string | undefined;
  readonly deduplicationId?: string | undefined;
  readonly delaySeconds?: number | undefined;
}

/** #x9 | #xA | #xD | #x20–#xD7FF | #xE000–#xFFFD | #x10000–#x10FFFF (AWS fact 3.1). */
const outsideXmlCharacters = /[^\t\n\r\u{20}-\u{D7FF}\u{E000}-\u{FFFD}\u{10000}-\u{10FFFF}]/u;

/** 1–128 alphanumerics and ASCII punctuation, no space (AWS fact 3.5). */
const identifier = /^[!-~]{1,128}$/;

/** Checks what SQS checks before it takes a message, in its words; throws SqsError. */
export function checkDraft(draft: MessageDraft, maximumBytes: number): void {
  if (draft.body === "") throw missingParameter("MessageBody");
  if (outsideXmlCharacters.test(draft.body)) {
    throw new SqsError(
      "InvalidMessageContents",
      "Invalid characters found. Valid unicode characters are #x9 | #xA | #xD | #x20 to #xD7FF | #xE000 to #xFFFD | #x10000 to #x10FFFF.",
    );
  }
  checkAttributes(draft.attributes);
  if (sizeBytes(draft) > maximumBytes) {
    throw invalidParameter(
      `One or more parameters are invalid. Reason: Message must be shorter than ${maximumBytes} bytes.`,
    );
  }
  checkIdentifier("MessageGroupId", draft.groupId);
  checkIdentifier("MessageDeduplicationId", draft.deduplicationId);
  if (draft.delaySeconds !== undefined && !(draft.delaySeconds >= 0 && draft.delaySeconds <= 900)) {
    throw invalidParameter(
      `Value ${draft.delaySeconds} for parameter DelaySeconds is invalid. Reason: DelaySeconds must be >= 0 and <= 900.`,
    );
  }
}

function checkIdentifier(parameter: string, value: string | undefined): void {
  if (value === undefined || identifier.test(value)) return;
  throw invalidParameter(
    `Value ${value} for parameter ${parameter} is invalid. Reason: ${parameter} can only include alphanumeric and punctuation characters. 1 to 128 in length.`,
  );
}

function checkAttributes(attributes: MessageAttributes): void {
  const names = Object.keys(attributes);
  if (names.length > 10) {
    throw invalidParameter(
      `Number of message attributes [${names.length}] exceeds the allowed maximum [10].`,
    );
  }
  for (const [name, { DataType, StringValue, BinaryValue }] of Object.entries(attributes)) {
    if (name.length > 256 || /^(aws|amazon)\./i.test(name) || /^\.|\.$|\.\./.test(name)) {
      throw invalidParameter(`The message attribute name '${name}' is invalid.`);
    }
    if (!/^(String|Number|Binary)(\.|$)/.test(DataType)) {
      throw invalidParameter(
        `The message attribute '${name}' has an invalid message attribute type, the set of supported type prefixes is Binary, Number, and String.`,
      );
    }
    const value = DataType.startsWith("Binary") ? BinaryValue : StringValue;
    if (value !== undefined && value !== "") continue;
    throw invalidParameter(
      `Message (user) attribute '${name}' must contain a non-empty value of type '${DataType}'.`,
    );
  }
}

/** Body in UTF-8 plus names, types and values of the attributes (AWS fact 3.3). */
export function sizeBytes({ body, attributes }: Pick<MessageDraft, "body" | "attributes">): number {
  return Object.entries(attributes).reduce(
    (size, [name, { DataType, StringValue, BinaryValue }]) =>
      size +
      Buffer.byteLength(name) +
      Buffer.byteLength(DataType) +
      Buffer.byteLength(StringValue ?? "") +
      Buffer.byteLength(BinaryValue ?? "", "base64"),
    Buffer.byteLength(body),
  );
}

export const md5 = (value: string | Buffer) => createHash("md5").update(value).digest("hex");
export const sha256 = (value: string) => createHash("sha256").update(value).digest("hex");

/** The digest that the SDK checks: docs.aws.amazon.com/AWSSimpleQueueService, "Calculating the MD5 message digest". */
export function md5OfAttributes(attributes: MessageAttributes): string | undefined {
  const names = Object.keys(attributes).sort();
  if (names.length === 0) return undefined;
  const withLength = (bytes: Buffer) => {
    const length = Buffer.alloc(4);
    length.writeUInt32BE(bytes.length);
    return [length, bytes];
  };
  const parts = names.flatMap((name) => {
    const { DataType = "", StringValue = "", BinaryValue = "" } = attributes[name] ?? {};
    const binary = DataType.startsWith("Binary");
    return [
      ...withLength(Buffer.from(name)),
      ...withLength(Buffer.from(DataType)),
      Buffer.from([binary ? 2 : 1]),
      ...withLength(binary ? Buffer.from(BinaryValue, "base64") : Buffer.from(StringValue)),
    ];
  });
  return md5(Buffer.concat(parts));
}
