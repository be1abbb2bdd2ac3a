import { createHash } from "node:crypto";
import { isAllowedText } from "./allowed-text.js";
import { invalidParameter, SqsError } from "./errors.js";

/** A message attribute as the API carries it; `BinaryValue` is base64. */
export interface MessageAttribute {
  readonly DataType: string;
  readonly StringValue?: string | undefined;
  readonly BinaryValue?: string | undefined;
  /** Reserved for future use in AWS's API model; some SDKs send an empty list. */
  readonly StringListValues?: readonly unknown[] | undefined;
  readonly BinaryListValues?: readonly unknown[] | undefined;
}
export type MessageAttributes = Readonly<Record<string, MessageAttribute>>;

const mostAttributes = 10;
/** Of a name and of a data type, in characters. */
const longestName = 256;

/**
 * Checks a message's attributes, in SQS's words where they were seen (AWS facts 3.4, 3.19). Where AWS was seen to take more
 * than its guide allows, such as umlauts in names, the guide decides: what passes here must pass there.
 *
 * @throws SqsError
 */
export function checkAttributes(attributes: MessageAttributes): void {
  const count = Object.keys(attributes).length;
  if (count > mostAttributes) {
    throw invalidParameter(
      `Number of message attributes [${count}] exceeds the allowed maximum [${mostAttributes}].`,
    );
  }
  for (const [name, attribute] of Object.entries(attributes)) {
    checkName(name);
    checkValue(`message (user) attribute '${name}'`, attribute);
  }
}

/**
 * Checks the attributes that a sender may give SQS itself: `AWSTraceHeader` alone. Its value must be a well-formed X-Ray
 * header, says the API reference; that SQS refuses another one is unconfirmed (AWS fact 3.19).
 *
 * @throws SqsError
 */
export function checkSystemAttributes(attributes: MessageAttributes): void {
  for (const [name, attribute] of Object.entries(attributes)) {
    if (name !== "AWSTraceHeader")
      throw invalidParameter(`Message system attribute name '${name}' is invalid.`);
    if (attribute.DataType !== "String") {
      throw invalidParameter(`The message system attribute '${name}' must be of the type 'String'.`);
    }
    checkValue(`message system attribute '${name}'`, attribute);
    if (isTraceHeader(attribute.StringValue ?? "")) continue;
    throw invalidParameter(
      `The message system attribute '${name}' must be an X-Ray trace header such as Root=1-5759e988-bd862e3fe1be46a994272793;Sampled=1.`,
    );
  }
}

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
  return createHash("md5").update(Buffer.concat(parts)).digest("hex");
}

/** Names, types and values, which count as part of the message (AWS fact 3.3). */
export function attributeBytes(attributes: MessageAttributes): number {
  return Object.entries(attributes).reduce(
    (size, [name, { DataType, StringValue, BinaryValue }]) =>
      size +
      Buffer.byteLength(name) +
      Buffer.byteLength(DataType) +
      Buffer.byteLength(StringValue ?? "") +
      Buffer.byteLength(BinaryValue ?? "", "base64"),
    0,
  );
}

function checkName(name: string): void {
  if (name === "")
    throw invalidParameter("The request must contain non-empty message (user) attribute names.");
  if (name.length > longestName) {
    throw invalidParameter(
      `Message (user) attribute names must not be longer than ${longestName} characters.`,
    );
  }
  if (!/^[\w.-]+$/.test(name)) {
    throw invalidParameter(
      `The message (user) attribute name '${name}' is invalid: it may contain letters A-Z, digits, underscores, hyphens and periods only.`,
    );
  }
  if (/^(aws|amazon)\./i.test(name) || /^\.|\.$|\.\./.test(name)) {
    throw invalidParameter(
      `The message (user) attribute name '${name}' is invalid: names beginning with 'AWS.' or 'Amazon.' are reserved, and a period may neither begin nor end a name nor follow another.`,
    );
  }
}

function checkValue(what: string, attribute: MessageAttribute): void {
  const { DataType, StringValue, BinaryValue } = attribute;
  const type = typeOf(what, DataType);
  const { StringListValues = [], BinaryListValues = [] } = attribute;
  if (StringListValues.length + BinaryListValues.length > 0) {
    throw new SqsError(
      "AWS.SimpleQueueService.UnsupportedOperation",
      "Message attribute list values in SendMessage operation are not supported.",
      "UnsupportedOperation",
    );
  }
  const [value, other, field] =
    type === "Binary" ? [BinaryValue, StringValue, "Binary"] : [StringValue, BinaryValue, "String"];
  if (other !== undefined)
    throw invalidParameter(`The ${what} with type '${type}' must use field '${field}'.`);
  if (value === undefined || value === "") {
    throw invalidParameter(`${capitalised(what)} must contain a non-empty value of type '${DataType}'.`);
  }
  if (type === "Binary") {
    if (!isBase64(value)) throw invalidParameter(`The ${what} must have its binary value in base64.`);
    return;
  }
  // Not InvalidMessageContents, which a body gets (AWS fact 3.19).
  if (!isAllowedText(value)) throw invalidParameter(`Invalid characters found in the value of ${what}.`);
  if (type === "Number") checkNumber(what, value);
}

/** `String`, `Number` or `Binary`, perhaps with a label behind a period; case counts. */
function typeOf(what: string, dataType: string): string {
  const [, type] = /^(String|Number|Binary)(?:\..+)?$/su.exec(dataType) ?? [];
  if (type === undefined) {
    throw invalidParameter(
      `The type of ${what} is invalid. You must use only the following supported type prefixes: Binary, Number, String.`,
    );
  }
  if (dataType.length > longestName || !isAllowedText(dataType)) {
    throw invalidParameter(
      `The type of ${what} is invalid: it may have ${longestName} characters at most, and only such as a body may have.`,
    );
  }
  return type;
}

/** A decimal number of up to 38 digits, zero or between 10^-128 and 10^126; the bounds' sides are unconfirmed. */
function checkNumber(what: string, value: string): void {
  const [, whole = "", fraction = "", exponent = "0"] =
    /^[+-]?(?=\.?\d)(\d*)\.?(\d*)(?:[eE]([+-]?\d+))?$/.exec(value) ?? [];
  const written = whole + fraction;
  if (written === "") throw invalidParameter(`Can't cast the value of ${what} to a number.`);
  const digits = written.replace(/^0+/, "").replace(/0+$/, "");
  if (digits === "") return;
  const leadingZeros = written.length - written.replace(/^0+/, "").length;
  /** Of the first digit that counts: 2 for 123. */
  const power = Number(exponent) + whole.length - 1 - leadingZeros;
  const inRange = power >= -128 && (power < 126 || (power === 126 && digits === "1"));
  if (digits.length <= 38 && inRange) return;
  throw invalidParameter(
    `The value of ${what} is not a number that SQS can hold: up to 38 digits, between 10^-128 and 10^126.`,
  );
}

/** docs.aws.amazon.com/xray/latest/devguide/xray-concepts.html#xray-concepts-tracingheader */
function isTraceHeader(value: string): boolean {
  const fields = value.split(";").map((field) => field.trim());
  return (
    fields.every((field) => /^[A-Za-z]+=[^=;]+$/.test(field)) &&
    fields.some((field) => /^Root=1-[0-9a-f]{8}-[0-9a-f]{24}$/i.test(field))
  );
}

function isBase64(value: string): boolean {
  return value.length % 4 === 0 && /^[A-Za-z0-9+/]+={0,2}$/.test(value);
}

const capitalised = (text: string) => text.charAt(0).toUpperCase() + text.slice(1);
