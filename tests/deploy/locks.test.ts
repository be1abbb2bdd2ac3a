import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { holderOf, locksOf, lockText } from "../../deploy/lock/locks.js";

const lock = { pid: 7, username: "ann", hostname: "laptop", timestamp: "2026-11-26T03:00:00Z" };

const noS3 = async () => {
  throw new Error("no test has S3");
};

describe("the locks of a stage", () => {
  const backend = mkdtempSync(join(tmpdir(), "webhook-pipeline-locks-"));
  afterAll(() => rmSync(backend, { recursive: true }));

  const folder = join(backend, ".pulumi/locks/organization/webhook-pipeline/dev");

  it("are none before the first update", async () => {
    expect(await locksOf(`file://${backend}`, "webhook-pipeline", "dev", noS3)).toEqual([]);
  });

  it("are read from a folder, as Pulumi writes them", async () => {
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, "1a2b.json"), JSON.stringify(lock));
    writeFileSync(join(folder, "1a2b.json.attrs"), "{}");

    expect(await locksOf(`file://${backend}?no_tmp_dir=true`, "webhook-pipeline", "dev", noS3)).toEqual([
      { ...lock, file: join(folder, "1a2b.json") },
    ]);
    expect(await locksOf(`file://${backend}`, "webhook-pipeline", "prod", noS3)).toEqual([]);
  });

  it("are read from a bucket, under its prefix", async () => {
    const asked: object[] = [];
    const key = "state/.pulumi/locks/organization/webhook-pipeline/dev/1a2b.json";
    const s3 = {
      send: async ({ input }: { input: { Prefix?: string } }) => {
        asked.push(input);
        return input.Prefix === undefined
          ? { Body: { transformToString: async () => JSON.stringify(lock) } }
          : { Contents: [{ Key: key }, { Key: `${key}.attrs` }] };
      },
    };
    const locks = await locksOf(
      "s3://bucket/state?region=eu-west-1",
      "webhook-pipeline",
      "dev",
      async () => s3 as never,
    );

    expect(locks).toEqual([{ ...lock, file: `s3://bucket/${key}` }]);
    expect(asked[0]).toEqual({
      Bucket: "bucket",
      Prefix: "state/.pulumi/locks/organization/webhook-pipeline/dev/",
    });
  });

  it("cannot be known of Pulumi Cloud", async () => {
    expect(await locksOf("https://app.pulumi.com/ann", "webhook-pipeline", "dev", noS3)).toBeUndefined();
  });

  it("tell who, where and since when", () => {
    expect(lockText({ ...lock, file: "f" }, Date.parse("2026-11-26T03:04:30Z"))).toBe(
      "ann@laptop (process 7) since 2026-11-26T03:00:00Z, 4 minutes ago",
    );
  });
});

describe("whoever holds a lock", () => {
  it("is alive or dead on this machine, and unknown on another", () => {
    expect(holderOf(lock, "laptop", () => true)).toBe("alive");
    expect(holderOf(lock, "laptop", () => false)).toBe("dead");
    expect(holderOf(lock, "another", () => false)).toBe("unknown");
  });

  it("is asked of the operating system", () => {
    expect(holderOf({ ...lock, pid: process.pid }, "laptop")).toBe("alive");
    expect(holderOf({ ...lock, pid: 2 ** 22 + 1 }, "laptop")).toBe("dead");
  });
});
