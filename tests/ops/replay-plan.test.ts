import { describe, expect, it } from "vitest";
import { type PlannedReplay, planReplay } from "../../ops/replay/plan.js";
import { planText } from "../../ops/replay/plan-text.js";
import type { OperatedSource, StageOutputs } from "../../ops/stage/outputs.js";
import type { HistoryItem } from "../../runtime/history/item.js";
import { envelopeOf } from "../support/sqs-events.js";

const source: OperatedSource = {
  signature: { kind: "token", header: "x-token" },
  eventId: ["json:id"],
  keepPayload: "all",
  subscribers: {},
};
const outputs = { operations: { sources: { shop: source } } } as unknown as StageOutputs;

interface Stored {
  readonly status?: HistoryItem["status"];
  /** What its copy lacks. */
  readonly redacted?: readonly string[];
  readonly isInBucket?: boolean;
}

/** The plan of webhooks that are stored like this. */
async function plan(...all: readonly Stored[]): Promise<PlannedReplay[]> {
  const items = all.map(
    ({ status = "processed", isInBucket = false }, index) =>
      ({
        webhookId: `shop/${index}`,
        source: "shop",
        receivedAt: index,
        status,
        ...(isInBucket ? { overflow: { key: "k", sha256: "", bytes: 1 } } : { payload: Buffer.alloc(1) }),
      }) as HistoryItem,
  );
  return planReplay(items, {
    outputs,
    subscriber: undefined,
    itemsOf: async () => items,
    payloadOf: async ({ webhookId, overflow }) => {
      if (overflow !== undefined) throw new Error("a plan downloads nothing");
      const { redacted } = all[Number(webhookId.slice("shop/".length))] ?? {};
      return { ...envelopeOf(), ...(redacted === undefined ? {} : { redacted }) };
    },
  });
}

function textOf(planned: readonly PlannedReplay[], to?: string): string {
  const run = {
    replayId: "r",
    stage: "prod",
    account: "1",
    region: "eu",
    table: "t",
    which: "all",
    by: "ann",
  };
  return planText({ run, planned, rate: 10, ...(to === undefined ? {} : { to }) });
}

describe("a plan of webhooks of which the history must not keep something", () => {
  it("counts them, with what each will lack, the most frequent first", async () => {
    const planned = await plan(
      { redacted: ["json:card"] },
      { redacted: ["json:card", "json:email"] },
      {},
      { redacted: ["body"] },
    );
    expect(textOf(planned)).toContain(
      "\n  redacted  3 webhooks will lack what the history must not keep: json:card (2), json:email (1), body (1)\n  takes",
    );
  });

  it("says nothing of credentials, which no handler needs", async () => {
    expect(textOf(await plan({ redacted: ["header:x-token", "header:cookie"] }))).not.toContain("redacted");
  });

  it("says which were rejected, and cannot prove themselves without their credential", async () => {
    const text = textOf(
      await plan(
        { status: "rejected", redacted: ["header:x-token", "header:cookie"] },
        { status: "rejected" },
      ),
    );
    expect(text).toContain("redacted  1 webhook will lack what the history must not keep: header:x-token\n");
    expect(text).toContain(
      "1 of these were rejected, and will be again: have their senders send them once more",
    );
  });

  it("does not say so of what is posted to this machine, where it is signed anew", async () => {
    const planned = await plan({ status: "rejected", redacted: ["header:x-token"] });
    expect(textOf(planned, "local")).not.toContain("were rejected");
  });

  it("is made without a look into the bucket", async () => {
    expect(await plan({ isInBucket: true })).toMatchObject([{ webhookId: "shop/0" }]);
  });
});
