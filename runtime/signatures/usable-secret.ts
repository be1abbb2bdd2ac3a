import type { SignatureDefinition } from "./definition.js";
import { readPublicKey } from "./public-keys.js";
import { SecretError } from "./scheme.js";
import { adyenKey } from "./schemes/adyen.js";
import { basicForm, refuseWithoutUser } from "./schemes/basic.js";
import { contentfulKey } from "./schemes/contentful.js";
import { tokenForm } from "./schemes/token.js";
import { twilioKey } from "./schemes/twilio.js";
import { readPlaidCredentials } from "./signing-keys.js";
import { keyForm, readKey, refuseWrongForm } from "./stored-secret.js";

/**
 * Judges a secret before it is stored: with the code that reads it for a webhook, and without one.
 *
 * @throws SecretError that says what to store instead, if no webhook of the source could fit the secret
 */
export async function refuseUnusableSecret(signature: SignatureDefinition, secret: string): Promise<void> {
  switch (signature.kind) {
    case "none":
      throw new SecretError("the source signs nothing, so it has no secret");
    case "hmac":
      return refuseUnusableKey(secret, signature.key);
    case "adyen":
      return refuseUnusableKey(secret, adyenKey);
    case "contentful":
      return refuseUnusableKey(secret, contentfulKey);
    case "twilio":
      return refuseUnusableKey(secret, twilioKey);
    case "token":
      return refuseWrongForm(secret, tokenForm);
    case "basic":
      refuseWrongForm(secret, basicForm);
      return refuseWithoutUser(secret);
    case "public-key":
      return void readPublicKey(secret, signature.algorithm);
    case "paypal":
      return void readPublicKey(secret, "rsa-sha256");
    case "jwt": {
      if (signature.keys?.kind === "plaid") return void readPlaidCredentials(secret);
      const { readKeyMaterial } = await import("./verify-token.js");
      const fits = signature.algorithms.some(
        (algorithm) => readKeyMaterial(secret, { algorithm }, signature) !== undefined,
      );
      if (fits) return;
      throw new SecretError(
        `a stored secret is no key for ${signature.algorithms.join(", ")}: store the PEM of the public key or a JSON Web Key Set`,
      );
    }
  }
}

/** @throws SecretError for a text that is not the secret of a keyed hash */
export function refuseUnusableKey(secret: string, key: Parameters<typeof readKey>[1]): void {
  readKey(secret, key);
  refuseWrongForm(secret, keyForm(key));
}
