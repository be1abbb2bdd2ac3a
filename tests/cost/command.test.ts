import { PassThrough } from "node:stream";
import { text } from "node:stream/consumers";
import { describe, expect, it } from "vitest";
import { runCommand } from "../../command-line/run-command.js";
import { costCommand } from "../../cost/command.js";

async function cost(...args: string[]) {
  const [stdin, stdout, stderr] = [new PassThrough(), new PassThrough(), new PassThrough()];
  const exitCode = await runCommand(costCommand, ["cost", ...args], { stdin, stdout, stderr, env: {} });
  stdout.end();
  stderr.end();
  return { exitCode, stdout: await text(stdout), stderr: await text(stderr) };
}

describe("npm run cost", () => {
  it("lists the largest amounts first, and what it takes for granted", async () => {
    const { exitCode, stdout } = await cost("--stack", "dev", "--webhooks", "1000000/month");
    expect(exitCode).toBe(0);
    const [heading, ...lines] = stdout.split("\n");
    expect(heading).toMatch(/quantity +unit +USD a month$/);
    const amounts = lines
      .slice(
        0,
        lines.findIndex((line) => line.startsWith("together")),
      )
      .map((line) => Number(line.split(/ +/).at(-1)));
    expect(amounts.length).toBeGreaterThan(8);
    expect(amounts).toEqual(amounts.toSorted((one, other) => other - one));
    expect(stdout).toContain("1,000,000 webhooks a month with bodies of 4,096 bytes");
  });

  it("ends with 1 where a month costs more than the budget, and with 0 where it does not", async () => {
    const { exitCode, stderr } = await cost("--stack", "dev", "--webhooks", "10/s", "--budget", "50");
    expect(exitCode).toBe(1);
    expect(stderr).toMatch(/^the stage dev costs \d+\.\d\d USD a month, more than the budget of 50\.00$/m);
    expect((await cost("--stack", "dev", "--webhooks", "100/day", "--budget", "50")).exitCode).toBe(0);
  });

  it("gives a program each line with its unit and its source", async () => {
    const { stdout } = await cost("--stack", "dev", "--json");
    const { lines, dollarsPerMonth } = JSON.parse(stdout) as {
      lines: { dollars: number; unit: string; source: string }[];
      dollarsPerMonth: number;
    };
    expect(lines.reduce((sum, { dollars }) => sum + dollars, 0)).toBeCloseTo(dollarsPerMonth, 9);
    for (const { unit, source } of lines) {
      expect(unit).not.toBe("");
      expect(source).toMatch(/^https:\/\/aws\.amazon\.com\/.+\/pricing\/$/);
    }
  });

  it.each([
    [
      ["--webhooks", "many"],
      '--webhooks must be a number in a span of time, such as 1000000/month, 50k/day or 10/s; got "many"',
    ],
    [["--webhooks", "10/week"], "--webhooks must be"],
    [["--body", "11MB"], '--body must be a size up to 10MB, such as 4KB, 500B or 1.5MB; got "11MB"'],
    [["--body", "4"], "--body must be"],
    [["--handler", "50"], '--handler must be a duration, such as 50ms or 2s; got "50"'],
    [["--budget", "-5"], '--budget must be a number of US dollars, such as 50; got "-5"'],
    [["--budgt", "5"], "unknown option '--budgt'"],
  ])("refuses %j with a sentence", async (args, message) => {
    const { exitCode, stdout, stderr } = await cost("--stack", "dev", ...args);
    expect(exitCode).toBe(2);
    expect(stdout).toBe("");
    expect(stderr).toContain(message);
  });

  it.each([
    [["--stack", "nowhere"], /^there is no stage "nowhere": .*\(stages: dev, prod\)$/],
    [
      ["--stack", "x", "--file", "tests/fixtures/Pulumi.five-mistakes.yaml"],
      /^tests\/fixtures\/Pulumi\.five-mistakes\.yaml: the settings have 5 problems:$/m,
    ],
  ])("says without a stack trace what is wrong with a stage: %j", async (args, message) => {
    const { exitCode, stdout, stderr } = await cost(...args);
    expect([exitCode, stdout]).toEqual([1, ""]);
    expect(stderr.trimEnd()).toMatch(message);
    expect(stderr).not.toMatch(/^\s+at /m);
  });

  it("asks for the stage", async () => {
    const { exitCode, stderr } = await cost();
    expect(exitCode).toBe(2);
    expect(stderr).toContain("--stack is missing");
  });
});
