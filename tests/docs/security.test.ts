import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Graph } from "local-aws";
import { describe, expect, it } from "vitest";
import { root } from "../support/imports.js";
import { stageGraph } from "../support/stage-graphs.js";

const page = readFileSync(join(root, "docs/deploying/security.md"), "utf8");
/** What Checkov said of prod's plan. */
const checkov = JSON.parse(readFileSync(join(root, "tests/fixtures/checkov-prod.json"), "utf8"));

/** The rows of the tables under a heading, as cells. */
function rowsUnder(heading: string): string[][] {
  const [, part = ""] = page.split(`\n${heading}\n`);
  const [section = ""] = part.split(/\n##+ /);
  return section
    .split("\n")
    .filter((line) => line.startsWith("|") && !/^\|-|^\| (role|who|what|Checkov|control) \|/.test(line))
    .map((line) =>
      line
        .split("|")
        .slice(1, -1)
        .map((cell) => cell.trim()),
    );
}

const ofType = ({ resources }: Graph, type: string) => resources.filter((each) => each.type === type);

describe("docs/deploying/security.md", () => {
  it("names each role that the program makes, and no other", async () => {
    const stages = await Promise.all([
      stageGraph("prod"),
      stageGraph("alarms", "tests/fixtures/Pulumi.alarms.yaml"),
      stageGraph("http", "tests/fixtures/Pulumi.http.yaml"),
    ]);
    const made = stages
      .flatMap((graph) => ofType(graph, "aws:iam/role:Role"))
      .map(({ name }) =>
        name.endsWith("-processor-role")
          ? "`<lane>-processor-role`"
          : `\`${name.replace(/^webhooks/, "<name>")}\``,
      );
    const named = rowsUnder("## Who can do what")
      .map(([role = ""]) => role)
      .filter((role) => role.startsWith("`<"));

    expect(new Set(named)).toEqual(new Set(made));
  });

  it("says for how long prod keeps what is stored", async () => {
    const prod = await stageGraph("prod");
    const days = (what: string) => {
      const row = rowsUnder("## What is stored where").find(([first]) => first?.startsWith(what));
      return Number(/^\d+/.exec(row?.[2] ?? "")?.[0]);
    };
    const input = (type: string, name: string): Readonly<Record<string, unknown>> =>
      ofType(prod, type).find((each) => each.name === name)?.inputs ?? {};
    const queueDays = (name: string) =>
      Number(input("aws:sqs/queue:Queue", name).messageRetentionSeconds) / 86_400;
    const logDays = (name: string) => input("aws:cloudwatch/logGroup:LogGroup", name).retentionInDays;

    expect(days("webhooks that wait")).toBe(queueDays("webhooks-queue"));
    expect(days("webhooks that were given up")).toBe(queueDays("webhooks-dlq"));
    expect(days("outcome, headers and body")).toBe(
      (prod.outputs.operations as { historyTtlDays: number }).historyTtlDays,
    );
    expect(days("bodies too large")).toBe(
      (
        input("aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration", "webhooks-overflow-expiry")
          .rules as { expiration: { days: number } }[]
      )[0]?.expiration.days,
    );
    expect(days("log lines of the function")).toBe(logDays("webhooks-processor-log"));
    expect(days("a line for each request")).toBe(logDays("webhooks-api-access-log"));
  });

  it("answers each check of Checkov that prod fails", () => {
    const rows = rowsUnder("### Not met, and why");
    const answered = rows.flatMap(([checks = "", , , answer = ""]) =>
      answer.length > 20 ? [...checks.matchAll(/CKV2?_AWS_\d+/g)].map(([id]) => id) : [],
    );

    expect(answered).toEqual(expect.arrayContaining(checkov.failedChecks));
    expect(page).toContain(
      `Checkov ${checkov.version} on the plan of prod: ${checkov.passed} passed, ${checkov.failed} failed. These are the ${checkov.failedChecks.length} checks`,
    );
  });

  it("gives an answer or a place to each control, once", () => {
    const controls = [...page.matchAll(/\b(?:[A-Z][A-Za-z0-9]+\.\d+)\b|`[a-z0-9]+_[a-z0-9_]+`/g)].map(
      ([id]) => id,
    );
    const often = controls.filter((id, index) => controls.indexOf(id) !== index);

    expect(controls.length).toBeGreaterThan(60);
    expect(new Set(often)).toEqual(new Set(["S3.8"]));
  });
});
