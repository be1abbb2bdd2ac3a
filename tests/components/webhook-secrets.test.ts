import { describe, expect, it } from "vitest";
import { WebhookSecrets } from "../../components/webhook-secrets.js";
import { registered, untagged } from "../support/registered.js";

const secretType = "aws:secretsmanager/secret:Secret";

describe("WebhookSecrets", () => {
  it("makes a place for each secret and gives none a value", async () => {
    const { all, resources } = await registered(
      () => new WebhookSecrets("events", { names: ["github", "crm"], tags: {} }),
    );

    expect(all(secretType).map(({ name }) => name)).toEqual(["events-github-secret", "events-crm-secret"]);
    expect(resources.filter(({ type }) => /secretVersion/i.test(type))).toEqual([]);
  });

  it("encrypts them with the key it is given", async () => {
    const { one } = await registered(
      () => new WebhookSecrets("events", { names: ["a"], keyArn: "arn:key", tags: {} }),
    );

    expect(one(secretType).inputs.kmsKeyId).toBe("arn:key");
  });

  it("tells what AWS calls them", async () => {
    const { outputs, one } = await registered(() => {
      const { secretNames } = new WebhookSecrets("events", { names: ["a", "b"], tags: {} });
      return { secretNames };
    });

    expect(outputs.secretNames).toEqual({
      a: one(secretType, "events-a-secret").state.name,
      b: one(secretType, "events-b-secret").state.name,
    });
  });

  it("are protected, except for those that are given up", async () => {
    const { all } = await registered(
      () =>
        new WebhookSecrets("events", { names: ["a", "b"], formerNames: ["b"], tags: {} }, { protect: true }),
    );

    expect(all(secretType).map(({ name, protect }) => [name, protect])).toEqual([
      ["events-a-secret", true],
      ["events-b-secret", false],
    ]);
  });

  it("tags every secret and parents it to itself", async () => {
    const tags = { team: "payments" };
    const { resources, one } = await registered(() => new WebhookSecrets("events", { names: ["a"], tags }));

    expect(untagged(resources, tags)).toEqual([]);
    expect(one(secretType).parent).toBe(one("webhooks:index:WebhookSecrets").urn);
  });
});
