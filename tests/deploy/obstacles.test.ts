import { describe, expect, it } from "vitest";
import { obstaclesAsText, obstaclesOf } from "../../deploy/destroy/obstacles.js";
import type { StateResource } from "../../deploy/engine/stage.js";

const resource = (type: string, name: string, more: Partial<StateResource> = {}): StateResource => ({
  urn: `urn:pulumi:prod::webhook-pipeline::${type}::${name}`,
  type,
  ...more,
});

const queue = resource("aws:sqs/queue:Queue", "webhooks-dlq", { outputs: { url: "https://sqs/dlq" } });
const bucket = resource("aws:s3/bucket:Bucket", "webhooks-overflow", { id: "overflow-1a2b" });
const table = resource("aws:dynamodb/table:Table", "webhooks-history", {
  outputs: { deletionProtectionEnabled: true },
});

const obstacles = (
  resources: readonly StateResource[],
  contents: { readonly messages?: number | undefined; readonly objects?: boolean } = {},
) =>
  obstaclesOf(
    "prod",
    { resources, pendingOperations: [] },
    {
      countMessages: async () => ("messages" in contents ? contents.messages : 0),
      hasObjects: async () => contents.objects ?? false,
    },
  );

describe("a stage may not be taken down", () => {
  it.each<
    [
      what: string,
      resources: readonly StateResource[],
      contents: Parameters<typeof obstacles>[1],
      why: string,
    ]
  >([
    ["while something is protected", [{ ...queue, protect: true }], {}, "Queue webhooks-dlq is protected"],
    ["while a queue holds webhooks", [queue], { messages: 2 }, "Queue webhooks-dlq holds 2 webhooks"],
    [
      "while nobody knows what a queue holds",
      [queue],
      { messages: undefined },
      "Queue webhooks-dlq may hold webhooks: AWS does not tell how many",
    ],
    [
      "while a bucket has objects",
      [bucket],
      { objects: true },
      "Bucket webhooks-overflow holds payloads of the history",
    ],
    ["while AWS guards the table", [table], {}, "Table webhooks-history has AWS's own deletion protection"],
  ])("%s", async (_what, resources, contents, why) => {
    const found = await obstacles(resources, contents);

    expect(found.map(({ name, why }) => `${name} ${why}`)).toEqual([why]);
  });

  it("and is told everything at once, each step once", async () => {
    const text = obstaclesAsText(
      await obstacles(
        [queue, bucket, table].map((each) => ({ ...each, protect: true })),
        {
          messages: 1,
          objects: true,
        },
      ),
    );

    expect(text.match(/is protected/g)).toHaveLength(3);
    expect(text.match(/webhook-pipeline:protect: "false"/g)).toHaveLength(1);
    expect(text).toContain("aws sqs purge-queue --queue-url https://sqs/dlq");
    expect(text).toContain("aws s3 rm s3://overflow-1a2b --recursive");
  });

  it("but may, when it is empty and nothing is protected", async () => {
    expect(
      await obstacles([queue, bucket, resource("aws:dynamodb/table:Table", "webhooks-history")]),
    ).toEqual([]);
  });
});
