import { Topic } from "@pulumi/aws/sns/topic.js";
import { TopicPolicy } from "@pulumi/aws/sns/topicPolicy.js";
import { TopicSubscription } from "@pulumi/aws/sns/topicSubscription.js";
import type * as pulumi from "@pulumi/pulumi";
import { sha256 } from "../../runtime/envelope/sha256.js";
import type { Settings } from "../../settings/settings.js";
import { currentAccountId, denyWithoutTls, policyDocument, type Statement } from "../support/iam.js";

/** Who is told of alarms. */
export type Receivers = Pick<Settings["alarms"], "email" | "https" | "topicArns" | "slack" | "teams">;

interface AlarmTopicArgs extends Pick<Receivers, "email" | "https"> {
  readonly keyArn: pulumi.Input<string>;
  /** Whether the last release named subscriptions by their endpoints, and they must be found again. */
  readonly hasFormerNames: boolean;
  readonly tags: pulumi.Input<Record<string, pulumi.Input<string>>>;
}

/**
 * Of the news of an alarm, that it is on, and that it is over. A new alarm turns from INSUFFICIENT_DATA to OK, and CloudWatch tells of
 * that too: on the first deployment everybody would get as many messages that all is well as there are alarms with an OK action.
 * docs.aws.amazon.com/sns/latest/dg/and-or-logic.html
 */
const onlyTroubleAndItsEnd = JSON.stringify({
  $or: [{ NewStateValue: ["ALARM"] }, { OldStateValue: ["ALARM"] }],
});

/** A topic that this account's alarms alone publish to, and its subscriptions by e-mail and HTTPS. */
export function createAlarmTopic(
  name: string,
  { keyArn, email, https, hasFormerNames, tags }: AlarmTopicArgs,
  child: pulumi.ComponentResourceOptions & { readonly parent: pulumi.Resource },
): Topic {
  const topic = new Topic(name, { kmsMasterKeyId: keyArn, tags }, child);
  new TopicPolicy(
    `${name}-policy`,
    {
      arn: topic.arn,
      policy: policyDocument([
        publishedByAlarms(topic.arn, currentAccountId(child.parent)),
        { ...denyWithoutTls("sns", topic.arn), Action: "sns:Publish" },
      ]),
    },
    child,
  );
  for (const [protocol, endpoints] of Object.entries({ email, https })) {
    for (const endpoint of endpoints) {
      // Names stand in Pulumi's state as plain text, and an endpoint's URL may hold the key to it.
      const start = `${name}-${protocol}`;
      // Without the alias, the subscription of a last release would be made anew.
      const aliases = hasFormerNames ? [{ name: `${start}-${endpoint}` }] : [];
      new TopicSubscription(
        `${start}-${sha256(endpoint).slice(0, 8)}`,
        {
          topic: topic.arn,
          protocol,
          endpoint,
          filterPolicy: onlyTroubleAndItsEnd,
          filterPolicyScope: "MessageBody",
        },
        { ...child, aliases },
      );
    }
  }
  return topic;
}

function publishedByAlarms(topicArn: pulumi.Input<string>, accountId: pulumi.Input<string>): Statement {
  return {
    Sid: "PublishAlarms",
    Principal: { Service: "cloudwatch.amazonaws.com" },
    Action: "sns:Publish",
    Resource: topicArn,
    Condition: { StringEquals: { "aws:SourceAccount": accountId } },
  };
}
