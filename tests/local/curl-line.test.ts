import { execFile } from "node:child_process";
import { createServer, type IncomingMessage } from "node:http";
import { buffer } from "node:stream/consumers";
import { promisify } from "node:util";
import fc from "fast-check";
import { listenOnLoopback } from "local-aws";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { curlLine } from "../../local/curl-line.js";
import { providers } from "../../providers/support/known.js";
import { findEventId } from "../../runtime/history/event-id.js";
import type { SignatureDefinition } from "../../runtime/signatures/definition.js";
import { type SignedRequest, verifySignature } from "../../runtime/signatures/verify.js";
import type { EventIdLocator } from "../../runtime/stage/definition.js";
import { signatureSchema } from "../../settings/signatures.js";
import { assertProperty, explores, propertyTimeoutMilliseconds } from "../support/properties.js";
import { senderOf } from "../support/senders/index.js";
import { hmacSettings } from "../support/signature-settings.js";

/** As `npm start` makes them: valid as text, hexadecimal and base64; a user and a password for Basic authentication. */
const secretOf = ({ kind }: SignatureDefinition) =>
  `${kind === "basic" ? "webhooks:" : ""}${"0123456789abcdef".repeat(4)}`;
const received: { request: IncomingMessage; body: Buffer }[] = [];
const server = createServer(async (request, response) => {
  received.push({ request, body: await buffer(request) });
  response.end();
});
let url: string;
let close: () => Promise<void>;
beforeAll(async () => {
  const { origin, ...listening } = await listenOnLoopback(server);
  url = `${origin}/v1/webhooks/source`;
  close = listening.close;
});
afterAll(() => close());

/** Pastes a line into a shell and reads what it sent. */
async function pasted(line: string): Promise<SignedRequest> {
  received.length = 0;
  await promisify(execFile)("sh", ["-c", line]);
  const [sent] = received;
  if (sent === undefined) throw new Error("the line sent nothing");
  return {
    method: sent.request.method ?? "",
    headers: Object.entries(sent.request.headers).map(([name, value]) => [name, String(value)]),
    query: [...new URL(sent.request.url ?? "", url).searchParams],
    body: sent.body,
    receivedAt: Date.now(),
  };
}

const lineFor = (signature: SignatureDefinition, eventId: EventIdLocator = "json:id") =>
  curlLine({ source: { signature, eventId: [eventId] }, url, secret: secretOf(signature) });

/** The same signature with room for a shell that has to wait for a busy machine. */
function patient(signature: SignatureDefinition): SignatureDefinition {
  if (signature.kind !== "hmac" || signature.timestamp === undefined) return signature;
  return { ...signature, timestamp: { ...signature.timestamp, toleranceSeconds: 300 } };
}

const presets = Object.entries(providers).map(([name, provider]) => {
  const { settings } = senderOf(name, provider);
  const { signature, eventId = [] } = signatureSchema.parse({ scheme: name, ...settings });
  const line = (at: string) =>
    curlLine({ source: { signature, eventId }, url: at, secret: secretOf(signature) });
  return { name, signature, eventId, line };
});
const printed = presets.filter(({ line }) => line("http://a.test/") !== undefined);

describe("a line that npm start prints, pasted into a shell", () => {
  it("exists for every provider but those that sign with a private key, with a token, each payment or a list of headers", () => {
    const others = presets.filter((preset) => !printed.includes(preset));
    const kinds = new Set(others.map(({ signature }) => signature.kind));
    expect([...kinds].sort()).toEqual(["adyen", "contentful", "jwt", "paypal", "public-key"]);
  });

  it.each(printed)("is believed, and a new event each time: $name", async ({ signature, eventId, line }) => {
    const ids = new Set<string>();
    for (const requestId of ["1", "2"]) {
      const request = await pasted(line(url) ?? "");
      expect(await verifySignature(signature, request, [secretOf(signature)])).toEqual({ verified: true });
      ids.add(findEventId({ signature, eventId }, { ...request, requestId }));
    }
    expect(ids.size).toBe(2);
  });

  it("has the headers that the front door asks for", async () => {
    const source = { signature: { kind: "none" }, eventId: ["request-id"] } as const;
    const request = await pasted(
      curlLine({ source, url, secret: "", headers: { "X-Api-Key": "k$1" } }) ?? "",
    );
    expect(request.headers).toContainEqual(["x-api-key", "k$1"]);
  });

  it.each<TokenCase>([
    { header: "x-gitlab-token" },
    { header: "authorization", prefix: "Bearer " },
    { query: "token" },
    { query: "a key", prefix: "v1&=$x " },
  ])("shows the secret where the source looks for it: %j", async (place) => {
    const signature = { kind: "token", ...place } as const;
    const request = await pasted(lineFor(signature) ?? "");
    expect(await verifySignature(signature, request, [secretOf(signature)])).toEqual({ verified: true });
    expect(JSON.parse(request.body.toString())).toEqual({ id: expect.stringMatching(/^[0-9a-f]{16}$/) });
  });

  it(
    "is believed for every scheme that the settings accept, or is not printed",
    async () => {
      const locator = fc.constantFrom<EventIdLocator>(
        "header:x-signature",
        "header:X-Time",
        "header:content-type",
        "header:x-event",
        "json:data.$id",
        "json:a'b.\"c",
        "form:order id",
        "query:order&id",
        "request-id",
      );
      let lines = 0;
      await assertProperty(
        fc.asyncProperty(hmacSettings, locator, async (raw, eventId) => {
          const parsed = signatureSchema.safeParse(raw);
          fc.pre(parsed.success);
          const signature = patient(parsed.data.signature);
          const line = lineFor(signature, eventId);
          if (line === undefined) return;
          lines++;
          const request = await pasted(line);
          expect(await verifySignature(signature, request, [secretOf(signature)])).toEqual({
            verified: true,
          });
        }),
        60,
      );
      if (explores()) expect(lines).toBeGreaterThan(5);
    },
    propertyTimeoutMilliseconds,
  );

  it("is not there where a second more or less decides", () => {
    const { signature } = signatureSchema.parse({
      scheme: "hmac",
      header: "x-s",
      content: "{timestamp}{body}",
      timestamp: { header: "x-t", unit: "milliseconds", toleranceSeconds: 1 },
    });
    expect(curlLine({ source: { signature, eventId: [] }, url, secret: "s" })).toBeUndefined();
  });

  it("sends what a shell would else read as its own", async () => {
    const { signature } = signatureSchema.parse({
      scheme: "hmac",
      header: "x-s",
      prefix: "v1!$t`\\",
      content: "{timestamp}t!{body}$id{timestamp}",
      timestamp: { header: "x-t", prefix: "t=" },
    });
    const request = await pasted(lineFor(signature) ?? "");
    expect(await verifySignature(signature, request, [secretOf(signature)])).toEqual({ verified: true });
    expect(request.headers).toContainEqual(["x-s", expect.stringMatching(/^v1!\$t`\\[0-9a-f]{64}$/)]);
  });
});

interface TokenCase {
  readonly header?: string;
  readonly query?: string;
  readonly prefix?: string;
}
