import { randomBytes } from "node:crypto";
import { ListObjectVersionsCommand, S3Client } from "@aws-sdk/client-s3";
import { eventually } from "local-aws";
import { beforeAll, describe, expect, it } from "vitest";
import { sha256 } from "../../runtime/envelope/sha256.js";
import { startOperated } from "../support/ops.js";
import { postToGithub, withOutcome } from "../support/post-webhook.js";

const stage = await startOperated({ stack: "dev" });
const body = JSON.stringify({ id: "secretive", name: "Ada" });
const large = randomBytes(400_000);

beforeAll(async () => {
  await postToGithub(stage, { id: "secretive", body: JSON.parse(body) as object });
  await withOutcome(stage, "processed", 1);
  const headers = { "content-type": "application/json" };
  await fetch(stage.endpoints.github ?? "", { method: "POST", headers, body: large });
  await withOutcome(stage, "rejected", 1);
});

describe("forget", () => {
  it("does nothing without a word", async () => {
    const { code, data, told } = await stage.ops(["forget", "secretive"]);
    expect([code, data]).toEqual([4, ""]);
    expect(told).toMatch(
      /^stage test \(account \d{12}, Region eu-west-1\)\nerase the payload of github\/secretive, received \S+, processed, from the table\n/,
    );
  });

  it("erases a payload, and keeps its hash and how it ended", async () => {
    expect(await stage.ops(["forget", "secretive", "--yes"])).toMatchObject({
      code: 0,
      data: "erased github/secretive\n",
    });
    const item = (await stage.history()).find(({ webhookId }) => webhookId === "github/secretive");
    expect(item).toMatchObject({
      status: "processed",
      omittedBody: { sha256: sha256(Buffer.from(body)), bytes: body.length },
    });
    expect(item?.payload).toBeUndefined();

    const { data } = await stage.ops(["show", "secretive"]);
    expect(data).toMatch(/its payload was erased by \S+@/);
    expect(data).not.toContain("Ada");
  });

  it("leaves nothing that could be replayed, and a replay says so", async () => {
    const { code, told } = await stage.ops(["replay", "secretive", "--yes"]);
    expect(code).toBe(1);
    expect(told).toMatch(/github\/secretive: its payload was erased at \S+Z/);
  });

  it("erases what is in the bucket, with all its versions", async () => {
    const item = await eventually("the rejected webhook", async () =>
      (await stage.history()).find(({ status }) => status === "rejected"),
    );
    const { endpoint, region, key } = stage.aws;
    const s3 = new S3Client({ endpoint, region, credentials: key, forcePathStyle: true });
    const { operations } = stage.graph.outputs as { operations: { overflowBucket: string } };
    const versions = async () =>
      (
        await s3.send(
          new ListObjectVersionsCommand({ Bucket: operations.overflowBucket, Prefix: item.overflow?.key }),
        )
      ).Versions ?? [];
    expect(await versions()).toHaveLength(1);

    const { code, data } = await stage.ops(["forget", item.webhookId, "--yes"]);
    expect([code, data]).toEqual([0, `erased ${item.webhookId}, 1 version in the bucket\n`]);
    expect(await versions()).toEqual([]);
    s3.destroy();
    const after = (await stage.history()).find(({ webhookId }) => webhookId === item.webhookId);
    expect(after).toMatchObject({
      status: "rejected",
      omittedBody: { sha256: sha256(large), bytes: large.length },
    });
  });

  it("has nothing to do a second time", async () => {
    const { code, told } = await stage.ops(["forget", "secretive", "--yes"]);
    expect([code, told]).toEqual([
      1,
      expect.stringMatching(
        /^there is nothing to erase of github\/secretive: its payload was erased at \S+Z\n$/,
      ),
    ]);
  });
});
