import { randomBytes } from "node:crypto";
import { brotliCompressSync, deflateSync, gzipSync } from "node:zlib";
import fc from "fast-check";
import { beforeEach, describe, expect, it } from "vitest";
import { defineHandler, InvalidWebhookError, type WebhookHandler } from "../../runtime/define-handler.js";
import type { Envelope } from "../../runtime/envelope/envelope.js";
import { unpackPayload } from "../../runtime/payload/payload.js";
import type { RedactedPath, SourceDefinition } from "../../runtime/stage/definition.js";
import { sharedHistoryTable } from "../support/dynamodb.js";
import { definition, githubWebhook, replayOf, startProcessor } from "../support/processor.js";
import { envelopeOf, sqsRecord } from "../support/sqs-events.js";

const database = await sharedHistoryTable();
let serial = 0;
let id: string;
beforeEach(() => {
  id = `redaction-${++serial}`;
});

/** The function after its source's settings were changed to these. */
function start(changes: Partial<SourceDefinition>, handler: WebhookHandler = () => {}) {
  const [github] = definition.sources;
  if (github === undefined) throw new Error("the stage has no source");
  const processor = startProcessor(
    database,
    { github: defineHandler(handler) },
    { definition: { sources: [{ ...github, ...changes }] } },
  );
  return { processor, run: (envelope: Envelope) => processor.run([sqsRecord(envelope)]) };
}

const refusing: WebhookHandler = () => {
  throw new InvalidWebhookError("not yet");
};
const failing: WebhookHandler = () => {
  throw new Error("the shop is down");
};

const body = '{ "card": "4111", "email": "ada@example.com", "n": 1.0 }';
const storedBody = async (webhookId: string) =>
  (await unpackPayload((await database.item(webhookId))?.payload ?? new Uint8Array())).body.toString();
const rejectedIds = () =>
  database.listed(
    "by_attention",
    Array.from({ length: 8 }, (_, shard) => `rejected#${shard}`),
  );

const less = ["json:email"] as const;
const more = ["json:email", "json:card"] as const;

describe("a webhook that was kept before its source's redact was changed", () => {
  it.each([
    ["more", less, more, '{ "card": "[redacted]", "email": "[redacted]", "n": 1.0 }'],
    ["more than nothing", [], more, '{ "card": "[redacted]", "email": "[redacted]", "n": 1.0 }'],
    ["less", more, less, '{ "card": "[redacted]", "email": "[redacted]", "n": 1.0 }'],
    ["nothing", more, [], '{ "card": "[redacted]", "email": "[redacted]", "n": 1.0 }'],
  ] as const)("is replayed as the same event, to %s", async (_, before, after, expected) => {
    await start({ redact: before }).run(await githubWebhook(id, { body }));
    const replay = await replayOf(database, `github/${id}`);
    const { processor, run } = start({ redact: after });
    // No signature fits any more, whatever the history has left of the body.
    processor.secrets.set("webhooks/github", "another");
    await run(replay);

    expect(processor.metric("Rejected")).toBe(0);
    expect(await database.item(`github/${id}`)).toMatchObject({ status: "processed", attempts: 2 });
    expect(await storedBody(`github/${id}`)).toBe(expected);

    await run(await replayOf(database, `github/${id}`, "r-2"));
    expect(await database.item(`github/${id}`)).toMatchObject({ status: "processed", attempts: 3 });
  });

  it("is replayed until its handler is done, although its item keeps less from the first try on", async () => {
    await start({ redact: less }).run(await githubWebhook(id, { body }));
    const replay = await replayOf(database, `github/${id}`);
    const broken = start({ redact: more }, failing);
    broken.processor.secrets.set("webhooks/github", "another");
    await broken.run(replay);
    expect(await database.item(`github/${id}`)).toMatchObject({ status: "failed", attempts: 2 });

    const mended = start({ redact: more });
    mended.processor.secrets.set("webhooks/github", "another");
    await mended.run(replay);
    expect(await database.item(`github/${id}`)).toMatchObject({ status: "processed", attempts: 3 });
  });

  it("is replayed after its handler was mended, if it was invalid", async () => {
    await start({ redact: less }, refusing).run(await githubWebhook(id, { body }));
    await start({ redact: more }).run(await replayOf(database, `github/${id}`));
    expect(await database.item(`github/${id}`)).toMatchObject({ status: "processed", attempts: 2 });
  });

  it("is settled, if it was rejected by mistake and its replay is accepted", async () => {
    const before = await rejectedIds();
    await start({ redact: [] }).run(await githubWebhook(id, { secret: "the right one", body }));
    const [rejectedId = ""] = (await rejectedIds()).filter((each) => !before.includes(each));
    const { processor, run } = start({ redact: more });
    processor.secrets.set("webhooks/github", "the right one");
    await run(await replayOf(database, rejectedId));

    expect(await database.item(`github/${id}`)).toMatchObject({ status: "processed" });
    expect(await database.item(rejectedId)).toMatchObject({ acceptedAs: `github/${id}` });
    expect(await rejectedIds()).toEqual(before);
  });

  it("stays one item, if it was rejected and its replay is rejected again", async () => {
    const before = await rejectedIds();
    const forged = await githubWebhook(id, { secret: "guessed", body });
    await start({ redact: less }).run(forged);
    const [rejectedId = ""] = (await rejectedIds()).filter((each) => !before.includes(each));
    await start({ redact: more }).run(await replayOf(database, rejectedId));
    expect((await rejectedIds()).filter((each) => !before.includes(each))).toEqual([rejectedId]);
  });

  it("is not believed as a replay if anything that its item has is different", async () => {
    await start({ redact: less }).run(await githubWebhook(id, { body }));
    const replay = await replayOf(database, `github/${id}`);
    const { processor, run } = start({ redact: more });
    await run({ ...replay, body: Buffer.from(replay.body.toString().replace("4111", "4222")) });
    expect(processor.metric("Rejected")).toBe(1);
  });
});

describe("a webhook whose body could not be looked into", () => {
  it.each([
    ["a header", ["header:x-github-delivery"]],
    ["a hash of the body", ["body-without:json:card"]],
  ] as const)("is replayed as the same event, identified by %s, without its body", async (_, eventId) => {
    const seen: string[] = [];
    const { processor, run } = start({ eventId, redact: ["json:card"] }, (webhook) => {
      seen.push(`${webhook.id} ${webhook.text()}`);
    });
    await run(await githubWebhook(id, { body: `card=4111&id=${id}` }));
    const webhookId = seen[0]?.split(" ")[0] ?? "";
    expect(await storedBody(webhookId)).toBe("");
    await run(await replayOf(database, webhookId));
    expect(processor.metric("Rejected")).toBe(0);
    expect(seen).toEqual([`${webhookId} card=4111&id=${id}`, `${webhookId} `]);
  });
});

describe("an event id that leaves the redacted paths out", () => {
  it("is the same for the stored copy, however the sender spells them", async () => {
    const { processor, run } = start({
      signature: { kind: "none" },
      eventId: ["body-without:json:card"],
      redact: ["json:card"],
    });
    for (const text of ['{"card":1,"n":1}', '{"n":2,"Card":{"a":1},"card":2}', '{"n":3,"\\u0063ard":[]}']) {
      await run(envelopeOf({ body: Buffer.from(text) }));
      const webhookId = String(processor.outcomes().at(-1)?.webhook_id);
      await run(await replayOf(database, webhookId));
      expect(await database.item(webhookId)).toMatchObject({ status: "processed", attempts: 2 });
    }
  });
});

/** A name in any spelling that JSON allows, and in any case. */
const spelled = (name: string) =>
  fc
    .array(fc.constantFrom("plain", "escaped", "upper"), { minLength: name.length, maxLength: name.length })
    .map((ways) =>
      [...name]
        .map((character, index) => {
          if (ways[index] === "upper") return character.toUpperCase();
          return ways[index] === "plain"
            ? character
            : `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`;
        })
        .join(""),
    );

const secret = "4111-1111";
const space = fc.constantFrom("", " ", "\n\t");

/** A JSON text whose value at customer.cards.*.number is the secret, wherever one can stand. */
const jsonWithSecret = fc.gen().map((g) => {
  const value = () =>
    g(fc.constantFrom, `"${secret}"`, `{"a":["${secret}"]}`, `["x","${secret}"]`, '"no secret"');
  const object = (members: readonly string[]) =>
    `{${g(() => space)}${g(fc.shuffledSubarray, [...members], { minLength: members.length })
      .map((member) => `${g(() => space)}${member}${g(() => space)}`)
      .join(",")}}`;
  const member = (name: string, text: string) => `"${g(spelled, name)}"${g(() => space)}:${text}`;
  const repeated = (make: () => string) => Array.from({ length: g(fc.integer, { min: 1, max: 3 }) }, make);
  const card = () => object([...repeated(() => member("number", value())), '"kind":"]}\\""']);
  const cards = () =>
    g(fc.boolean) ? `[${repeated(card).join(",")}]` : object([`"first":${card()}`, `"first":${card()}`]);
  const customer = () => object([...repeated(() => member("cards", cards())), '"n":1e5']);
  const text = object([...repeated(() => member("customer", customer())), '"id":"1"']);
  return g(fc.constantFrom, "", "\ufeff") + text;
});

const encodings: Record<string, (text: Buffer) => Buffer> = {
  none: (text) => text,
  gzip: (text) => gzipSync(text),
  deflate: (text) => deflateSync(text),
  br: (text) => brotliCompressSync(text),
};

/** What no JSON parser reads: forms, and JSON that only some readers take. */
const otherwise = fc.constantFrom(
  `card=${secret}&card=${secret}`,
  `c%61rd=${secret}&customer[cards][0][number]=${secret}&a+b=${secret}`,
  `--b\r\nContent-Disposition: form-data; name="number"\r\n\r\n${secret}\r\n--b--`,
  `{'customer':{'cards':[{'number':'${secret}'}]}}`,
  `{"customer":{"cards":[{"number":"${secret}"}],}}`,
  `{"customer":{"cards":[{"number":"1"}]}}{"customer":{"cards":[{"number":"${secret}"}]}}`,
  `<number>${secret}</number>`,
);

describe("a redacted value", () => {
  const redact: readonly RedactedPath[] = ["json:customer.cards.*.number"];

  it("is not in the beginning that is kept of a body for which there is no room", async () => {
    const noise = randomBytes(10_000).toString("hex");
    const text = `{"customer":{"cards":[{"number":"${secret}"}]},"noise":"${noise}"}`;
    const { processor, run } = start({ redact });
    await run(await githubWebhook(id, { body: text, secret: "guessed" }));
    const item = await database.item(String(processor.outcomes().at(-1)?.webhook_id));
    expect(item?.status).toBe("rejected");
    expect(Buffer.from(item?.omittedBody?.start ?? []).toString()).toMatch(
      /^{"customer":{"cards":\[{"number":"\[redacted\]"}\]},"noise":/,
    );
  });

  it.each([
    ["processed", "It's a Secret to Everybody", () => {}],
    ["invalid", "It's a Secret to Everybody", refusing],
    ["failed", "It's a Secret to Everybody", failing],
    ["rejected", "guessed", () => {}],
  ] as const)(
    "is nowhere in the item of a webhook that is %s, however it is spelled",
    async (status, key, handler) => {
      const { processor, run } = start({ redact }, handler);
      let number = 0;
      await fc.assert(
        fc.asyncProperty(
          fc.oneof({ weight: 4, arbitrary: jsonWithSecret }, otherwise),
          fc.constantFrom(...Object.keys(encodings)),
          async (text, coding) => {
            const { headers, ...webhook } = await githubWebhook(`${id}-${++number}`, {
              body: text,
              secret: key,
            });
            const compress = encodings[coding] ?? encodings.none;
            await run({
              ...webhook,
              headers: coding === "none" ? headers : [...headers, ["Content-Encoding", coding]],
              body: compress?.(Buffer.from(text)) ?? Buffer.alloc(0),
            });
            const webhookId = String(processor.outcomes().at(-1)?.webhook_id);
            const item = await database.item(webhookId);
            expect(item?.status).toBe(status);
            const stored = await unpackPayload(item?.payload ?? new Uint8Array());
            const everything = JSON.stringify({
              ...item,
              payload: undefined,
              stored,
              text: stored.body.toString(),
            });
            expect(everything).not.toContain(secret);
            expect(stored.redacted).toContainEqual(expect.stringMatching(/^(json:customer|body)/));
          },
        ),
        { numRuns: 60 },
      );
    },
  );
});
