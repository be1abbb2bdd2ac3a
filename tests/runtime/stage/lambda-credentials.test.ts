import { afterEach, describe, expect, it, vi } from "vitest";
import { defaultProvider } from "../../../runtime/stage/lambda-credentials.js";

describe("the credentials of the function", () => {
  afterEach(() => vi.unstubAllEnvs());

  it("are those that Lambda puts into the environment, at the time they are asked for", async () => {
    const credentials = defaultProvider({});
    vi.stubEnv("AWS_ACCESS_KEY_ID", "ASIAEXAMPLE");
    vi.stubEnv("AWS_SECRET_ACCESS_KEY", "secret");
    vi.stubEnv("AWS_SESSION_TOKEN", "token");

    expect(await credentials()).toEqual({
      accessKeyId: "ASIAEXAMPLE",
      secretAccessKey: "secret",
      sessionToken: "token",
    });
  });

  it("have no session token where there is none", async () => {
    vi.stubEnv("AWS_ACCESS_KEY_ID", "AKIAEXAMPLE");
    vi.stubEnv("AWS_SECRET_ACCESS_KEY", "secret");
    vi.stubEnv("AWS_SESSION_TOKEN", undefined);

    expect(await defaultProvider({})()).toEqual({ accessKeyId: "AKIAEXAMPLE", secretAccessKey: "secret" });
  });

  it.each(["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"])("are not to be had without %s", async (missing) => {
    vi.stubEnv("AWS_ACCESS_KEY_ID", "AKIAEXAMPLE");
    vi.stubEnv("AWS_SECRET_ACCESS_KEY", "secret");
    vi.stubEnv(missing, undefined);

    await expect(defaultProvider({})()).rejects.toThrow(/AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY/);
  });
});
