import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { lambdaOperations } from "../lambda/control-plane.js";
import { s3Operations } from "../services/s3/s3-rest.js";
import { secretsOperations } from "../services/secrets-manager.js";
import { snsOperations } from "../services/sns-topics.js";
import { sqsOperations } from "../services/sqs/service.js";
import { cloudWatchOperations } from "../watching/cloudwatch/service.js";
import { logsOperations } from "../watching/cloudwatch-logs/service.js";

const page = readFileSync(fileURLToPath(new URL("../../../docs/local-mode.md", import.meta.url)), "utf8");

/** The calls in the row of a service. */
function callsOf(service: string): string[] {
  const [, calls = ""] = new RegExp(`^\\| ${service} \\| (\`.*) \\|$`, "m").exec(page) ?? [];
  return [...calls.matchAll(/`(\w+)`/g)].map(([, call = ""]) => call);
}

describe("the table of calls in docs/local-mode.md", () => {
  it.each<[string, readonly string[]]>([
    ["CloudWatch", cloudWatchOperations],
    ["CloudWatch Logs", logsOperations],
    ["Lambda", lambdaOperations],
    ["S3", s3Operations],
    ["Secrets Manager", secretsOperations],
    ["SNS", snsOperations],
    ["SQS", sqsOperations],
  ])("lists what %s has on this machine, and nothing else", (service, operations) => {
    expect(callsOf(service).toSorted()).toEqual([...operations].toSorted());
  });
});
