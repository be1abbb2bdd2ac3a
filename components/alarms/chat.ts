import { SlackChannelConfiguration } from "@pulumi/aws/chatbot/slackChannelConfiguration.js";
import { TeamsChannelConfiguration } from "@pulumi/aws/chatbot/teamsChannelConfiguration.js";
import { Role } from "@pulumi/aws/iam/role.js";
import type { Topic } from "@pulumi/aws/sns/topic.js";
import * as pulumi from "@pulumi/pulumi";
import { currentPartition, trustService } from "../support/iam.js";
import type { Receivers } from "./topic.js";

/** A topic and the channels that get its news. */
interface ToldInChannels extends Pick<Receivers, "slack" | "teams"> {
  readonly topic: Topic;
}

/**
 * Lets Amazon Q Developer post alarms in channels of Slack and Teams. Somebody must have let it into the workspace in its console before:
 * docs.aws.amazon.com/chatbot/latest/adminguide/getting-started.html
 *
 * Its role may do nothing, so that nobody in a channel can do anything here. An account has one configuration a channel, so a channel
 * that gets the news of several topics has them in one.
 */
export function createChannels(
  name: string,
  told: readonly ToldInChannels[],
  { tags }: { readonly tags: pulumi.Input<Record<string, pulumi.Input<string>>> },
  child: pulumi.ComponentResourceOptions & { readonly parent: pulumi.Resource },
): void {
  const slack = byChannel(told, "slack", ({ channelId }) => channelId);
  const teams = byChannel(told, "teams", ({ channelId }) => channelId);
  const [first] = told;
  if (first === undefined || slack.length + teams.length === 0) return;

  const role = new Role(
    `${name}-chat-role`,
    {
      description: "What may be done from the channels that get alarms: nothing",
      assumeRolePolicy: trustService("chatbot.amazonaws.com"),
      tags,
    },
    child,
  );
  const common = {
    iamRoleArn: role.arn,
    // What no role of a channel may exceed. Without it AWS takes AdministratorAccess.
    guardrailPolicyArns: [
      pulumi.interpolate`arn:${currentPartition(child.parent)}:iam::aws:policy/CloudWatchReadOnlyAccess`,
    ],
    loggingLevel: "ERROR",
    tags,
  };
  // Pulumi does not name them. The name of a topic is unique in the account and Region.
  const named = (id: string) => pulumi.interpolate`${first.topic.name}-${id}`;
  for (const { channel, topics } of slack) {
    new SlackChannelConfiguration(
      `${name}-slack-${channel.channelId}`,
      {
        ...common,
        configurationName: named(channel.channelId),
        slackTeamId: channel.workspaceId,
        slackChannelId: channel.channelId,
        snsTopicArns: topics.map(({ arn }) => arn),
      },
      child,
    );
  }
  for (const [index, { channel, topics }] of teams.entries()) {
    new TeamsChannelConfiguration(
      `${name}-teams-${channel.teamId}-${index}`,
      {
        ...common,
        configurationName: named(`teams-${index}`),
        teamId: channel.teamId,
        tenantId: channel.tenantId,
        channelId: channel.channelId,
        snsTopicArns: topics.map(({ arn }) => arn),
      },
      child,
    );
  }
}

/** Each channel once, with all topics whose news it gets. */
function byChannel<Kind extends "slack" | "teams">(
  told: readonly ToldInChannels[],
  kind: Kind,
  idOf: (channel: Receivers[Kind][number]) => string,
) {
  const all = told.flatMap((each) =>
    (each[kind] as Receivers[Kind][number][]).map((channel) => ({ channel, topic: each.topic })),
  );
  return [...Map.groupBy(all, ({ channel }) => idOf(channel)).values()].flatMap((same) =>
    same[0] === undefined
      ? []
      : [{ channel: same[0].channel, topics: [...new Set(same.map(({ topic }) => topic))] }],
  );
}
