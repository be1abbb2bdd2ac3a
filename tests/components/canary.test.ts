import { describe, expect, it } from "vitest";
import { Canary, type CanaryArgs } from "../../components/canary.js";
import { allowedBy, policyIn, registered, untagged } from "../support/registered.js";

function canary(args: Partial<CanaryArgs> = {}): Canary {
  return new Canary("hooks", {
    endpoint: "https://hooks.example.com/webhooks/canary",
    header: "x-canary-token",
    everyMinutes: 5,
    tags: {},
    ...args,
  });
}

const type = (name: string) => `aws:cloudwatch/event${name}:Event${name}`;

describe("Canary", () => {
  it("posts to the public address as often as it is told", async () => {
    const { one } = await registered(() => canary());

    expect(one(type("Rule")).inputs.scheduleExpression).toBe("rate(5 minutes)");
    expect(one(type("ApiDestination")).inputs).toMatchObject({
      invocationEndpoint: "https://hooks.example.com/webhooks/canary",
      httpMethod: "POST",
      connectionArn: one(type("Connection")).state.arn,
    });
    expect(one(type("Target")).inputs).toMatchObject({
      rule: one(type("Rule")).state.name,
      arn: one(type("ApiDestination")).state.arn,
    });
  });

  it("writes a single minute as EventBridge wants it", async () => {
    const { one } = await registered(() => canary({ everyMinutes: 1 }));

    expect(one(type("Rule")).inputs.scheduleExpression).toBe("rate(1 minute)");
  });

  it("tries a webhook once, so that a later try does not hide a fault", async () => {
    const { one } = await registered(() => canary());

    expect(one(type("Target")).inputs.retryPolicy).toEqual({
      maximumEventAgeInSeconds: 60,
      maximumRetryAttempts: 0,
    });
  });

  it("leaves the token to an operator, in the header that the source looks at", async () => {
    const { one } = await registered(() => canary());

    expect(one(type("Connection")).inputs).toMatchObject({
      authorizationType: "API_KEY",
      authParameters: { apiKey: { key: "x-canary-token", value: "not-stored-yet" } },
    });
  });

  it("lets EventBridge call this one destination, and nothing else", async () => {
    const { one } = await registered(() => canary());

    expect(allowedBy(policyIn(one("aws:iam/rolePolicy:RolePolicy")))).toEqual([
      `events:InvokeApiDestination on ${one(type("ApiDestination")).state.arn}`,
    ]);
  });

  it("tags every part that can have tags", async () => {
    const { resources } = await registered(() => canary({ tags: { team: "payments" } }));

    expect(untagged(resources, { team: "payments" })).toEqual([]);
  });
});
