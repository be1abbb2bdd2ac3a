import { beforeEach, describe, expect, it } from "vitest";
import { SecretsManager } from "../../services/secrets-manager.js";
import { graphOf, resource } from "../support/graphs.js";

const secret = resource("aws:secretsmanager/secret:Secret", "github", {
  description: "Webhook secret: github",
  tags: { stage: "dev" },
});
const others = ["stripe", "shopify"].map((name) =>
  resource("aws:secretsmanager/secret:Secret", name, { description: `The secret of ${name}` }),
);
const tokenOf = (digit: number) => `00000000-0000-4000-8000-${String(digit).padStart(12, "0")}`;

let secrets: SecretsManager;
let puts = 0;

beforeEach(() => {
  secrets = new SecretsManager(graphOf([secret, ...others]));
});

const put = (input: Record<string, unknown>) =>
  secrets.handle("PutSecretValue", {
    SecretId: "github",
    ClientRequestToken: tokenOf(++puts),
    ...input,
  }) as { VersionId: string; VersionStages: string[] };
const get = (input: Record<string, unknown> = {}) =>
  secrets.handle("GetSecretValue", { SecretId: "github", ...input }) as {
    SecretString: string;
    VersionStages: string[];
  };
const stages = () =>
  Object.values(
    (
      secrets.handle("DescribeSecret", { SecretId: "github" }) as {
        VersionIdsToStages: Record<string, string[]>;
      }
    ).VersionIdsToStages,
  );
const code = (expected: string) => expect.objectContaining({ code: expected });

describe("PutSecretValue", () => {
  it.each<[string, Record<string, unknown>, string]>([
    ["no token, which the SDKs make up", { ClientRequestToken: undefined }, "InvalidRequestException"],
    ["a token of 31 characters", { ClientRequestToken: "t".repeat(31) }, "ValidationException"],
    ["a token of 65 characters", { ClientRequestToken: "t".repeat(65) }, "ValidationException"],
    ["no value", { SecretString: undefined }, "InvalidParameterException"],
    ["two values", { SecretBinary: "AA==" }, "InvalidParameterException"],
    ["an empty value", { SecretString: "" }, "ValidationException"],
    ["more than 64 KB", { SecretString: "é".repeat(32_769) }, "ValidationException"],
    ["no staging labels", { VersionStages: [] }, "ValidationException"],
    ["21 staging labels", { VersionStages: Array.from({ length: 21 }, String) }, "ValidationException"],
    ["no secret's name", { SecretId: undefined }, "ValidationException"],
    ["a secret that is not there", { SecretId: "nobody" }, "ResourceNotFoundException"],
  ])("refuses %s", (_, input, expected) => {
    expect(() => put({ SecretString: "x", ...input })).toThrow(code(expected));
    expect(() => get()).toThrow(code("ResourceNotFoundException"));
  });

  it("does nothing the second time with the same token, and refuses another value with it, however old the token is", () => {
    const ClientRequestToken = tokenOf(999);
    put({ ClientRequestToken, SecretString: "one" });
    put({ SecretString: "two" });
    put({ SecretString: "three" });
    expect(put({ ClientRequestToken, SecretString: "one" })).toMatchObject({ VersionStages: [] });
    expect(() => put({ ClientRequestToken, SecretString: "other" })).toThrow(code("ResourceExistsException"));
    expect(() => put({ ClientRequestToken, SecretBinary: "AA==" })).toThrow(code("ResourceExistsException"));
    expect(get()).toMatchObject({ SecretString: "three" });
  });

  it("moves the labels: the current version becomes the previous one, and the program's own label moves no other", () => {
    expect(put({ SecretString: "one", VersionStages: ["MINE"] }).VersionStages).toEqual([
      "MINE",
      "AWSCURRENT",
    ]);
    put({ SecretString: "two", VersionStages: ["AWSPENDING"] });
    expect(get()).toMatchObject({ SecretString: "one" });
    put({ SecretString: "three" });
    put({ SecretString: "four", VersionStages: ["AWSCURRENT", "AWSPENDING"] });
    expect(stages()).toEqual([["AWSCURRENT", "AWSPENDING"], ["AWSPREVIOUS"], ["MINE"]]);
  });

  it("keeps the newest 100 versions", () => {
    const first = put({ SecretString: "0" });
    for (let count = 1; count < 100; count++) put({ SecretString: String(count) });
    expect(get({ VersionId: first.VersionId })).toMatchObject({ SecretString: "0" });
    put({ SecretString: "100" });
    expect(() => get({ VersionId: first.VersionId })).toThrow(code("ResourceNotFoundException"));
  });
});

describe("ListSecrets", () => {
  const list = (input: Record<string, unknown> = {}) =>
    secrets.handle("ListSecrets", input) as { SecretList: Record<string, unknown>[]; NextToken?: string };
  const names = (input?: Record<string, unknown>) => list(input).SecretList.map(({ Name }) => Name);
  const filter = (Key: string, ...Values: string[]) => ({
    Filters: [{ Key, Values }],
    SortBy: "name",
    SortOrder: "asc",
  });

  it("tells of each secret what DescribeSecret does, and never its value", () => {
    const { VersionId } = put({ SecretString: "hidden" });
    const [found] = list(filter("name", "github")).SecretList;
    expect(found).toEqual({
      ARN: "arn:aws:secretsmanager:us-east-1:000000000000:secret:github-AbCdEf",
      Name: "github",
      Description: "Webhook secret: github",
      KmsKeyId: undefined,
      CreatedDate: expect.any(Number),
      LastChangedDate: expect.any(Number),
      Tags: [{ Key: "stage", Value: "dev" }],
      SecretVersionsToStages: { [VersionId]: ["AWSCURRENT"] },
    });
    expect(JSON.stringify(list())).not.toContain("hidden");
  });

  it.each<[string, Record<string, unknown>, string[]]>([
    ["everything", { SortBy: "name", SortOrder: "asc" }, ["github", "shopify", "stripe"]],
    ["from the end", { SortBy: "name" }, ["stripe", "shopify", "github"]],
    ["the beginning of names", filter("name", "s"), ["shopify", "stripe"]],
    ["either of two names", filter("name", "git", "str"), ["github", "stripe"]],
    ["names that begin otherwise", filter("name", "!s"), ["github"]],
    ["words of a description, in any case", filter("description", "WEBHOOK"), ["github"]],
    ["a tag's key", filter("tag-key", "stage"), ["github"]],
    ["a tag's value", filter("tag-value", "prod"), []],
    ["anything", filter("all", "shopify"), ["shopify"]],
  ])("finds %s", (_, input, expected) => {
    expect(names(input)).toEqual(expected);
  });

  it("goes through them page by page", () => {
    const input = { MaxResults: 2, SortBy: "name", SortOrder: "asc" };
    const { NextToken } = list(input);
    expect(names({ ...input, NextToken })).toEqual(["stripe"]);
    expect(() => list({ NextToken: "x" })).toThrow(code("InvalidNextTokenException"));
  });

  it.each<[string, Record<string, unknown>]>([
    ["a filter of AWS's that this machine does not know", filter("primary-region", "eu-west-1")],
    ["a member that AWS does not have", { Filter: [] }],
    ["more than a hundred", { MaxResults: 101 }],
  ])("refuses %s", (_, input) => {
    expect(() => list(input)).toThrow(code("ValidationException"));
  });
});

describe("UpdateSecretVersionStage", () => {
  const move = (input: Record<string, unknown>) =>
    secrets.handle("UpdateSecretVersionStage", { SecretId: "github", ...input });

  it("goes back to the version before, which then is the current one", () => {
    const one = put({ SecretString: "one" }).VersionId;
    const two = put({ SecretString: "two" }).VersionId;
    move({ VersionStage: "AWSCURRENT", MoveToVersionId: one, RemoveFromVersionId: two });
    expect(get()).toMatchObject({ SecretString: "one", VersionStages: ["AWSCURRENT"] });
    expect(get({ VersionStage: "AWSPREVIOUS" })).toMatchObject({ SecretString: "two" });
  });

  it("puts a label of the caller's own on a version, moves it and takes it off", () => {
    const one = put({ SecretString: "one" }).VersionId;
    const two = put({ SecretString: "two" }).VersionId;
    move({ VersionStage: "RETIRING", MoveToVersionId: one });
    expect(get({ VersionStage: "RETIRING" })).toMatchObject({ SecretString: "one" });
    move({ VersionStage: "RETIRING", MoveToVersionId: two, RemoveFromVersionId: one });
    expect(get({ VersionStage: "RETIRING" })).toMatchObject({ SecretString: "two" });
    move({ VersionStage: "RETIRING", RemoveFromVersionId: two });
    expect(() => get({ VersionStage: "RETIRING" })).toThrow(code("ResourceNotFoundException"));
    expect(get()).toMatchObject({ SecretString: "two" });
  });

  it("refuses to take a label from a version that is not named, or that has it not, and AWSCURRENT from all", () => {
    const one = put({ SecretString: "one" }).VersionId;
    const two = put({ SecretString: "two" }).VersionId;
    for (const input of [
      { VersionStage: "AWSCURRENT", MoveToVersionId: one },
      { VersionStage: "AWSCURRENT", MoveToVersionId: one, RemoveFromVersionId: one },
      { VersionStage: "AWSCURRENT", RemoveFromVersionId: two },
      { VersionStage: "MINE" },
    ]) {
      expect(() => move(input)).toThrow(code("InvalidParameterException"));
    }
    expect(() => move({ VersionStage: "MINE", MoveToVersionId: tokenOf(0) })).toThrow(
      code("ResourceNotFoundException"),
    );
    expect(get()).toMatchObject({ SecretString: "two" });
  });
});

describe("ListSecretVersionIds", () => {
  const ids = (input: Record<string, unknown> = {}) =>
    (
      secrets.handle("ListSecretVersionIds", { SecretId: "github", ...input }) as {
        Versions: { VersionId: string; VersionStages?: string[] }[];
      }
    ).Versions;

  it("lists the versions that have a label, and the others where they are asked for", () => {
    const [one, two, three] = ["one", "two", "three"].map((SecretString) => put({ SecretString }).VersionId);
    expect(ids()).toMatchObject([
      { VersionId: three, VersionStages: ["AWSCURRENT"] },
      { VersionId: two, VersionStages: ["AWSPREVIOUS"] },
    ]);
    expect(ids({ IncludeDeprecated: true }).map(({ VersionId }) => VersionId)).toEqual([three, two, one]);
  });
});

describe("GetRandomPassword", () => {
  const password = (input: Record<string, unknown> = {}) =>
    (secrets.handle("GetRandomPassword", input) as { RandomPassword: string }).RandomPassword;

  it("has each kind of character, and another value each time", () => {
    const one = password();
    expect(one).toHaveLength(32);
    for (const kind of [/[a-z]/, /[A-Z]/, /[0-9]/, /[^a-zA-Z0-9]/]) expect(one).toMatch(kind);
    expect(password()).not.toBe(one);
  });

  it("keeps to what is excluded", () => {
    const only = password({
      PasswordLength: 200,
      ExcludePunctuation: true,
      ExcludeNumbers: true,
      ExcludeUppercase: true,
      ExcludeCharacters: "aeiou",
    });
    expect(only).toMatch(/^[b-df-hj-np-tv-z]{200}$/);
  });

  it("refuses rules that nothing can follow", () => {
    const none = {
      ExcludePunctuation: true,
      ExcludeNumbers: true,
      ExcludeUppercase: true,
      ExcludeLowercase: true,
    };
    for (const input of [none, { PasswordLength: 3 }]) {
      expect(() => password(input)).toThrow(code("InvalidParameterException"));
    }
  });
});

describe("GetSecretValue", () => {
  it.each<[string, Record<string, unknown>, string]>([
    ["a label that no version has", { VersionStage: "MINE" }, "ResourceNotFoundException"],
    ["a version that is not there", { VersionId: tokenOf(0) }, "ResourceNotFoundException"],
    ["a version id that cannot be one", { VersionId: "1" }, "ValidationException"],
    ["an empty label", { VersionStage: "" }, "ValidationException"],
  ])("refuses %s", (_, input, expected) => {
    put({ SecretString: "x" });
    expect(() => get(input)).toThrow(code(expected));
  });

  it("refuses a version under a label that another one has", () => {
    const { VersionId } = put({ SecretString: "one" });
    put({ SecretString: "two" });
    expect(get({ VersionId, VersionStage: "AWSPREVIOUS" })).toMatchObject({ SecretString: "one" });
    expect(() => get({ VersionId, VersionStage: "AWSCURRENT" })).toThrow(code("InvalidRequestException"));
  });
});
