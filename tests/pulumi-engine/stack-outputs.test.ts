import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { outputsOf } from "../../pulumi-engine/stack-outputs.js";

/** A `pulumi` that knows the stack dev, and writes down what it is asked. */
const pulumi = (asked: string) => `#!/bin/sh
echo "$*" >> ${asked}
case "$*" in
  *"--stack dev"*"--show-secrets"*|*"--show-secrets"*"--stack dev"*) echo '{"token":"t0p"}' ;;
  *"--stack dev"*) echo '{"token":"[secret]"}' ;;
  *) echo "error: no stack named 'nobody' found" >&2; exit 6 ;;
esac
`;

describe("a stack's outputs", () => {
  const folder = mkdtempSync(join(tmpdir(), "webhook-test-"));
  const asked = join(folder, "asked");
  beforeAll(() => {
    writeFileSync(join(folder, "pulumi"), pulumi(asked));
    chmodSync(join(folder, "pulumi"), 0o755);
    vi.stubEnv("PULUMI_HOME", folder);
    vi.stubEnv("PATH", [folder, process.env.PATH].join(delimiter));
  });
  beforeEach(() => writeFileSync(asked, ""));
  afterAll(() => {
    vi.unstubAllEnvs();
    rmSync(folder, { recursive: true });
  });

  it("are asked for once, with their secrets masked", async () => {
    expect(await outputsOf("outputs", "dev", "masked")).toEqual({ token: "[secret]" });
    expect(readFileSync(asked, "utf8")).toBe("stack output --json --stack dev --non-interactive\n");
  });

  it("are in clear where they are needed so", async () => {
    expect(await outputsOf("up", "dev", "clear")).toEqual({ token: "t0p" });
  });

  it("say in a sentence that there is no such stack", async () => {
    await expect(outputsOf("outputs", "nobody", "masked")).rejects.toMatchObject({
      message: "there is no stack nobody in this backend",
      next: expect.stringContaining("pulumi stack ls"),
    });
  });
});
