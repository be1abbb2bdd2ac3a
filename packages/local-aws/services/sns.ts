import { randomUUID } from "node:crypto";
import { arnOf } from "../iam/graph-policies.js";
import { describePrincipal, type Principal } from "../iam/principal.js";
import { type Graph, resourcesOfType } from "../program/graph.js";
import { ServiceError } from "./service-error.js";
import type { SqsService } from "./sqs/service.js";

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
}

/** Body and subject limits: docs.aws.amazon.com/sns/latest/api/API_Publish.html. */
const maximumMessageBytes = 262_144;
const subjectForm = /^(?! )[\x20-\x7e]{1,99}$/;

/** SNS for the program's topics: publishes to queues, and keeps in an inbox what people would get. */
export class Sns {
  readonly inbox: InboxMessage[] = [];

  constructor(
    private readonly graph: Graph,
    private readonly sqs: SqsService,
  ) {}

  handle(operation: string, input: Readonly<Record<string, unknown>>, principal: Principal): unknown {
    if (operation !== "Publish") {
      throw new ServiceError("InvalidAction", `SNS on this machine has no ${operation}`);
    }
    const topicArn = String(input.TopicArn);
    const message = String(input.Message ?? "");
    const subject = input.Subject === undefined ? undefined : String(input.Subject);
    if (!resourcesOfType(this.graph, "aws:sns/topic:Topic").some((topic) => arnOf(topic) === topicArn)) {
      throw new ServiceError("NotFound", "Topic does not exist", 404);
    }
    if (message === "" || Buffer.byteLength(message) > maximumMessageBytes) {
      throw new ServiceError("InvalidParameter", "Invalid parameter: Message must be 1 to 262144 bytes");
    }
    if (subject !== undefined && !subjectForm.test(subject)) {
      throw new ServiceError("InvalidParameter", "Invalid parameter: Subject");
    }

    const id = randomUUID();
    const subscriptions = resourcesOfType(this.graph, "aws:sns/topicSubscription:TopicSubscription").filter(
      ({ inputs }) => inputs.topic === topicArn,
    );
    for (const { inputs } of subscriptions.filter((each) => each.inputs.protocol === "sqs")) {
      const raw = inputs.rawMessageDelivery === true;
      this.sqs.queueByArn(String(inputs.endpoint))?.send({
        body: raw ? message : envelope({ id, topicArn, message, subject }),
        attributes: {},
      });
    }
    this.inbox.push({
      at: new Date(),
      id,
      topicArn,
      ...(subject === undefined ? {} : { subject }),
      message,
      publisher: describePrincipal(principal),
      subscribers: subscriptions.map(({ inputs }) => `${inputs.protocol} ${inputs.endpoint}`),
    });
    return { MessageId: id };
  }
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
