import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startDeploy } from "../support/engine/deploy.js";
import { copyOfRepository, EngineStack, noEngine } from "../support/engine/stack.js";

/** The policy pack, loaded by Pulumi's own policy host: for `pulumi`, and for the deployer's command. */
describe.skipIf(noEngine)("the policy pack", () => {
  let folder: string;
  let stack: EngineStack;
  const preview = () =>
    stack.pulumi(["preview", "--stack", stack.name, "--non-interactive", "--policy-pack", "policies"]);

  beforeAll(async () => {
    folder = copyOfRepository();
    stack = new EngineStack(folder, "dev");
    await stack.init();
  }, 120_000);
  afterAll(() => stack?.remove());

  it("lets dev through, though much of a new stage is not known before it is made", async () => {
    const { code, output } = await preview();
    expect(output).toContain("webhook-pipeline@v0.1.0");
    expect(output).not.toContain("mandatory");
    expect(code).toBe(0);
  }, 300_000);

  it("stops a program that somebody has edited, and says which resource and why", async () => {
    const file = join(folder, "components", "webhook-processor.ts");
    const program = readFileSync(file, "utf8");
    const edited = program.replace(/^.*retentionInDays: .*$/m, "");
    expect(edited).not.toBe(program);
    writeFileSync(file, edited);
    try {
      const args = ["preview", "--stack", stack.name, "--policy", "policies"];
      const { code, stderr } = await startDeploy(folder, args).ended;
      expect(code).toBe(1);
      expect(stderr).toContain(
        [
          "the policy pack forbids it:",
          "  logs-end: Each log group keeps its lines for a stated time.",
          "    webhooks-processor-log: the log group keeps its lines forever: set retentionInDays",
        ].join("\n"),
      );
    } finally {
      writeFileSync(file, program);
    }
  }, 300_000);
});
