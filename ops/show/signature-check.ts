import { RequestValues } from "../../runtime/envelope/values.js";
import type { StoredWebhook } from "../../runtime/payload/storable.js";
import { checkSignature } from "../../runtime/signatures/check-signature.js";
import { needsSecret, type SignatureDefinition } from "../../runtime/signatures/definition.js";
import { createRequestKeys } from "../../runtime/signatures/fetch-keys.js";
import { createSecrets, type FetchSecret } from "../../runtime/signatures/secrets.js";
import { signedTime } from "../../runtime/signatures/signed-time.js";
import { createSigningKeys } from "../../runtime/signatures/signing-keys.js";
import type { Stage } from "../stage/stage.js";
import { signaturePlaces } from "./signature-places.js";

/** What can be said about a webhook's signature, a sentence each. None of them contains a secret. */
export async function explainSignature(
  {
    name,
    signature,
    webhook,
  }: {
    /** Present name of the source. */
    readonly name: string;
    readonly signature: SignatureDefinition;
    readonly webhook: StoredWebhook;
  },
  stage: Stage,
): Promise<string[]> {
  if (signature.kind === "none") return ["the source signs nothing, so every request counts as genuine"];
  const values = new RequestValues(webhook);
  return [
    `the scheme is ${signature.kind}`,
    ...signaturePlaces(signature).map((place) => {
      if (webhook.redacted?.includes(place)) return `${place} was there, and the history must not keep it`;
      return values.at(place).length > 0 ? `${place} is there` : `${place} is missing`;
    }),
    ...timeOf(signature, values, webhook.receivedAt),
    ...(await again(name, signature, webhook, stage)),
  ];
}

function timeOf(signature: SignatureDefinition, values: RequestValues, receivedAt: number): string[] {
  const text = signedTime(signature, values);
  if (text === undefined) return [];
  const milliseconds = /^\d+$/.test(text) ? Number(text) * (text.length > 11 ? 1 : 1_000) : Date.parse(text);
  if (Number.isNaN(milliseconds)) return ["the signed time cannot be read"];
  const seconds = Math.round((receivedAt - milliseconds) / 1_000);
  const tolerance = toleranceOf(signature);
  const allowed = tolerance === undefined ? "any difference is allowed" : `${tolerance} s are allowed`;
  return [
    `the signed time is ${Math.abs(seconds)} s ${seconds < 0 ? "after" : "before"} the receive time; ${allowed}`,
  ];
}

function toleranceOf(signature: SignatureDefinition): number | undefined {
  if (signature.kind === "contentful") return signature.toleranceSeconds;
  return "timestamp" in signature ? signature.timestamp?.toleranceSeconds : undefined;
}

/** The check once more, with what is kept and with the secrets that are active now. */
async function again(
  name: string,
  signature: SignatureDefinition,
  webhook: StoredWebhook,
  stage: Stage,
): Promise<string[]> {
  const missing = webhook.redacted ?? [];
  if (missing.length > 0) {
    return [`it cannot be checked again, because the history does not keep ${missing.join(", ")}`];
  }
  const secretName = stage.outputs.secretNames[name];
  const fetchSecret: FetchSecret = async (SecretId) => {
    const { GetSecretValueCommand } = await import("@aws-sdk/client-secrets-manager");
    const client = await stage.clients.secretsManager();
    try {
      const { SecretString, SecretBinary } = await client.send(new GetSecretValueCommand({ SecretId }));
      return SecretString ?? (SecretBinary && Buffer.from(SecretBinary).toString("utf8"));
    } catch (error) {
      if ((error as Error).name === "ResourceNotFoundException") return undefined;
      throw error;
    }
  };
  const warn = () => {};
  const clock = Date.now;
  const secrets = createSecrets({
    names: secretName === undefined ? {} : { [name]: secretName },
    fetchSecret,
    clock,
    warn,
  });
  const signingKeys = createSigningKeys({ requestKeys: createRequestKeys(), clock, warn });
  try {
    const count = needsSecret(signature) ? (await secrets.of(name)).length : 0;
    const found =
      count === 0 ? "" : ` with ${count === 1 ? "the active secret" : `one of the ${count} active secrets`}`;
    const result = await checkSignature({ name, signature }, webhook, { secrets, signingKeys });
    if (result.verified) return [`checked again now, it fits${found}: a replay accepts it`];
    const hint = result.otherSecret
      ? `${found === "" ? "" : `${found.replace(" with", " not even with")}`}: the sender signs with another secret, or the body was changed on its way`
      : "";
    return [`checked again now, it does not fit${hint}: ${result.reason}`];
  } catch (error) {
    return [`it cannot be checked again now: ${(error as Error).message}`];
  }
}
