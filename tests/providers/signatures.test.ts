import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { providers } from "../../providers/support/known.js";
import type { NameValue } from "../../runtime/envelope/headers.js";
import { needsSecret, type SignatureDefinition } from "../../runtime/signatures/definition.js";
import { type SignedRequest, verifySignature } from "../../runtime/signatures/verify.js";
import { signatureSchema } from "../../settings/signatures.js";
import { senderOf, senders } from "../support/senders/index.js";
import { defaultBody, type Sender, type Sent } from "../support/senders/sender.js";
import { twilioJson } from "../support/senders/url-bound.js";

const receivedAt = 1_767_225_600_000;

/** The scheme as a stage's settings make it of the provider. */
function definitionOf(name: string, { settings }: Sender): SignatureDefinition {
  return signatureSchema.parse({ scheme: name, ...settings }).signature;
}

async function sentBy(
  { send, body = defaultBody }: Sender,
  secret: string,
  signedAt = receivedAt,
): Promise<SignedRequest> {
  const sent: Sent = await send(secret, signedAt, body);
  return {
    method: "POST",
    headers: sent.headers,
    query: sent.query ?? [],
    body: Buffer.from(sent.body ?? body),
    receivedAt,
  };
}

const cases: [name: string, scheme: string, sender: Sender][] = [
  ...Object.entries(providers).map(([name, provider]): [string, string, Sender] => [
    name,
    name,
    senderOf(name, provider),
  ]),
  ["twilio with a body that is no form", "twilio", twilioJson],
];

it("has a provider for every sender", async () => {
  expect(Object.keys(providers)).toEqual(expect.arrayContaining(Object.keys(senders)));
});

describe.each(cases)("%s", (_, scheme, sender) => {
  const { secret, otherSecret, covers = "the whole body" } = sender;
  const definition = definitionOf(scheme, sender);
  const verify = (request: SignedRequest, secrets = [secret]) =>
    verifySignature(definition, request, secrets);

  it("believes what the provider signed", async () => {
    expect(await verify(await sentBy(sender, secret))).toEqual({ verified: true });
  });

  it("wants a secret, unless the provider publishes its keys", () => {
    const publishes = definition.kind === "jwt" && definition.keys?.kind === "key-set";
    expect(needsSecret(definition)).toBe(!publishes);
  });

  it.each([
    ["upper", (text: string) => text.toUpperCase()],
    ["lower", (text: string) => text.toLowerCase()],
  ])("finds its headers in %s case", async (_, change) => {
    const request = await sentBy(sender, secret);
    const headers = request.headers.map(([name, value]): NameValue => [change(name), value]);
    expect(await verify({ ...request, headers })).toEqual({ verified: true });
  });

  it("believes any of several active secrets", async () => {
    const request = await sentBy(sender, secret);
    expect(await verify(request, [otherSecret, secret])).toEqual({ verified: true });
    expect(await verify(request, [secret, otherSecret])).toEqual({ verified: true });
  });

  it("turns away what another secret signed, and says that a newer one might fit", async () => {
    expect(await verify(await sentBy(sender, otherSecret))).toMatchObject({
      verified: false,
      otherSecret: true,
    });
  });

  it("turns away a webhook without any one of its headers", async () => {
    const request = await sentBy(sender, secret);
    for (const [missing] of request.headers) {
      const headers = request.headers.filter(([name]) => name !== missing);
      expect(await verify({ ...request, headers })).toMatchObject({
        verified: false,
        reason: expect.stringMatching(new RegExp(`^the header ${missing} is missing`, "i")),
        otherSecret: false,
      });
    }
  });

  it("turns away a header that occurs twice, in whatever case", async () => {
    const request = await sentBy(sender, secret);
    for (const [name, value] of request.headers) {
      const headers: NameValue[] = [...request.headers, [name.toUpperCase(), value]];
      expect(await verify({ ...request, headers })).toMatchObject({
        verified: false,
        reason: expect.stringMatching(new RegExp(`^the header ${name} occurs 2 times$`, "i")),
      });
    }
  });

  it("turns away a webhook with nothing in it", async () => {
    const request = await sentBy(sender, secret);
    const nothing = { ...request, headers: [], query: [], body: Buffer.alloc(0) };
    expect(await verify(nothing)).toMatchObject({ verified: false, otherSecret: false });
  });

  it("repeats neither secret nor signature in its reasons", async () => {
    const request = await sentBy(sender, otherSecret, receivedAt - 7_200_000);
    const told = JSON.stringify(verify(request));
    for (const word of [secret, otherSecret, ...request.headers.map(([, value]) => value)]) {
      expect(told).not.toContain(word);
    }
  });

  it("survives whatever a forger writes into its headers and body", async () => {
    const request = await sentBy(sender, secret);
    const names = request.headers.map(([name]) => name);
    const headers = fc.tuple(
      ...names.map((name) => fc.tuple(fc.constant(name), fc.string({ unit: "binary" }))),
    );
    const body = fc.oneof(
      fc.uint8Array(),
      fc.json().map((text) => Buffer.from(text)),
    );
    await fc.assert(
      fc.asyncProperty(headers, body, async (forged, bytes) => {
        expect(await verify({ ...request, headers: forged, body: Buffer.from(bytes) })).toMatchObject({
          verified: false,
        });
      }),
      { numRuns: 50 },
    );
  });

  if (covers === "the whole body") {
    it("turns away a body with one bit flipped, wherever it is", async () => {
      const request = await sentBy(sender, secret);
      for (let position = 0; position < request.body.length; position++) {
        const body = Buffer.from(request.body);
        body.writeUInt8(body.readUInt8(position) ^ 1, position);
        expect(await verify({ ...request, body })).toMatchObject({ verified: false });
      }
    });
  }

  const { toleranceSeconds } = sender;
  if (toleranceSeconds !== undefined) {
    it(`holds the signed time against the receive time, ${toleranceSeconds} s either way`, async () => {
      const at = async (distanceSeconds: number) =>
        verify(await sentBy(sender, secret, receivedAt + distanceSeconds * 1000));
      expect(await at(-toleranceSeconds)).toEqual({ verified: true });
      expect(await at(toleranceSeconds)).toEqual({ verified: true });
      const allowed = `the receive time; ${toleranceSeconds} s are allowed`;
      expect(await at(-toleranceSeconds - 1)).toMatchObject({
        reason: `the signed time is ${toleranceSeconds + 1} s before ${allowed}`,
        otherSecret: false,
      });
      expect(await at(toleranceSeconds + 1)).toMatchObject({
        reason: `the signed time is ${toleranceSeconds + 1} s after ${allowed}`,
      });
    });

    it("holds it against a window of the stage's own", async () => {
      const strict = definitionOf(scheme, {
        ...sender,
        settings: { ...sender.settings, toleranceSeconds: 5 },
      });
      const sent = await sentBy(sender, secret, receivedAt - 6000);
      expect(await verifySignature(strict, sent, [secret])).toMatchObject({
        reason: "the signed time is 6 s before the receive time; 5 s are allowed",
      });
    });
  }
});

describe.each(["zoom", "sendgrid", "discord", "mailgun"])("%s, which names no window,", (name) => {
  const sender = senders[name];
  if (sender === undefined) throw new Error(`there is no sender ${name}`);

  it("is believed whenever it was signed, unless the stage sets a window", async () => {
    const { secret } = sender;
    const old = await sentBy(sender, secret, receivedAt - 86_400_000);
    expect(await verifySignature(definitionOf(name, sender), old, [secret])).toEqual({ verified: true });

    const strict = definitionOf(name, { ...sender, settings: { toleranceSeconds: 60 } });
    expect(await verifySignature(strict, old, [secret])).toMatchObject({
      verified: false,
      otherSecret: false,
    });
  });
});

it("judges a time for exactly those providers that name a window", async () => {
  const judged = Object.entries(providers).flatMap(([name, { signature }]) => {
    const seconds =
      "toleranceSeconds" in signature
        ? signature.toleranceSeconds
        : "timestamp" in signature
          ? signature.timestamp?.toleranceSeconds
          : undefined;
    return seconds === undefined ? [] : [[name, seconds]];
  });
  const named = Object.entries(providers).flatMap(([name, provider]) => {
    const { toleranceSeconds } = senderOf(name, provider);
    return toleranceSeconds === undefined ? [] : [[name, toleranceSeconds]];
  });
  expect(Object.fromEntries(judged)).toEqual(Object.fromEntries(named));
});
