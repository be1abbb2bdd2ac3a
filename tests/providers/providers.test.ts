import { readdirSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { providers } from "../../providers/support/known.js";
import { loadProviders } from "../../providers/support/load.js";
import { notConfirmed, type Provider } from "../../providers/support/provider.js";
import type { Envelope } from "../../runtime/envelope/envelope.js";
import { Webhook } from "../../runtime/envelope/webhook.js";
import { findEventId } from "../../runtime/history/event-id.js";
import { verifySignature } from "../../runtime/signatures/verify.js";
import { httpIngestSource, httpProblems } from "../../settings/http-ingest.js";
import { eventIdLocator, eventTypeLocator } from "../../settings/places.js";
import { parseSettings, type Settings } from "../../settings/settings.js";
import { senderByScheme } from "../support/senders/by-scheme.js";
import { envelopeOf } from "../support/sqs-events.js";

const folder = fileURLToPath(new URL("../../providers/", import.meta.url));

describe("the files in providers/", () => {
  it("are all found, in alphabetical order", async () => {
    const files = readdirSync(folder).filter((file) => file.endsWith(".ts"));
    expect(files.length).toBeGreaterThanOrEqual(50);
    expect(Object.keys(providers)).toEqual(files.map((file) => file.replace(/\.ts$/, "")).sort());
  });

  it("have different names for people", async () => {
    const names = Object.values(providers).map(({ displayName }) => displayName.toLowerCase());
    expect(names.filter((name, index) => names.indexOf(name) !== index)).toEqual([]);
  });

  it.each([
    ["no-default", "providers/acme.ts: has no provider as its default export"],
    ["no-provider", "providers/acme.ts: has no provider as its default export"],
    ["wrong-name", "providers/AcmeShop.ts: its name must be lower-case words with - between them"],
  ])("are refused by the file's name where one is wrong: %s", async (name, problem) => {
    const broken = fileURLToPath(new URL(`../fixtures/providers/${name}`, import.meta.url));
    await expect(loadProviders(broken)).rejects.toThrow(problem);
  });
});

/** The one source of a stage that names this provider. */
function sourceOf(name: string, provider: Provider): Settings["sources"][number] {
  const { settings } = senderByScheme(provider);
  const signature = { scheme: name, ...settings };
  const [source] = parseSettings({
    sources: [{ name: "a", signature, handshake: { kind: "none" } }],
  }).sources;
  if (source === undefined) throw new Error("there is no source");
  return source;
}

/** The provider's sample, signed at its receive time, as it comes out of the queue; and the secret it was signed with. */
async function sampleOf({ sample, contentTypes, ...provider }: Provider) {
  const { secret, send } = senderByScheme({ sample, contentTypes, ...provider });
  const receivedAt = envelopeOf().receivedAt;
  const sent = await send(secret, receivedAt, sample.body);
  const headers = new Map<string, string>();
  for (const [name, value] of [
    ["content-type", contentTypes[0]],
    ...Object.entries(sample.headers ?? {}),
    ...sent.headers,
  ] as const)
    headers.set(name.toLowerCase(), value);
  const envelope = envelopeOf({
    headers: [...headers],
    query: sent.query ?? [],
    body: Buffer.from(sent.body ?? sample.body),
  });
  return { envelope, secret };
}

describe.each(Object.entries(providers))("providers/%s.ts", (name, provider) => {
  const { displayName, secret, eventId, eventType, contentTypes, delivery, unconfirmed, links, sample } =
    provider;

  it("says everything that the tables need, in texts that fit into one", async () => {
    const texts = [displayName, secret.store, secret.shownAt, ...Object.values(delivery), ...unconfirmed];
    if (provider.handshake.kind === "not served") texts.push(...Object.values(provider.handshake));
    for (const text of [...texts, provider.notes ?? "a note"]) {
      expect(text.trim()).toBe(text);
      expect(text).toMatch(/^[^|\n]+$/);
    }
    expect(new Set(unconfirmed).size).toBe(unconfirmed.length);
    for (const link of links) expect(new URL(link).protocol).toBe("https:");
  });

  it("names types and places that exist", async () => {
    for (const type of contentTypes) expect(type).toMatch(/^[\w.+-]+\/[\w.+-]+$/);
    for (const locator of eventId) expect(eventIdLocator.safeParse(locator).success).toBe(true);
    if (eventType !== "none" && eventType !== notConfirmed) {
      expect(eventTypeLocator.safeParse(eventType).success).toBe(true);
    }
  });

  it("is plain data, which the bundle can hold", async () => {
    expect(JSON.parse(JSON.stringify(provider))).toEqual(provider);
  });

  it("has a sample that signs and verifies, with its event id and type where they should be", async () => {
    const { definition } = sourceOf(name, provider);
    const { envelope, secret } = await sampleOf(provider);
    expect(await verifySignature(definition.signature, envelope, [secret])).toEqual({ verified: true });
    expect(found(envelope, definition)).toEqual({ eventId: sample.eventId, eventType: sample.eventType });
  });

  it("has a sample of which an HTTP API carries all that is needed, or says why it cannot", async () => {
    const source = sourceOf(name, provider);
    const { envelope, secret } = await sampleOf(provider);
    const problems = httpProblems([source], { onExistingApi: false });
    const { headers, queryParameters = [] } = httpIngestSource(source);
    const carried = envelopeOf({
      ...envelope,
      headers: envelope.headers.filter(([header]) => ["content-type", ...headers].includes(header)),
      query: envelope.query.filter(([parameter]) => queryParameters.includes(parameter)),
    });
    if (problems.length > 0) {
      expect(problems.join()).toMatch(/is not available with api.kind http|but AWS takes 512/);
      return;
    }
    const { definition } = source;
    expect(await verifySignature(definition.signature, carried, [secret])).toEqual({ verified: true });
    expect(found(carried, definition)).toEqual(found(envelope, definition));
  });
});

/** What of a request the sender's own id and type are; ids that are made here are none. */
function found(envelope: Envelope, definition: Settings["sources"][number]["definition"]) {
  const id = findEventId(definition, envelope);
  const { eventType } = definition;
  const webhook = new Webhook(envelope, { id, eventId: id, attempt: 1, eventType });
  return {
    eventId: /^(request-id|body-sha256|request-sha256|combined-sha256):/.test(id) ? undefined : id,
    eventType: webhook.type,
  };
}
