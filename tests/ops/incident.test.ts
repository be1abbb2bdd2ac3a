import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import { eventually } from "local-aws";
import { afterAll, describe, expect, it, vi } from "vitest";
import { startOperated } from "../support/ops.js";

/** What the webhooks are handed to. It fails until it is mended. */
let answer = 500;
const target = createServer((_, response) => {
  response.writeHead(answer).end();
});
await new Promise<void>((resolve) => target.listen(0, "127.0.0.1", resolve));
afterAll(() => void target.close());
const { port } = target.address() as AddressInfo;

const stage = await startOperated({
  stack: "dev",
  overrides: {
    "webhook-pipeline:sources": [
      {
        name: "shop",
        signature: { scheme: "none" },
        eventId: ["header:x-id"],
        forward: {
          url: `http://127.0.0.1:${port}`,
          allowPrivateNetwork: true,
          timeoutSeconds: 2,
          signing: "standard-webhooks",
        },
      },
      { name: "quiet", signature: { scheme: "github" }, queue: "dedicated" },
    ],
    "webhook-pipeline:queue": { maxReceiveCount: 2, retentionDays: 1 },
    "webhook-pipeline:processor": { timeoutSeconds: 10, backoff: { baseSeconds: 1, maxSeconds: 1 } },
  },
});

async function post(id: string): Promise<void> {
  const { status } = await fetch(stage.endpoints.shop ?? "", {
    method: "POST",
    headers: { "x-id": id, "content-type": "application/json" },
    body: "{}",
  });
  expect(status).toBe(200);
}

const deadLetters = (count: number) =>
  eventually(`${count} dead letters`, () => stage.queues.deadLetters().length === count);

interface Status {
  readonly alarms: readonly { readonly name: string; readonly description: string }[];
  readonly lanes: readonly { readonly lane: string; readonly [member: string]: unknown }[];
  readonly sources: readonly { readonly name: string; readonly [member: string]: unknown }[];
  readonly secretsNotSet: readonly string[];
  readonly failures: readonly { readonly [member: string]: unknown }[];
}
const status = async () => JSON.parse((await stage.ops(["status", "--json"])).data) as Status;
const lane = async (name: string) => (await status()).lanes.find((each) => each.lane === name);

describe("an incident", () => {
  it("is a quiet screen before it begins", async () => {
    const { code, data } = await stage.ops(["status"]);
    expect(code).toBe(0);
    expect(data).toMatch(/^stage test \(account \d{12}, Region eu-west-1\), \S+Z\nno alarm is on\n/);
    expect(await stage.ops(["redrive"])).toMatchObject({
      code: 3,
      told: expect.stringContaining("no dead letters"),
    });
    expect(await stage.ops(["redrive", "--cancel"])).toMatchObject({ code: 3, data: "" });
  });

  it("is watched on a screen that is drawn again until an interrupt ends it", async () => {
    let screens = 0;
    const { code, data } = await stage.ops(["status", "--watch", "--every", "1"], {
      onData: (text) => {
        screens = text.split("no alarm is on").length - 1;
        if (screens === 2) process.emit("SIGINT");
      },
    });
    expect([code, screens]).toEqual([0, 2]);
    // Only a terminal is cleared.
    expect(data).not.toContain("\u001b");
  });

  it("names the sources whose secrets nobody has stored yet, with the commands for it", async () => {
    expect((await status()).secretsNotSet).toEqual([]);
    // A secret without a value has no versions: docs.aws.amazon.com/secretsmanager/latest/apireference/API_DescribeSecret.html
    const answer = vi.spyOn(SecretsManagerClient.prototype, "send").mockImplementation(async () => ({}));
    const { data } = await stage.ops(["status"]);
    expect((await status()).secretsNotSet.toSorted()).toEqual(["quiet", "shop-forward"]);
    answer.mockRestore();
    expect(data).toMatch(/^quiet( +0){6} +no secret yet$/m);
    expect(data).toContain("quiet has no secret yet: npm run ops -- secret set quiet --stack test\n");
    expect(data).toMatch(/^shop( +0){6} +no secret for forwarding yet$/m);
    expect(data).toContain(
      "shop-forward has no secret yet: npm run ops -- secret set shop-forward --stack test\n",
    );
    expect(data).not.toContain("shop has no secret yet");
  });

  it("begins with dead letters, an alarm that status names first, and the reason of the failures", async () => {
    for (const id of ["1", "2", "3"]) await post(id);
    await deadLetters(3);
    await eventually("the page", async () =>
      (await status()).alarms.some(({ name }) => name.startsWith("webhooks-dead-letters-")),
    );

    const { data } = await stage.ops(["status"]);
    expect(data.split("\n")[3]).toMatch(/^page webhooks-dead-letters-\w+, for /);
    expect(data).toMatch(
      /lane webhooks \(shop\) has dead letters\n {2}next: npm run ops -- redrive webhooks --stack test/,
    );
    expect(data).toMatch(/×3 +shop +failed .* shop\/\d .*500/);

    const { failures, sources } = await status();
    expect(failures).toEqual([
      expect.objectContaining({
        source: "shop",
        outcome: "failed",
        count: 3,
        example: expect.stringMatching(/^shop\/\d$/),
      }),
    ]);
    expect(sources).toContainEqual(
      expect.objectContaining({ name: "shop", received: 3, failed: 3, rejected: 0 }),
    );
    expect(await lane("webhooks")).toMatchObject({ waiting: 0, deadLetters: 3, paused: false });
  });

  it("shows what a redrive would move, and does not move it unasked", async () => {
    const planned = await stage.ops(["redrive", "shop", "--dry-run"]);
    expect(planned).toMatchObject({ code: 0, data: "" });
    expect(planned.told).toMatch(/3 dead letters.*at 10 a second it takes 1 s/);
    expect(planned.told).toMatch(/×3 shop: .*500.* such as shop\/\d/);
    expect(planned.told).toContain("the function was not deployed since the last failure");
    expect(await stage.ops(["redrive", "shop"])).toMatchObject({ code: 4 });
    expect(stage.queues.deadLetters()).toHaveLength(3);
  });

  it("tells what bounced again, and fails for it", async () => {
    const { code, data, told } = await stage.ops(["redrive", "shop", "--yes", "--rate", "100"]);
    expect(data).toBe("lane webhooks (shop): 3 webhooks moved, 3 are dead letters\n");
    expect(told).toContain("bounced again: 3 webhooks");
    expect(code).toBe(1);
  });

  it("lets a redrive wait in a paused lane, and ends when the lane is resumed", async () => {
    await stage.ops(["pause", "shop", "--reason", "the target is down"]);
    answer = 200;
    const moved = await stage.ops(["redrive", "shop", "--yes", "--rate", "100"]);
    expect(moved).toMatchObject({
      code: 0,
      data: expect.stringContaining("3 webhooks moved, 3 in the queue"),
    });
    expect(moved.told).toContain("the lane is paused, so they will wait in its queue: paused by");
    expect(await lane("webhooks")).toMatchObject({
      waiting: 3,
      paused: true,
      pauseReason: "the target is down",
    });
    expect((await stage.ops(["status"])).data).toMatch(
      /lane webhooks \(shop\) is paused by \S+@\S+ since \S+Z: the target is down\n {2}next: npm run ops -- resume webhooks/,
    );

    await stage.ops(["resume", "shop"]);
    await eventually("all are processed", async () => {
      const { failures, sources } = await status();
      return (
        failures.length === 0 && sources.some(({ name, processed }) => name === "shop" && processed === 3)
      );
    });
    expect(await lane("webhooks")).toMatchObject({ waiting: 0, inFlight: 0, deadLetters: 0, paused: false });
    const { data } = await stage.ops(["show", "shop/1"]);
    expect(data).toMatch(/^outcome {3}processed$/m);
    expect(data).toMatch(/failed.*\n(.*\n)* {2}\S+Z {2}processed at try \d/);
  });

  it("can be stopped while it moves", async () => {
    answer = 500;
    for (const id of ["4", "5", "6", "7", "8", "9", "10", "11"]) await post(id);
    await deadLetters(8);
    await stage.ops(["pause", "shop"]);
    const moving = stage.ops(["redrive", "shop", "--yes", "--rate", "1"]);
    await eventually("the first is moved", () => stage.queues.deadLetters().length < 8);
    expect(await stage.ops(["redrive", "shop", "--yes"])).toMatchObject({
      code: 4,
      told: expect.stringContaining("runs already"),
    });
    expect(await stage.ops(["redrive", "--cancel"])).toMatchObject({
      code: 0,
      data: expect.stringMatching(/cancelled after \d webhooks?; \d dead letters? stay/),
    });
    const { code, data } = await moving;
    expect([code, data]).toEqual([1, expect.stringContaining("cancelled")]);
  });
});
