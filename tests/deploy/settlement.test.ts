import { describe, expect, it } from "vitest";
import type { PendingOperation } from "../../deploy/engine/stage.js";
import { lookUp } from "../../deploy/recover/look-up.js";
import { settle, settledText } from "../../deploy/recover/settlement.js";
import type { AwsClients } from "../../ops/stage/clients.js";

const operation = (type: PendingOperation["type"], token: string, name: string): PendingOperation => ({
  type,
  resource: {
    urn: `urn:pulumi:dev::webhook-pipeline::${token}::${name}`,
    type: token,
    inputs: { name: `${name}-1a2b` },
  },
});

const queue = operation("creating", "aws:sqs/queue:Queue", "webhooks-queue");
const key = operation("creating", "aws:kms/key:Key", "webhooks-key");

const clients = (answer: () => unknown) =>
  ({ sqs: async () => ({ send: async () => answer() }) }) as unknown as AwsClients;

describe("what an interrupted update was making", () => {
  it("is looked up in AWS by the name that Pulumi gave it", async () => {
    expect(
      await lookUp(
        queue,
        clients(() => ({ QueueUrl: "https://sqs/webhooks-queue-1a2b" })),
      ),
    ).toEqual({
      kind: "there",
      id: "https://sqs/webhooks-queue-1a2b",
    });
  });

  it.each(["QueueDoesNotExist", "AWS.SimpleQueueService.NonExistentQueue"])(
    "is missing if AWS says %s",
    async (name) => {
      const refusal = () => {
        throw Object.assign(new Error("no"), { name });
      };
      expect(await lookUp(queue, clients(refusal))).toEqual({ kind: "missing" });
    },
  );

  it("is not taken for missing if AWS does not let us ask", async () => {
    const refusal = () => {
      throw Object.assign(new Error("no"), { name: "AccessDenied" });
    };
    await expect(lookUp(queue, clients(refusal))).rejects.toThrow();
  });

  it("cannot be known of a key, which has no name", async () => {
    expect(
      await lookUp(
        key,
        clients(() => ({})),
      ),
    ).toEqual({ kind: "unknown" });
  });
});

describe("an unfinished operation", () => {
  const nothingSaid = { import: [], drop: [] };
  const settled = (
    each: Parameters<typeof settle>[0][number],
    said = nothingSaid as Parameters<typeof settle>[1],
  ) => settle([each], said).map(settledText);

  it("is taken over if AWS has what it made, and forgotten if not", () => {
    expect(settled({ operation: queue, found: { kind: "there", id: "https://q" } })).toEqual([
      "creating Queue webhooks-queue: AWS has it: taken over as https://q",
    ]);
    expect(settled({ operation: queue, found: { kind: "missing" } })).toEqual([
      "creating Queue webhooks-queue: AWS has no such thing: forgotten",
    ]);
  });

  it("is read anew if the resource was there before", () => {
    expect(settled({ operation: { ...queue, type: "updating" }, found: { kind: "missing" } })).toEqual([
      "updating Queue webhooks-queue: read anew from AWS",
    ]);
  });

  it("needs a person's word if nobody can look it up", () => {
    const unknown = { operation: key, found: { kind: "unknown" } } as const;

    expect(() => settled(unknown)).toThrow(/whether AWS has webhooks-key/);
    expect(settled(unknown, { import: [], drop: ["webhooks-key"] })).toEqual([
      "creating Key webhooks-key: cannot be looked up: forgotten",
    ]);
    expect(settled(unknown, { import: ["webhooks-key=a=b"], drop: [] })).toEqual([
      "creating Key webhooks-key: cannot be looked up: taken over as a=b",
    ]);
  });

  it("of what is only set on another resource is left to the next update", async () => {
    const policy = operation("creating", "aws:sqs/queuePolicy:QueuePolicy", "webhooks-queue-policy");
    const found = await lookUp(
      policy,
      clients(() => ({})),
    );

    expect(settled({ operation: policy, found })).toEqual([
      "creating QueuePolicy webhooks-queue-policy: the next update sets it again: forgotten",
    ]);
  });

  it("must be named as it is", () => {
    expect(() =>
      settled({ operation: queue, found: { kind: "missing" } }, { import: [], drop: ["queue"] }),
    ).toThrow("queue: no such operation is unfinished");
  });

  it("says how --import is written", () => {
    expect(() => settle([], { import: ["webhooks-key"], drop: [] })).toThrow(/must be a name and an id/);
  });
});
