import type { Graph } from "local-aws";
import { describe, expect, it } from "vitest";
import { readProgram } from "../../local/program.js";

/** Without the certificate and the web ACL of rest-everything, whose ARNs stand in its file. */
const noArns = { "webhook-pipeline:api": { bodyMode: "text" } };

const stages: Record<string, { stageFile?: string; overrides?: Record<string, unknown> }> = {
  prod: {},
  vpc: { stageFile: "tests/fixtures/Pulumi.vpc.yaml" },
  http: { stageFile: "tests/fixtures/Pulumi.http.yaml" },
  "rest-everything": { stageFile: "tests/fixtures/Pulumi.rest-everything.yaml", overrides: noArns },
  fifo: { stageFile: "tests/fixtures/Pulumi.fifo.yaml" },
  dedicated: { stageFile: "tests/fixtures/Pulumi.dedicated.yaml" },
};

const partitions = [
  { partition: "aws", region: "eu-west-1", dnsSuffix: "amazonaws.com" },
  { partition: "aws-us-gov", region: "us-gov-west-1", dnsSuffix: "amazonaws.com" },
  { partition: "aws-cn", region: "cn-north-1", dnsSuffix: "amazonaws.com.cn" },
];

/**
 * Names that are the same in every partition: principals of all services but CloudWatch Logs, and VPC endpoints of all but
 * SQS.
 */
const sameEverywhere =
  /"(apigateway|lambda|cloudwatch)\.amazonaws\.com"|com\.amazonaws\.[a-z0-9-]+\.(dynamodb|s3|secretsmanager)"/g;

describe.each(Object.entries(stages))("stage %s", (stack, { stageFile, overrides = {} }) => {
  it.each(partitions)(
    "names nothing of another partition in $partition",
    async ({ partition, region, dnsSuffix }) => {
      const graph = await readProgram({
        stack,
        ...(stageFile === undefined ? {} : { stageFile }),
        overrides: { ...overrides, "aws:region": region },
      });

      const text = textOf(graph);
      expect([...new Set([...text.matchAll(/arn:(aws[a-z-]*):/g)].map(([, found]) => found))]).toEqual([
        partition,
      ]);
      expect(
        [...text.replaceAll(sameEverywhere, "").matchAll(/\.amazonaws\.com[a-z.]*/g)]
          .map(([found]) => found)
          .filter((found) => found !== `.${dnsSuffix}`),
      ).toEqual([]);
    },
  );
});

/** All that the program sends to AWS, JSON in texts opened. */
function textOf({ resources, outputs }: Graph): string {
  const sent = resources.map(({ inputs: { code, ...inputs } }) => inputs);
  return JSON.stringify([sent, outputs]).replaceAll('\\"', '"');
}
