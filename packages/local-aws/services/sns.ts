import { randomUUID } from "node:crypto";
import { describePrincipal, type Principal } from "../iam/principal.js";
import { arnsElsewhere } from "../iam/resources-elsewhere.js";
import { pushNewest } from "../newest.js";
import { arnOf, type Graph, resourcesOfType } from "../program/graph.js";
import { unknownOperation } from "./input.js";
import { ServiceError } from "./service-error.js";
import { isTopicQuestion, TopicQuestions } from "./sns-topics.js";
import type { MessageAttributes } from "./sqs/message-attributes.js";
import { checkFilter, passesFilter } from "./subscription-filter.js";

/** A message that reached a topic, and whom SNS would send it to. */
export interface InboxMessage {
  readonly at: Date;
  readonly id: string;
  readonly topicArn: string;
  readonly subject?: string;
  readonly message: string;
  /** By which subscriptions' filter policies choose. */
  readonly attributes: MessageAttributes;
  /** Of a FIFO topic. */
  readonly groupId?: string;
  readonly publisher: string;
  /** `email ops@example.com`: nothing but queues is really sent to from this machine. */
  readonly subscribers: readonly string[];
  /** Queues that did not take the message, and why; on AWS only a metric would tell. */
  readonly undelivered: readonly string[];
}

/** Puts a message into a subscribed queue in the name of a topic; throws where AWS would not deliver it. */
export type DeliverToQueue = (
  topicArn: string,
  queueArn: string,
  message: { readonly body: string; readonly attributes: MessageAttributes },
) => void;

/** Messages kept in the inbox, the newest: a bound for a process that runs for days. */
const keptMessages = 1_000;

/**
 * Message and subject limits: docs.aws.amazon.com/sns/latest/api/API_Publish.html. The owner of a topic may raise the first to the
 * second; that of a topic elsewhere is not known here.
 */
const maximumMessageBytes = 262_144;
const raisedMessageBytes = 1_048_576;
const subjectForm = /^(?! )[\x20-\x7e]{1,99}$/;

/** What a caller may say besides; anything else would be dropped without a word. */
const knownInputs = [
  "TopicArn",
  "Message",
  "Subject",
  "MessageStructure",
  "MessageGroupId",
  "MessageDeduplicationId",
];
const attributeInput = /^MessageAttributes\.entry\.(\d+)\.(Name|Value\.(DataType|StringValue|BinaryValue))$/;

type Input = Readonly<Record<string, unknown>>;

/** SNS for the program's topics: publishes to queues, and keeps in an inbox what people would get. */
export class Sns {
  readonly inbox: InboxMessage[] = [];
  readonly #listeners: ((message: InboxMessage) => void)[] = [];
  /** What FIFO topics took, by topic and deduplication id. */
  readonly #taken = new Map<string, { readonly id: string; readonly at: number }>();

  readonly #questions: TopicQuestions;

  constructor(
    private readonly graph: Graph,
    private readonly deliver: DeliverToQueue,
  ) {
    for (const each of resourcesOfType(graph, "aws:sns/topicSubscription:TopicSubscription"))
      checkFilter(each);
    this.#questions = new TopicQuestions(graph);
  }

  /** Tells of each message from now on, also of those that the inbox does not keep. */
  listen(listener: (message: InboxMessage) => void): void {
    this.#listeners.push(listener);
  }

  /** @throws ServiceError for what SNS would refuse, and for what it does and this machine does not */
  handle(operation: string, input: Input, principal: Principal): unknown {
    if (isTopicQuestion(operation)) return this.#questions.answer(operation, input);
    if (operation !== "Publish") throw unknownOperation("SNS", operation);
    const topic = this.#topic(input);
    const { arn: topicArn, fifo } = topic;
    const subject = input.Subject === undefined ? undefined : String(input.Subject);
    if (subject !== undefined && !subjectForm.test(subject)) throw invalidParameter("Subject");
    const attributes = readAttributes(input);
    const messageFor = readMessage(input, attributes, topic.mostBytes);
    const ordering = fifo ? readOrdering(input) : undefined;

    const id = randomUUID();
    if (ordering !== undefined) {
      const earlier = this.#taken.get(`${topicArn} ${ordering.deduplicationId}`);
      if (earlier !== undefined && Date.now() - earlier.at < deduplicationMilliseconds) {
        return { MessageId: earlier.id };
      }
      this.#taken.set(`${topicArn} ${ordering.deduplicationId}`, { id, at: Date.now() });
    }
    const subscriptions = resourcesOfType(this.graph, "aws:sns/topicSubscription:TopicSubscription").filter(
      ({ inputs }) => inputs.topic === topicArn && passesFilter(inputs, messageFor(String(inputs.protocol))),
    );
    const undelivered: string[] = [];
    for (const { inputs } of subscriptions.filter((each) => each.inputs.protocol === "sqs")) {
      const message = messageFor("sqs");
      const raw = inputs.rawMessageDelivery === true;
      const body = raw ? message : envelope({ id, topicArn, message, subject, attributes });
      try {
        this.deliver(topicArn, String(inputs.endpoint), { body, attributes: raw ? attributes : {} });
      } catch (error) {
        undelivered.push(`sqs ${inputs.endpoint}: ${(error as Error).message}`);
      }
    }
    const entry: InboxMessage = {
      at: new Date(),
      id,
      topicArn,
      ...(subject === undefined ? {} : { subject }),
      message: messageFor("default"),
      attributes,
      ...(ordering === undefined ? {} : { groupId: ordering.groupId }),
      publisher: describePrincipal(principal),
      subscribers: subscriptions.map(({ inputs }) => `${inputs.protocol} ${inputs.endpoint}`),
      undelivered,
    };
    pushNewest(this.inbox, entry, keptMessages);
    for (const listener of this.#listeners) listener(entry);
    return { MessageId: id };
  }

  #topic(input: Input): { readonly arn: string; readonly fifo: boolean; readonly mostBytes: number } {
    const arn = input.TopicArn;
    const isElsewhere = typeof arn === "string" && arnsElsewhere(this.graph, "topic").includes(arn);
    const fifo = isElsewhere && arn.endsWith(".fifo");
    for (const name of Object.keys(input)) {
      if (name === "MessageDeduplicationId" && !fifo) {
        throw invalidParameter(
          "MessageDeduplicationId Reason: The request includes MessageDeduplicationId parameter that is not valid for this topic type",
        );
      }
      if (knownInputs.includes(name) || attributeInput.test(name)) continue;
      throw invalidParameter(`${name} Reason: SNS on this machine does not know it`);
    }
    if (arn === undefined) {
      throw invalidParameter("TopicArn or TargetArn Reason: no value for required parameter");
    }
    if (isElsewhere) return { arn, fifo, mostBytes: raisedMessageBytes };
    const topic = resourcesOfType(this.graph, "aws:sns/topic:Topic").find((each) => arnOf(each) === arn);
    if (topic === undefined) throw new ServiceError("NotFound", "Topic does not exist", 404);
    if (topic.inputs.fifoTopic === true) {
      throw invalidParameter("TopicArn Reason: SNS on this machine has no FIFO topics of the program");
    }
    return { arn: arnOf(topic), fifo: false, mostBytes: maximumMessageBytes };
  }
}

/** @throws ServiceError for an attribute that SNS would refuse: docs.aws.amazon.com/sns/latest/dg/sns-message-attributes.html */
function readAttributes(input: Input): MessageAttributes {
  const numbers = new Set(Object.keys(input).flatMap((name) => attributeInput.exec(name)?.[1] ?? []));
  return Object.fromEntries(
    [...numbers].map((number) => {
      const of = (part: string) => input[`MessageAttributes.entry.${number}.${part}`];
      const name = String(of("Name") ?? "");
      const DataType = String(of("Value.DataType") ?? "");
      const StringValue = of("Value.StringValue");
      const BinaryValue = of("Value.BinaryValue");
      if (
        !/^(?!AWS\.|Amazon\.)[A-Za-z0-9_.-]{1,256}$/i.test(name) ||
        !/^(String|Number|Binary)\b/.test(DataType)
      ) {
        throw invalidParameter(`MessageAttributes.entry.${number}`);
      }
      const value = DataType.startsWith("Binary") ? BinaryValue : StringValue;
      if (value === undefined || value === "") {
        throw new ServiceError(
          "ParameterValueInvalid",
          `The message attribute '${name}' must contain non-empty message attribute value for message attribute type '${DataType}'.`,
        );
      }
      return [
        name,
        DataType.startsWith("Binary")
          ? { DataType, BinaryValue: String(value) }
          : { DataType, StringValue: String(value) },
      ];
    }),
  );
}

/** What a FIFO topic needs. That its content may stand for the deduplication id is not known of a topic elsewhere. */
function readOrdering({ MessageGroupId, MessageDeduplicationId }: Input) {
  if (MessageGroupId === undefined) {
    throw invalidParameter("The MessageGroupId parameter is required for FIFO topics");
  }
  if (MessageDeduplicationId === undefined) {
    throw invalidParameter(
      "The topic should either have ContentBasedDeduplication enabled or MessageDeduplicationId provided explicitly",
    );
  }
  return { groupId: String(MessageGroupId), deduplicationId: String(MessageDeduplicationId) };
}

/** How long SNS knows a deduplication id again. */
const deduplicationMilliseconds = 5 * 60_000;

/** What is sent under each protocol: one text for all, or the texts of a JSON object. */
function readMessage(
  { Message, MessageStructure }: Input,
  attributes: MessageAttributes,
  mostBytes: number,
): (protocol: string) => string {
  const text = String(Message ?? "");
  if (text === "") throw invalidParameter("Empty message");
  const all = [
    text,
    ...Object.entries(attributes).flatMap(([name, { DataType, StringValue = "" }]) => [
      name,
      DataType,
      StringValue,
    ]),
  ];
  if (all.reduce((sum, part) => sum + Buffer.byteLength(part), 0) > mostBytes) {
    throw invalidParameter(`Message too long: it may have ${mostBytes} bytes`);
  }
  if (MessageStructure === undefined) return () => text;
  if (MessageStructure !== "json") throw invalidParameter("MessageStructure");

  const texts = parseObject(text);
  const standard = texts?.default;
  if (texts === undefined) {
    throw invalidParameter("Message Structure - JSON message body failed to parse");
  }
  if (typeof standard !== "string") {
    throw invalidParameter("Message Structure - No default entry in JSON message body");
  }
  return (protocol) => {
    const own = texts[protocol];
    return typeof own === "string" ? own : standard;
  };
}

function parseObject(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null && !Array.isArray(value)
      ? (value as Record<string, unknown>)
      : undefined;
  } catch {
    return undefined;
  }
}

function invalidParameter(what: string): ServiceError {
  return new ServiceError("InvalidParameter", `Invalid parameter: ${what}`);
}

function envelope(notification: {
  id: string;
  topicArn: string;
  message: string;
  subject: string | undefined;
  attributes: MessageAttributes;
}): string {
  const attributes = Object.entries(notification.attributes).map(([name, attribute]) => [
    name,
    { Type: attribute.DataType, Value: attribute.StringValue ?? attribute.BinaryValue },
  ]);
  return JSON.stringify({
    Type: "Notification",
    MessageId: notification.id,
    TopicArn: notification.topicArn,
    Subject: notification.subject,
    Message: notification.message,
    Timestamp: new Date().toISOString(),
    ...(attributes.length === 0 ? {} : { MessageAttributes: Object.fromEntries(attributes) }),
  });
}
