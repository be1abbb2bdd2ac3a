import { beforeEach, describe, expect, it } from "vitest";
import { defineHandler } from "../../../runtime/define-handler.js";
import type { Envelope } from "../../../runtime/envelope/envelope.js";
import type { NameValue } from "../../../runtime/envelope/headers.js";
import type { Webhook } from "../../../runtime/envelope/webhook.js";
import type { SourceDefinition } from "../../../runtime/stage/definition.js";
import { sharedHistoryTable } from "../../support/dynamodb.js";
import { definition, githubWebhook, replayOf, startProcessor } from "../../support/processor.js";
import { envelopeOf, sqsRecord } from "../../support/sqs-events.js";

const database = await sharedHistoryTable();
let serial = 0;
let id: string;
beforeEach(() => {
  id = `again-${++serial}`;
});

/** The function with one source, whose secret is known, and what its handler saw. */
function start(changes: Partial<SourceDefinition>) {
  const seen: Webhook[] = [];
  const [github] = definition.sources;
  if (github === undefined) throw new Error("the stage has no source");
  const processor = startProcessor(
    database,
    { github: defineHandler((webhook) => void seen.push(webhook)) },
    { definition: { sources: [{ ...github, ...changes }] } },
  );
  return { processor, seen, run: (envelope: Envelope) => processor.run([sqsRecord(envelope)]) };
}

describe("the replay of a webhook that was accepted", () => {
  it("is handled without the token that the history does not keep", async () => {
    const { seen, run, processor } = start({ signature: { kind: "token", header: "x-token" } });
    processor.secrets.set("webhooks/github", "the token");
    const headers: NameValue[] = [
      ["X-Token", "the token"],
      ["X-GitHub-Delivery", id],
    ];
    await run(envelopeOf({ headers }));
    await run(await replayOf(database, `github/${id}`));

    expect(seen.map(({ attempt }) => attempt)).toEqual([1, 2]);
    expect(seen[1]?.headers.get("x-token")).toBeUndefined();
    expect(await database.item(`github/${id}`)).toMatchObject({ status: "processed", attempts: 2 });
  });

  it("is handled without the token in its URL, as the same event, also without an id of the sender's", async () => {
    const { seen, run, processor } = start({ signature: { kind: "token", query: "token" }, eventId: [] });
    processor.secrets.set("webhooks/github", "the token");
    const query: NameValue[] = [
      ["token", "the token"],
      ["page", id],
    ];
    await run(envelopeOf({ query }));
    await run(await replayOf(database, seen[0]?.id ?? ""));
    expect(seen.map(({ attempt }) => attempt)).toEqual([1, 2]);
  });

  it("is handled without what its source redacts, and without its signature fitting any more", async () => {
    const { seen, run } = start({ redact: ["json:email"] });
    await run(await githubWebhook(id, { body: '{"email":"ada@example.com","n":1}' }));
    await run(await replayOf(database, `github/${id}`));
    expect(seen.map((webhook) => webhook.json())).toEqual([
      { email: "ada@example.com", n: 1 },
      { email: "[redacted]", n: 1 },
    ]);
  });

  it("is handled after its secret was replaced", async () => {
    const { seen, run, processor } = start({});
    await run(await githubWebhook(id));
    processor.secrets.set("webhooks/github", "another");
    processor.advance(600_000);
    await run(await replayOf(database, `github/${id}`));
    expect(seen).toHaveLength(2);
  });

  it("is believed for nothing but what the history has, and only as a replay", async () => {
    const { seen, run, processor } = start({});
    await run(await githubWebhook(id));
    processor.secrets.set("webhooks/github", "another");
    processor.advance(600_000);

    const replay = await replayOf(database, `github/${id}`);
    const { replayId: _, ...again } = replay;
    await run({ ...replay, body: Buffer.from('{"action":"closed"}') });
    await run({ ...replay, receivedAt: replay.receivedAt + 1 });
    await run({ ...replay, headers: [...replay.headers, ["x-more", "1"]] });
    await run({ ...replay, headers: replay.headers.filter(([name]) => name !== "X-GitHub-Delivery") });
    await run(again);
    expect(seen).toHaveLength(1);
    expect(processor.metric("Rejected")).toBe(5);
  });
});

describe("the replay of a webhook that was rejected", () => {
  it("has to prove itself, however often it comes", async () => {
    const { seen, run, processor } = start({});
    const forged = await githubWebhook(id, { secret: "guessed" });
    await run(forged);
    await run({ ...forged, replayId: "r-1" });
    await run({ ...forged, replayId: "r-2" });
    expect(seen).toEqual([]);
    expect(processor.metric("Rejected")).toBe(3);
  });
});
