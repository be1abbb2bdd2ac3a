import { generateKeyPairSync } from "node:crypto";
import { describe, expect, it } from "vitest";
import { providers } from "../../../providers/support/known.js";
import type { SignatureDefinition } from "../../../runtime/signatures/definition.js";
import { SecretError } from "../../../runtime/signatures/scheme.js";
import { refuseUnusableSecret } from "../../../runtime/signatures/usable-secret.js";
import { makeSenderKeys } from "../../../samples/sender-keys.js";

const signatureOf = (provider: string): SignatureDefinition => {
  const found = providers[provider];
  if (found === undefined) throw new Error(`no provider ${provider}`);
  return found.signature;
};
const rsa = generateKeyPairSync("rsa", { modulusLength: 2048 });
const pem = rsa.publicKey.export({ type: "spki", format: "pem" }).toString();
const privatePem = rsa.privateKey.export({ type: "pkcs8", format: "pem" }).toString();

describe("a secret that is to be stored", () => {
  const senders = Object.entries(providers).flatMap(([name, { signature }]) => {
    const secret = makeSenderKeys(signature)?.secret;
    return secret === undefined ? [] : [{ name, signature, secret }];
  });

  it.each(senders)(
    "of $name is taken if its webhooks can be signed with it",
    async ({ signature, secret }) => {
      await expect(refuseUnusableSecret(signature, secret)).resolves.toBeUndefined();
    },
  );

  it.each(senders)("of $name is refused if it is empty", async ({ signature }) => {
    await expect(refuseUnusableSecret(signature, "")).rejects.toThrow(SecretError);
  });

  it.each(senders)(
    "of $name is refused if it is what the console's key/value form stores",
    async (sender) => {
      await expect(refuseUnusableSecret(sender.signature, '{"secret":"abc"}')).rejects.toThrow(SecretError);
    },
  );

  it.each([
    ["github", '"abcdef"', /is in quotes/],
    ["github", "abc\ndef", /more than one line/],
    ["github", pem, /is PEM/],
    ["svix", "whsec_!!!", /is not base64/],
    ["svix", "whsec_", /is empty/],
    ["adyen", "not hexadecimal", /is not hexadecimal/],
    ["postmark", "no-colon", /is not user:password/],
    ["postmark", '"user:password"', /is in quotes/],
    ["gitlab", "`abc`", /is in quotes/],
    ["twilio", "'abc'", /is in quotes/],
    ["sendgrid", "abc", /cannot be read/],
    ["sendgrid", pem, /is of rsa-sha256, not of ecdsa-p256-sha256/],
    ["paypal", privatePem, /private key/],
    ["plaid", "only-the-id", /is not client_id:secret/],
    ["fusionauth", "'abc'", /is in quotes/],
  ])("of %s is refused if it is %j", async (provider, secret, problem) => {
    await expect(refuseUnusableSecret(signatureOf(provider), secret)).rejects.toThrow(problem);
  });

  it("of a token is refused if it is a key for algorithms that the source does not accept", async () => {
    const definition: SignatureDefinition = { kind: "jwt", header: "authorization", algorithms: ["ES256"] };
    await expect(refuseUnusableSecret(definition, pem)).rejects.toThrow(/is no key for ES256/);
    await expect(refuseUnusableSecret(definition, "a shared secret")).rejects.toThrow(/is no key for ES256/);
    await expect(
      refuseUnusableSecret({ ...definition, algorithms: ["RS256"] }, pem),
    ).resolves.toBeUndefined();
  });

  it("of a source that signs nothing is refused", async () => {
    await expect(refuseUnusableSecret({ kind: "none" }, "abc")).rejects.toThrow(/signs nothing/);
  });
});
