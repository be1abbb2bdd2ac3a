import { beforeEach, describe, expect, it } from "vitest";
import { SecretsManager } from "../../services/secrets-manager.js";
import { graphOf, resource } from "../support/graphs.js";

const secret = resource("aws:secretsmanager/secret:Secret", "github");
const tokenOf = (digit: number) => `00000000-0000-4000-8000-${String(digit).padStart(12, "0")}`;

let secrets: SecretsManager;
let puts = 0;

beforeEach(() => {
  secrets = new SecretsManager(graphOf([secret]));
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
