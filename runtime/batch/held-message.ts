import type { SQSMessageAttributes, SQSRecord } from "aws-lambda";

/**
 * What a message that was sent again has with it. A message keeps its count of deliveries and its age as long as it stays in
 * its queue; a new one with the same content would begin anew.
 */
export interface CarriedOn {
  /** When the first of these messages was sent, in epoch milliseconds. */
  readonly firstSentAt: number;
  /** Deliveries before this message that counted. */
  readonly deliveries: number;
}

/** The name of the message attribute. */
const attribute = "held";

/** Most attributes that a message may have (AWS fact 3.4). */
const mostAttributes = 10;

/** Clocks differ, and a request takes its time. */
const toleranceMilliseconds = 60_000;

/** A message that is sent again to its own queue. */
export interface MessageAgain {
  readonly body: string;
  readonly attributes: SQSMessageAttributes;
  readonly groupId: string | undefined;
  /** The X-Ray header. */
  readonly traceHeader: string | undefined;
  /** Seconds until it can be received, 0 to 900 (AWS fact 3.25). */
  readonly delaySeconds: number;
}

/**
 * What a message has with it from those before it. Nothing, if it is the first; or if it came out of the dead-letter queue
 * since, which makes it a new message with all its tries.
 */
export function carriedOn({ attributes, messageAttributes }: SQSRecord): CarriedOn | undefined {
  const [firstSentAt, deliveries, sentAt] = (messageAttributes[attribute]?.stringValue ?? "")
    .split(" ")
    .map((part) => (/^\d{1,15}$/.test(part) ? Number(part) : undefined));
  if (firstSentAt === undefined || deliveries === undefined || sentAt === undefined) return undefined;
  if (Math.abs(Number(attributes.SentTimestamp) - sentAt) > toleranceMilliseconds) return undefined;
  return { firstSentAt, deliveries };
}

/** When the first of the messages with this content was sent, in epoch milliseconds. */
export function firstSentAt(record: SQSRecord): number {
  return carriedOn(record)?.firstSentAt ?? Number(record.attributes.SentTimestamp);
}

/**
 * The same message, for later. This delivery does not count. Undefined if there is no room for what it has to carry on.
 *
 * @param deliveries those that count
 */
export function messageAgain(
  record: SQSRecord,
  { deliveries, delaySeconds, now }: Pick<CarriedOn, "deliveries"> & { delaySeconds: number; now: number },
): MessageAgain | undefined {
  const { [attribute]: _, ...others } = record.messageAttributes;
  if (Object.keys(others).length >= mostAttributes) return undefined;
  const stringValue = `${firstSentAt(record)} ${deliveries} ${now}`;
  return {
    body: record.body,
    attributes: { ...others, [attribute]: { stringValue, dataType: "String" } },
    groupId: record.attributes.MessageGroupId,
    traceHeader: record.attributes.AWSTraceHeader,
    delaySeconds,
  };
}
