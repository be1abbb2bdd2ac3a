import { randomUUID } from "node:crypto";
import { describePrincipal, type Principal } from "../iam/principal.js";
import { pushNewest } from "../newest.js";
import { arnOf, type Graph, type GraphResource, resourcesOfType } from "../program/graph.js";
import { ServiceError } from "./service-error.js";

/** A message that reached a topic, and whom SNS would send it to. */
export interface InboxMessage {
  readonly at: Date;
  readonly id: string;
  readonly topicArn: string;
  readonly subject?: string;
  readonly message: string;
  readonly publisher: string;
  /** `email ops@example.com`: nothing but queues is really sent to from this machine. */
  readonly subscribers: readonly string[];
  /** Queues that did not take the message, and why; on AWS only a metric would tell. */
  readonly undelivered: readonly string[];
}

/** Puts a message into a subscribed queue in the name of a topic; throws where AWS would not deliver it. */
export type DeliverToQueue = (topicArn: string, queueArn: string, body: string) => void;

/** Messages kept in the inbox, the newest: a bound for a process that runs for days. */
const keptMessages = 1_000;

/** Body and subject limits: docs.aws.amazon.com/sns/latest/api/API_Publish.html. */
const maximumMessageBytes = 262_144;
const subjectForm = /^(?! )[\x20-\x7e]{1,99}$/;

/** What a caller may say besides; anything else would be dropped without a word. */
const knownInputs = ["TopicArn", "Message", "Subject", "MessageStructure"];

type Input = Readonly<Record<string, unknown>>;

/** SNS for the program's topics: publishes to queues, and keeps in an inbox what people would get. */
export class Sns {
  readonly inbox: InboxMessage[] = [];

  constructor(
    private readonly graph: Graph,
    private readonly deliver: DeliverToQueue,
  ) {}

  /** @throws ServiceError for what SNS would refuse, and for what it does and this machine does not */
  handle(operation: string, input: Input, principal: Principal): unknown {
    if (operation !== "Publish") {
      throw new ServiceError("InvalidAction", `SNS on this machine has no ${operation}`);
    }
    const topicArn = arnOf(this.#topic(input));
    const subject = input.Subject === undefined ? undefined : String(input.Subject);
    if (subject !== undefined && !subjectForm.test(subject)) throw invalidParameter("Subject");
    const messageFor = readMessage(input);

    const id = randomUUID();
    const subscriptions = resourcesOfType(this.graph, "aws:sns/topicSubscription:TopicSubscription").filter(
      ({ inputs }) => inputs.topic === topicArn,
    );
    const undelivered: string[] = [];
    for (const { inputs } of subscriptions.filter((each) => each.inputs.protocol === "sqs")) {
      const message = messageFor("sqs");
      const body =
        inputs.rawMessageDelivery === true ? message : envelope({ id, topicArn, message, subject });
      try {
        this.deliver(topicArn, String(inputs.endpoint), body);
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
      publisher: describePrincipal(principal),
      subscribers: subscriptions.map(({ inputs }) => `${inputs.protocol} ${inputs.endpoint}`),
      undelivered,
    };
    pushNewest(this.inbox, entry, keptMessages);
    return { MessageId: id };
  }

  #topic(input: Input): GraphResource {
    for (const name of Object.keys(input)) {
      if (knownInputs.includes(name)) continue;
      if (name === "MessageDeduplicationId") {
        throw invalidParameter(
          "MessageDeduplicationId Reason: The request includes MessageDeduplicationId parameter that is not valid for this topic type",
        );
      }
      throw invalidParameter(`${name} Reason: SNS on this machine does not know it`);
    }
    if (input.TopicArn === undefined) {
      throw invalidParameter("TopicArn or TargetArn Reason: no value for required parameter");
    }
    const topic = resourcesOfType(this.graph, "aws:sns/topic:Topic").find(
      (each) => arnOf(each) === input.TopicArn,
    );
    if (topic === undefined) throw new ServiceError("NotFound", "Topic does not exist", 404);
    if (topic.inputs.fifoTopic === true) {
      throw invalidParameter("TopicArn Reason: SNS on this machine has no FIFO topics");
    }
    return topic;
  }
}

/** What is sent under each protocol: one text for all, or the texts of a JSON object. */
function readMessage({ Message, MessageStructure }: Input): (protocol: string) => string {
  const text = String(Message ?? "");
  if (text === "") throw invalidParameter("Empty message");
  if (Buffer.byteLength(text) > maximumMessageBytes) {
    throw invalidParameter(`Message too long: it may have ${maximumMessageBytes} bytes`);
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
}): string {
  return JSON.stringify({
    Type: "Notification",
    MessageId: notification.id,
    TopicArn: notification.topicArn,
    Subject: notification.subject,
    Message: notification.message,
    Timestamp: new Date().toISOString(),
  });
}
