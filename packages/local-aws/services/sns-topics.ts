import { z } from "zod";
import { arnOf, type Graph, type GraphResource, resourcesOfType } from "../program/graph.js";
import { readInputOr } from "./input.js";
import { pageOf } from "./paging.js";
import { ServiceError } from "./service-error.js";
import type { XmlContent } from "./xml.js";

/** Topics or subscriptions of one answer: docs.aws.amazon.com/sns/latest/api/API_ListTopics.html */
const listed = 100;

const token = z.string().min(1).optional();
const topicArn = z.string().min(1);
const inputs = {
  ListTopics: z.strictObject({ NextToken: token }),
  ListSubscriptions: z.strictObject({ NextToken: token }),
  ListSubscriptionsByTopic: z.strictObject({ TopicArn: topicArn, NextToken: token }),
  GetTopicAttributes: z.strictObject({ TopicArn: topicArn }),
} as const;

type Question = keyof typeof inputs;
type Answer = Readonly<Record<string, XmlContent | undefined>>;

/** The operations of SNS that this machine has. */
export const snsOperations: readonly string[] = ["Publish", ...Object.keys(inputs)];

export function isTopicQuestion(operation: string): operation is Question {
  return Object.hasOwn(inputs, operation);
}

/** The calls of SNS that ask after the program's topics and subscriptions. */
export class TopicQuestions {
  constructor(private readonly graph: Graph) {}

  /** @throws ServiceError for what SNS would refuse */
  answer(question: Question, input: unknown): Answer {
    const { NextToken, TopicArn } = readInputOr(inputs[question], input, (why) => invalid(why)) as {
      NextToken?: string;
      TopicArn?: string;
    };
    switch (question) {
      case "ListTopics": {
        const { items, next } = pageOf(this.#topics(), listed, NextToken, invalidToken);
        return { Topics: { member: items.map((topic) => ({ TopicArn: arnOf(topic) })) }, NextToken: next };
      }
      case "ListSubscriptions":
        return this.#list(this.#subscriptions(), NextToken);
      case "ListSubscriptionsByTopic": {
        const arn = arnOf(this.#topic(TopicArn));
        return this.#list(
          this.#subscriptions().filter(({ inputs: own }) => own.topic === arn),
          NextToken,
        );
      }
      case "GetTopicAttributes":
        return { Attributes: { entry: this.#attributes(this.#topic(TopicArn)) } };
    }
  }

  #list(subscriptions: readonly GraphResource[], token: string | undefined): Answer {
    const { items, next } = pageOf(subscriptions, listed, token, invalidToken);
    const members = items.map((subscription) => ({
      SubscriptionArn: arnOf(subscription),
      Owner: this.graph.account,
      Protocol: String(subscription.inputs.protocol),
      Endpoint: String(subscription.inputs.endpoint),
      TopicArn: String(subscription.inputs.topic),
    }));
    return { Subscriptions: { member: members }, NextToken: next };
  }

  /** docs.aws.amazon.com/sns/latest/api/API_GetTopicAttributes.html */
  #attributes(topic: GraphResource): XmlContent[] {
    const { displayName, kmsMasterKeyId, fifoTopic } = topic.inputs;
    const confirmed = this.#subscriptions().filter(({ inputs: own }) => own.topic === arnOf(topic)).length;
    const attributes: Record<string, unknown> = {
      TopicArn: arnOf(topic),
      Owner: this.graph.account,
      DisplayName: displayName ?? "",
      SubscriptionsConfirmed: confirmed,
      SubscriptionsPending: 0,
      SubscriptionsDeleted: 0,
      KmsMasterKeyId: kmsMasterKeyId,
      FifoTopic: fifoTopic,
    };
    return Object.entries(attributes)
      .filter(([, value]) => value !== undefined)
      .map(([key, value]) => ({ key, value: String(value) }));
  }

  #topics(): GraphResource[] {
    return resourcesOfType(this.graph, "aws:sns/topic:Topic");
  }

  #subscriptions(): GraphResource[] {
    return resourcesOfType(this.graph, "aws:sns/topicSubscription:TopicSubscription");
  }

  #topic(arn: string | undefined): GraphResource {
    const found = this.#topics().find((topic) => arnOf(topic) === arn);
    if (found === undefined) throw new ServiceError("NotFound", "Topic does not exist", 404);
    return found;
  }
}

const invalid = (why: string) => new ServiceError("InvalidParameter", `Invalid parameter: ${why}`);
const invalidToken = () => invalid("NextToken Reason: not a token of this list");
