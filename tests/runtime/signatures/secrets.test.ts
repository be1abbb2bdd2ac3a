import { sign } from "@octokit/webhooks-methods";
import { beforeEach, describe, expect, it } from "vitest";
import github from "../../../providers/github.js";
import { checkSignature, type KeyStores } from "../../../runtime/signatures/check-signature.js";
import { SecretError } from "../../../runtime/signatures/scheme.js";
import { createSecrets, type Secrets, SecretUnavailableError } from "../../../runtime/signatures/secrets.js";
import type { SourceDefinition } from "../../../runtime/stage/definition.js";
import { noSigningKeys } from "../../support/no-signing-keys.js";
import { envelopeOf } from "../../support/sqs-events.js";

let now: number;
let stored: Record<string, string | Error | undefined>;
let fetched: string[];
let warned: object[];
let secrets: Secrets;
let stores: KeyStores;

beforeEach(() => {
  now = 1_767_225_600_000;
  stored = { "webhooks/github": "one" };
  fetched = [];
  warned = [];
  secrets = createSecrets({
    names: { github: "webhooks/github", crm: "webhooks/crm" },
    clock: () => now,
    warn: (message, fields) => warned.push({ message, ...fields }),
    fetchSecret: async (name) => {
      fetched.push(name);
      await Promise.resolve();
      const value = stored[name];
      if (value instanceof Error) throw value;
      return value;
    },
  });
  stores = { secrets, signingKeys: noSigningKeys };
});

describe("createSecrets", () => {
  it("asks once in five minutes", async () => {
    await secrets.of("github");
    now += 299_999;
    stored["webhooks/github"] = "two";
    expect(await secrets.of("github")).toEqual(["one"]);
    expect(fetched).toHaveLength(1);

    now += 1;
    expect(await secrets.of("github")).toEqual(["two"]);
  });

  it("shares one request among those who ask at the same time", async () => {
    const answers = await Promise.all([secrets.of("github"), secrets.of("github"), secrets.of("github")]);
    expect(answers).toEqual([["one"], ["one"], ["one"]]);
    expect(fetched).toHaveLength(1);
  });

  it("asks for one that it never got every ten seconds at most, however many webhooks wait", async () => {
    stored["webhooks/github"] = new Error("throttled");
    for (let webhook = 0; webhook < 50; webhook++) {
      await expect(secrets.of("github")).rejects.toThrow(
        "secret webhooks/github cannot be read: Error: throttled",
      );
    }
    expect(fetched).toHaveLength(1);

    stored["webhooks/github"] = "one";
    now += 10_000;
    expect(await secrets.of("github")).toEqual(["one"]);
    expect(warned).toEqual([]);
  });

  it.each([
    ["plain", ["plain"]],
    ["from a file\n", ["from a file"]],
    ['["old", "new"]', ["old", "new"]],
    ['  ["only"]\n', ["only"]],
    ['{"not":"a list"}', ['{"not":"a list"}']],
  ])("reads %j as %j", async (text, expected) => {
    stored["webhooks/github"] = text;
    expect(await secrets.of("github")).toEqual(expected);
  });

  it.each([undefined, "", " \n"])("says how to set a secret whose value is %j", async (text) => {
    stored["webhooks/github"] = text;
    await expect(secrets.of("github")).rejects.toThrow(SecretUnavailableError);
    await expect(secrets.of("github")).rejects.toThrow(
      "secret webhooks/github has no value: set it with aws secretsmanager put-secret-value --secret-id webhooks/github --secret-string ",
    );
  });

  it.each(["[", "[]", '["a", 1]', '["a", ""]', "[not json]"])(
    "refuses %j, and does not repeat it",
    async (text) => {
      stored["webhooks/github"] = text;
      await expect(secrets.of("github")).rejects.toThrow(/starts with \[ but is not a JSON array of texts/);
    },
  );

  it.each(["unnamed", "constructor"])("says that there is no secret for %s", async (source) => {
    await expect(secrets.of(source)).rejects.toThrow(`no secret is configured for source ${source}`);
  });
});

describe("createSecrets while Secrets Manager does not answer", () => {
  const outage = new Error("connect ETIMEDOUT");
  const goByAWebhookASecond = async (seconds: number) => {
    for (let second = 0; second < seconds; second++) {
      expect(await secrets.of("github")).toEqual(["one"]);
      now += 1_000;
    }
  };

  beforeEach(async () => {
    await secrets.of("github");
    stored["webhooks/github"] = outage;
  });

  it("uses a secret up to an hour old", async () => {
    now += 3_599_999;
    expect(await secrets.of("github")).toEqual(["one"]);
    now += 1;
    await expect(secrets.of("github")).rejects.toThrow(SecretUnavailableError);
  });

  it("asks once a minute, and uses what it gets then", async () => {
    now += 300_000;
    await goByAWebhookASecond(120);
    expect(fetched).toHaveLength(1 + 2);

    stored["webhooks/github"] = "two";
    expect(await secrets.of("github")).toEqual(["two"]);
  });

  it("warns once a minute, and names the source, the secret and its age", async () => {
    now += 299_000;
    await goByAWebhookASecond(62);
    expect(warned).toEqual(
      [300, 360].map((age_seconds) => ({
        message: "an older copy is used, because it cannot be fetched again",
        source: "github",
        secret: "webhooks/github",
        age_seconds,
        error: "SecretUnavailableError: secret webhooks/github cannot be read: Error: connect ETIMEDOUT",
      })),
    );
  });

  it("looks for a newer secret once a minute, whatever is forged", async () => {
    const used = await secrets.of("github");
    for (let forged = 0; forged < 60; forged++) {
      await expect(secrets.newerThan("github", used)).rejects.toThrow(SecretUnavailableError);
      now += 1_000;
    }
    expect(fetched).toHaveLength(1 + 1);
    await expect(secrets.newerThan("github", used)).rejects.toThrow(SecretUnavailableError);
    expect(fetched).toHaveLength(1 + 2);
  });

  it("asks once a minute for both reasons together", async () => {
    now += 300_000;
    for (let second = 0; second < 180; second++) {
      const used = await secrets.of("github");
      await expect(secrets.newerThan("github", used)).rejects.toThrow(SecretUnavailableError);
      now += 1_000;
    }
    expect(fetched).toHaveLength(1 + 3);
  });

  it.each([undefined, "", "[not json]"])(
    "does not take %j for an outage: what is stored counts",
    async (text) => {
      stored["webhooks/github"] = text;
      now += 300_000;
      await expect(secrets.of("github")).rejects.toThrow(SecretUnavailableError);
      now += 9_999;
      await expect(secrets.of("github")).rejects.toThrow(/put-secret-value/);
      expect(fetched).toHaveLength(1 + 1);

      stored["webhooks/github"] = "two";
      now += 1;
      expect(await secrets.of("github")).toEqual(["two"]);
    },
  );
});

describe("checkSignature", () => {
  const { signature, eventId } = github;
  const source: SourceDefinition = { name: "github", signature, eventId };
  const signedWith = async (secret: string) => {
    const envelope = envelopeOf();
    const signature = await sign(secret, envelope.body.toString());
    return envelopeOf({ headers: [["x-hub-signature-256", signature]] });
  };

  it("believes a webhook signed with a secret that was stored a moment ago", async () => {
    await secrets.of("github");
    stored["webhooks/github"] = '["one","two"]';

    expect(await checkSignature(source, await signedWith("two"), stores)).toEqual({ verified: true });
    expect(fetched).toHaveLength(2);
  });

  it("looks for a newer secret at most once a minute", async () => {
    for (let forged = 0; forged < 20; forged++) {
      expect(await checkSignature(source, await signedWith("forged"), stores)).toMatchObject({
        verified: false,
      });
      now += 2_000;
    }
    expect(fetched).toHaveLength(2);

    now += 60_000;
    await checkSignature(source, await signedWith("forged"), stores);
    expect(fetched).toHaveLength(3);
  });

  it("shares the refresh among all that failed at the same time", async () => {
    await secrets.of("github");
    stored["webhooks/github"] = "two";
    const envelope = await signedWith("two");
    const verified = await Promise.all(
      Array.from({ length: 5 }, () => checkSignature(source, envelope, stores)),
    );

    expect(verified).toEqual(Array(5).fill({ verified: true }));
    expect(fetched).toHaveLength(2);
  });

  it("lets one that read the secrets before a refresh use what the refresh brought", async () => {
    const before = await secrets.of("github");
    stored["webhooks/github"] = "two";
    await secrets.newerThan("github", before);

    expect(await secrets.newerThan("github", before)).toEqual(["two"]);
    expect(fetched).toHaveLength(2);
  });

  it("does not fetch for what no secret could mend", async () => {
    await checkSignature(source, envelopeOf({ headers: [] }), stores);
    expect(fetched).toEqual([]);
  });

  it("takes a secret that was stored in the wrong form and has been fixed at once", async () => {
    stored["webhooks/github"] = '{"secret":"two"}';
    const envelope = await signedWith("two");
    await expect(checkSignature(source, envelope, stores)).rejects.toThrow(SecretError);

    stored["webhooks/github"] = "two";
    now += 60_000;
    expect(await checkSignature(source, envelope, stores)).toEqual({ verified: true });
  });

  it("believes a webhook while Secrets Manager does not answer", async () => {
    await secrets.of("github");
    stored["webhooks/github"] = new Error("down");
    now += 1_800_000;
    expect(await checkSignature(source, await signedWith("one"), stores)).toEqual({ verified: true });
  });

  it("cannot tell while the refresh fails, and tries again a minute later", async () => {
    await secrets.of("github");
    stored["webhooks/github"] = new Error("down");
    const envelope = await signedWith("two");
    await expect(checkSignature(source, envelope, stores)).rejects.toThrow(SecretUnavailableError);

    stored["webhooks/github"] = "two";
    now += 59_999;
    await expect(checkSignature(source, envelope, stores)).rejects.toThrow(SecretUnavailableError);
    now += 1;
    expect(await checkSignature(source, envelope, stores)).toEqual({ verified: true });
  });

  it("needs no secret for a source that signs nothing", async () => {
    const unsigned: SourceDefinition = { name: "open", signature: { kind: "none" }, eventId: [] };
    expect(await checkSignature(unsigned, envelopeOf(), stores)).toEqual({ verified: true });
    expect(fetched).toEqual([]);
  });
});
