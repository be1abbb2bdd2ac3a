import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { copyOfRepository, EngineStack, noEngine, type Settings } from "../support/engine/stack.js";

/** All REST APIs of an account and Region write their access logs by one role, which the account has once. */

const settings: Settings = {
  sources: [{ name: "github", signature: { scheme: "github" } }],
  protect: false,
};

const region = "eu-north-1";

describe.skipIf(noEngine)("two stages of one account", () => {
  const names = ["one", "other"] as const;
  let stages: EngineStack[] = [];
  const stage = (name: (typeof names)[number]): EngineStack => {
    const found = stages.find((made) => made.name === name);
    if (found === undefined) throw new Error("the stage has not come up");
    return found;
  };
  const drift = async (name: (typeof names)[number]) =>
    (await stage(name).drift(settings)).filter((resource) => /logging/.test(resource));

  beforeAll(async () => {
    stages = await Promise.all(
      names.map(async (name) => {
        // No other test has stages in this Region.
        const made = new EngineStack(copyOfRepository(), name, region);
        await made.init();
        expect((await made.up(settings)).problems).toEqual([]);
        return made;
      }),
    );
  });
  afterAll(() => {
    for (const made of stages) made.remove();
  });

  it("each have a role for access logs, of which the account uses one", async () => {
    const roles = await Promise.all(names.map(loggingRoleOf));

    expect(new Set(roles)).toHaveLength(2);
    expect(roles).toContain(await roleOfTheAccount());
  });

  it.each(names)("do not take each other's role for drift: %s", async (name) => {
    expect(await drift(name)).toEqual([]);
    expect(await stage(name).preview(settings)).toMatchObject({ steps: [], problems: [] });
  });

  it("leave the account the role that it uses, whichever is taken down", async () => {
    const role = await roleOfTheAccount();

    expect((await stage("other").destroy(settings)).problems).toEqual([]);
    expect(await roleOfTheAccount()).toBe(role);
    expect(await exists(role)).toBe(true);
    expect(await drift("one")).toEqual([]);

    expect((await stage("one").destroy(settings)).problems).toEqual([]);
    expect(await roleOfTheAccount()).toBe(role);
    expect(await exists(role)).toBe(true);
  });

  async function loggingRoleOf(name: (typeof names)[number]): Promise<unknown> {
    const resources = await stage(name).resources();
    return resources.find(({ urn }) => urn.endsWith("::webhooks-api-logging-role"))?.outputs?.arn;
  }
});

/** ARN of the role by which API Gateway writes all access logs. */
async function roleOfTheAccount(): Promise<string> {
  return JSON.parse(await emulatedAws("apigateway", "/account")).cloudwatchRoleArn;
}

async function exists(roleArn: string): Promise<boolean> {
  const name = roleArn.split("/").at(-1);
  const answer = await emulatedAws("iam", `/?Action=GetRole&Version=2010-05-08&RoleName=${name}`);
  return answer.includes(`<Arn>${roleArn}</Arn>`);
}

/** Asks the emulated AWS, which does not check signatures. */
async function emulatedAws(service: string, path: string): Promise<string> {
  const scope = `testing/20260101/${region}/${service}/aws4_request`;
  const response = await fetch(`${process.env.AWS_ENDPOINT_URL}${path}`, {
    headers: { authorization: `AWS4-HMAC-SHA256 Credential=${scope}, SignedHeaders=host, Signature=0` },
  });
  const answer = await response.text();
  if (!response.ok) throw new Error(answer);
  return answer;
}
