import {
  GetTopicAttributesCommand,
  ListSubscriptionsByTopicCommand,
  ListSubscriptionsCommand,
  ListTopicsCommand,
  SubscribeCommand,
} from "@aws-sdk/client-sns";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startTestCloud, type TestCloud } from "../support/cloud.js";
import { arnOf, policyOf, resource } from "../support/graphs.js";

const topics = Array.from({ length: 101 }, (_, index) =>
  resource("aws:sns/topic:Topic", `topic-${index}`, index === 0 ? { displayName: "Pages & <notes>" } : {}),
);
const [pages = resource("", "")] = topics;
const mail = resource("aws:sns/topicSubscription:TopicSubscription", "mail", {
  topic: arnOf(pages),
  protocol: "email",
  endpoint: "ops@example.com",
});

let test: TestCloud;
beforeAll(async () => {
  test = await startTestCloud(() => [...topics, mail]);
});
afterAll(() => test.close());

describe("topics", () => {
  it("are listed, a hundred at a time", async () => {
    const { sns } = test.clients();
    const first = await sns.send(new ListTopicsCommand({}));
    expect(first.Topics).toHaveLength(100);
    expect(first.Topics?.[0]).toEqual({ TopicArn: arnOf(pages) });
    const second = await sns.send(new ListTopicsCommand({ NextToken: first.NextToken }));
    expect(second.Topics).toEqual([{ TopicArn: arnOf(topics[100] ?? pages) }]);
    expect(second.NextToken).toBeUndefined();
    await expect(sns.send(new ListTopicsCommand({ NextToken: "x" }))).rejects.toMatchObject({
      name: "InvalidParameterException",
    });
  });

  it("tell their name and how many subscribe", async () => {
    const { sns } = test.clients();
    const { Attributes } = await sns.send(new GetTopicAttributesCommand({ TopicArn: arnOf(pages) }));
    expect(Attributes).toMatchObject({
      TopicArn: arnOf(pages),
      Owner: "000000000000",
      DisplayName: "Pages & <notes>",
      SubscriptionsConfirmed: "1",
    });
    const missing = new GetTopicAttributesCommand({ TopicArn: `${arnOf(pages)}-2` });
    await expect(sns.send(missing)).rejects.toMatchObject({ name: "NotFoundException" });
  });

  it("are listed for whom a policy lets list them on *, not on one topic", async () => {
    const as = (name: string, Resource: string) =>
      test.clients(
        test.keys.issue(
          test.cloud.authoriser.addUser(name, policyOf({ Action: "sns:ListTopics", Resource })),
        ),
      ).sns;
    await as("all", "*").send(new ListTopicsCommand({}));
    await expect(as("one", arnOf(pages)).send(new ListTopicsCommand({}))).rejects.toMatchObject({
      name: "AuthorizationErrorException",
    });
  });
});

describe("subscriptions", () => {
  it("are listed, of all topics and of one", async () => {
    const { sns } = test.clients();
    const expected = [
      {
        SubscriptionArn: arnOf(mail),
        Owner: "000000000000",
        Protocol: "email",
        Endpoint: "ops@example.com",
        TopicArn: arnOf(pages),
      },
    ];
    expect(arnOf(mail)).toMatch(/:topic-0:[0-9a-f-]{36}$/);
    expect((await sns.send(new ListSubscriptionsCommand({}))).Subscriptions).toEqual(expected);
    const of = async (topic: string) =>
      (await sns.send(new ListSubscriptionsByTopicCommand({ TopicArn: topic }))).Subscriptions ?? [];
    expect(await of(arnOf(pages))).toEqual(expected);
    expect(await of(arnOf(topics[1] ?? pages))).toEqual([]);
  });
});

it("refuses by its name what SNS does and this machine does not", async () => {
  const subscribe = new SubscribeCommand({ TopicArn: arnOf(pages), Protocol: "email", Endpoint: "a@b.c" });
  await expect(test.clients().sns.send(subscribe)).rejects.toMatchObject({
    message: "SNS on this machine has no Subscribe",
    $metadata: { httpStatusCode: 501 },
  });
});

describe("STS", () => {
  const ask = async (service: string, body: string, key = "LOCALOPERATOR") => {
    const authorization = `AWS4-HMAC-SHA256 Credential=${key}/20260101/us-east-1/${service}/aws4_request, Signature=x`;
    const answer = await fetch(test.origin, { method: "POST", headers: { authorization }, body });
    return { status: answer.status, text: await answer.text() };
  };

  it("tells everybody who they are", async () => {
    const asked = "Action=GetCallerIdentity&Version=2011-06-15";
    expect((await ask("sts", asked)).text).toContain("<Arn>arn:aws:iam::000000000000:user/operator</Arn>");
    const nobody = test.cloud.authoriser.addUser("ann", policyOf({ Action: "sqs:*", Resource: "*" }));
    const { accessKeyId } = test.keys.issue(nobody);
    expect((await ask("sts", asked, accessKeyId)).text).toContain("<UserId>ann</UserId>");
  });

  it("has nothing else", async () => {
    const refused = await ask("sts", "Action=AssumeRole&Version=2011-06-15");
    expect(refused.status).toBe(501);
    expect(refused.text).toContain("STS on this machine has no AssumeRole");
  });
});
