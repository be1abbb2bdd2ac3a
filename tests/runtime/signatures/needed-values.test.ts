import { describe, expect, it } from "vitest";
import { neededValues } from "../../../runtime/signatures/needed-values.js";
import { verifySignature } from "../../../runtime/signatures/verify.js";
import { signatureSchema } from "../../../settings/signatures.js";
import { senders } from "../../support/senders/index.js";
import { defaultBody, type Sender } from "../../support/senders/sender.js";
import { twilioJson } from "../../support/senders/url-bound.js";

const receivedAt = 1_767_225_600_000;

const cases: [name: string, scheme: string, sender: Sender][] = [
  ...Object.entries(senders).map(([name, sender]): [string, string, Sender] => [name, name, sender]),
  ["twilio with a body that is no form", "twilio", twilioJson],
];

/** A provider's request with nothing left but what the provider is said to need. */
async function onlyNeeded(scheme: string, { send, secret, settings, body = defaultBody }: Sender) {
  const definition = signatureSchema.parse({ scheme: scheme, ...settings }).signature;
  const needed = neededValues(definition);
  if (needed === undefined) return undefined;
  const sent = await send(secret, receivedAt, body);
  return verifySignature(
    definition,
    {
      method: "POST",
      headers: sent.headers.filter(([name]) => needed.headers.includes(name.toLowerCase())),
      query: (sent.query ?? []).filter(([name]) => needed.query.includes(name)),
      body: Buffer.from(sent.body ?? body),
      receivedAt,
    },
    [secret],
  );
}

describe("what a signature needs of a request", () => {
  it.each(cases.filter(([name]) => name !== "contentful"))("is enough for %s", async (_, scheme, sender) => {
    expect(await onlyNeeded(scheme, sender)).toEqual({ verified: true });
  });

  it("is not known beforehand for contentful, whose requests say themselves which headers are signed", async () => {
    expect(await onlyNeeded("contentful", senders.contentful as Sender)).toBeUndefined();
  });

  it("names the headers of a scheme that the stage describes itself, in lower case", () => {
    const { signature } = signatureSchema.parse({
      scheme: "hmac",
      header: ["X-Old-Signature", "X-New-Signature"],
      content: "{timestamp}.{header:X-Id}.{form}",
      timestamp: { header: "X-Time" },
    });

    expect(neededValues(signature)?.headers).toEqual([
      "x-old-signature",
      "x-new-signature",
      "x-time",
      "x-id",
      "content-type",
    ]);
  });

  it("is a query parameter where the token stands in the URL", () => {
    const { signature } = signatureSchema.parse({ scheme: "token", query: "Key" });

    expect(neededValues(signature)).toEqual({ headers: [], query: ["Key"] });
  });

  it("is nothing where nothing is signed", () => {
    expect(neededValues({ kind: "none" })).toEqual({ headers: [], query: [] });
  });
});
