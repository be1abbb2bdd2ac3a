import { GetSecretValueCommand, SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import { describe, expect, it } from "vitest";
import { startOperated } from "../support/ops.js";

const stage = await startOperated({
  stack: "dev",
  overrides: {
    "webhook-pipeline:sources": [
      ...["github", "stripe", "adyen", "postmark", "sendgrid"].map((scheme) => ({
        name: scheme,
        signature: { scheme },
      })),
      { name: "open", signature: { scheme: "none" }, eventId: ["body"] },
    ],
  },
});

/** What Secrets Manager has. */
async function stored(source: string): Promise<string> {
  const { endpoint, region, key } = stage.aws;
  const client = new SecretsManagerClient({ endpoint, region, credentials: key });
  const names = stage.graph.outputs.secretNames as Record<string, string>;
  const { SecretString = "" } = await client.send(new GetSecretValueCommand({ SecretId: names[source] }));
  return SecretString;
}

const set = (source: string, stdin: string, ...flags: string[]) =>
  stage.ops(["secret", "set", source, "--yes", ...flags], { stdin });

describe("secret set", () => {
  it("stores what standard input says, without the line break at its end, and never shows it", async () => {
    const { code, data, told } = await set("github", "it's a secret\n");
    expect({ code, data }).toEqual({
      code: 0,
      data: expect.stringMatching(/^github: 1 active, newest [0-9a-f]{6}\n$/),
    });
    expect(await stored("github")).toBe("it's a secret");
    expect(data + told).not.toContain("it's a secret");
  });

  it("names stage, account and Region before it writes", async () => {
    const { told } = await set("github", "another");
    expect(told).toMatch(/^stage test \(account \d{12}, Region eu-west-1\): secret of github/);
  });

  it.each([
    ["github", "", /the secret is empty/],
    ["github", " \n", /the secret is empty/],
    ["github", '{"secret":"abc"}', /is JSON with keys.*look where the sender shows it/s],
    ["github", '["abc", 5]', /not a JSON array of texts/],
    ["adyen", "not hexadecimal", /is not hexadecimal/],
    ["postmark", "no colon", /is not user:password/],
    ["sendgrid", "abc", /the public key cannot be read/],
  ])("refuses for %s the text %j, and keeps what is stored", async (source, text, problem) => {
    const before = await stored(source);
    const { code, data, told } = await set(source, text);
    expect({ code, data }).toEqual({ code: 4, data: "" });
    expect(told).toMatch(problem);
    expect(await stored(source)).toBe(before);
  });

  it("keeps what is stored valid for a rotation, until it is retired", async () => {
    await set("stripe", "whsec_first");
    const { data, told } = await set("stripe", "whsec_second", "--keep-previous");
    expect(data).toMatch(/^stripe: 2 active/);
    expect(told).toContain("secret retire stripe");
    expect(JSON.parse(await stored("stripe"))).toEqual(["whsec_second", "whsec_first"]);

    expect(await stage.ops(["secret", "retire", "stripe", "--yes"])).toMatchObject({ code: 0 });
    expect(await stored("stripe")).toBe("whsec_second");
    expect(await stage.ops(["secret", "retire", "stripe", "--yes"])).toMatchObject({
      code: 3,
      told: expect.stringContaining("there is no previous secret of stripe"),
    });
  });

  it("asks before it replaces a secret, and does nothing where nobody can be asked", async () => {
    await set("stripe", "whsec_in_use");
    const { code, told } = await stage.ops(["secret", "set", "stripe"], { stdin: "whsec_other" });
    expect(code).toBe(4);
    expect(told).toContain("add --yes");
    expect(await stored("stripe")).toBe("whsec_in_use");
  });

  it("stores a secret that begins like a list so that it is read as it is", async () => {
    await set("github", '["[not a list"]');
    expect(JSON.parse(await stored("github"))).toEqual(["[not a list"]);
  });

  it("changes nothing for the secret that is stored already", async () => {
    await set("github", "the same");
    expect((await set("github", "the same")).told).toContain("nothing was changed");
  });

  it.each([
    ["github", /^[0-9a-f]{64}$/],
    ["postmark", /^webhooks:[0-9a-f]{64}$/],
  ])("makes a secret for %s, stores it and writes it once", async (source, form) => {
    const { code, data, told } = await stage.ops(["secret", "set", source, "--generate", "--yes"]);
    const made = data.trimEnd();
    expect({ code, made }).toEqual({ code: 0, made: expect.stringMatching(form) });
    expect(await stored(source)).toBe(made);
    expect(told).not.toContain(made);
  });

  it.each([
    ["stripe", /Stripe makes the secret.*whsec_/s],
    ["sendgrid", /makes the secret/],
  ])("makes no secret for %s, whose sender does", async (source, words) => {
    const before = await stored(source);
    const { code, told } = await stage.ops(["secret", "set", source, "--generate", "--yes"]);
    expect(code).toBe(4);
    expect(told).toMatch(words);
    expect(await stored(source)).toBe(before);
  });

  it.each([
    ["nobody", /there is no source "nobody" with a secret: there are github, stripe/],
    ["open", /source "open" needs no secret/],
  ])("says of %s that it has none", async (source, words) => {
    const { code, told } = await set(source, "abc");
    expect(code).toBe(2);
    expect(told).toMatch(words);
  });
});

describe("secret list", () => {
  it("tells how many are active, how old they are and which, but shows none", async () => {
    await set("github", "first");
    const { data: written } = await set("github", "second", "--keep-previous");
    const { code, data } = await stage.ops(["secret", "list", "--json"]);
    expect(code).toBe(0);
    const [github] = JSON.parse(data) as { fingerprints: string[] }[];
    expect(github).toMatchObject({ source: "github", active: 2, ageSeconds: expect.any(Number) });
    expect(github?.fingerprints).toHaveLength(2);
    expect(written).toContain(github?.fingerprints[0]);
    expect(data).not.toMatch(/first|second/);
  });

  it("names what functions cannot use", async () => {
    stage.secrets.set("adyen", "not hexadecimal");
    const { data } = await stage.ops(["secret", "list"]);
    expect(data).toMatch(/^adyen .*cannot be used: a stored secret is not hexadecimal/m);
  });
});
