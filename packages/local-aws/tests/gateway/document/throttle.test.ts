import { describe, expect, it } from "vitest";
import { TokenBucket } from "../../../gateway/document/throttle.js";
import { operation, runGateway, sqsIntegration } from "../../support/gateway.js";

describe("TokenBucket", () => {
  it("lets a burst through, then the rate, and saves up no more than the burst", () => {
    let now = 0;
    const bucket = new TokenBucket({ ratePerSecond: 2, burst: 3 }, () => now);
    const taken = (times: number) => Array.from({ length: times }, () => bucket.take());

    expect(taken(4)).toEqual([true, true, true, false]);
    now += 499;
    expect(taken(1)).toEqual([false]);
    now += 1;
    expect(taken(2)).toEqual([true, false]);
    now += 60_000;
    expect(taken(4)).toEqual([true, true, true, false]);
  });

  it("lets nothing through at a rate and burst of 0", () => {
    expect(new TokenBucket({ ratePerSecond: 0, burst: 0 }, () => 0).take()).toBe(false);
  });
});

describe("a stage's throttle", () => {
  const settings = (methodPath: string, throttlingRateLimit: number, throttlingBurstLimit: number) => ({
    type: "aws:apigateway/methodSettings:MethodSettings",
    name: `settings-${methodPath}`,
    inputs: {
      restApi: "api",
      stageName: "v1",
      methodPath,
      settings: { throttlingRateLimit, throttlingBurstLimit },
    },
  });
  const paths = {
    "/hooks/a": { post: operation(sqsIntegration()) },
    "/hooks/b": { post: operation(sqsIntegration()) },
  };

  it("answers 429 above its limit and queues nothing, each method counted by itself", async () => {
    let now = 1_000_000;
    const { gateway, send, service } = await runGateway(
      { paths, resources: [settings("*/*", 1, 2)] },
      () => now,
    );
    const statuses = async (path: string, times: number) => {
      const seen: number[] = [];
      for (let time = 0; time < times; time++) seen.push((await send(path)).status);
      return seen;
    };

    expect(await statuses("/v1/hooks/a", 3)).toEqual([200, 200, 429]);
    expect(await statuses("/v1/hooks/b", 3)).toEqual([200, 200, 429]);
    expect(service.requests).toHaveLength(4);
    now += 1000;
    expect(await statuses("/v1/hooks/a", 2)).toEqual([200, 429]);
    const refused = await send("/v1/hooks/a");
    expect(refused.body).toBe('{"message":"Too Many Requests"}');
    expect(refused.headers["x-amzn-errortype"]).toBe("TooManyRequestsException");
    await gateway.close();
  });

  it("takes a single method's setting before that for all", async () => {
    const { gateway, send } = await runGateway(
      { paths, resources: [settings("*/*", -1, -1), settings("~1hooks~1a/POST", 0, 0)] },
      () => 0,
    );

    expect((await send("/v1/hooks/a")).status).toBe(429);
    expect((await send("/v1/hooks/b")).status).toBe(200);
    await gateway.close();
  });

  it("refuses to start if a setting's path contains unescaped slashes, which AWS does not find", async () => {
    await expect(runGateway({ paths, resources: [settings("hooks/a/POST", 1, 1)] })).rejects.toThrow(
      "write ~1hooks~1a/POST",
    );
  });

  it.each(["~1hooks~1c/POST", "~1hooks~1a/GET", "*/POST", "nonsense"])(
    "refuses to start when a setting is for %s, which the API does not have",
    async (path) => {
      await expect(runGateway({ paths, resources: [settings(path, 1, 1)] })).rejects.toThrow(
        "not a method of this API",
      );
    },
  );
});
