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

/** What is known of a webhook's signature. None of it contains a secret. */
export interface SignatureVerdict {
  /** The scheme's kind: `hmac`, `jwt`. */
  readonly scheme: string;
  /** Where the signature, and the signed time, are looked for. */
  readonly places: readonly { readonly place: string; readonly state: "found" | "missing" | "not-kept" }[];
  /** Absent where the scheme signs no time, or it is missing. */
  readonly signedTime?: SignedTime;
  /** The check once more, with what is kept and with the secrets that are active now. */
  readonly now: CheckedAgain;
  /** All of it, a sentence each. */
  readonly sentences: readonly string[];
}

interface SignedTime {
  /** From the signed time to the receive time; negative: it was signed after it was received. Absent: it cannot be read. */
  readonly skewSeconds?: number;
  /** Absent: any difference is allowed. */
  readonly toleranceSeconds?: number;
}

interface CheckedAgain {
  readonly state: "fits" | "does-not-fit" | "cannot-be-checked";
  readonly activeSecrets: number;
  /** A sentence. */
  readonly reason: string;
}

/** Says what is known of a webhook's signature, and checks it once more. */
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
): Promise<SignatureVerdict> {
  if (signature.kind === "none") {
    const reason = "the source signs nothing, so every request counts as genuine";
    const now = { state: "fits", activeSecrets: 0, reason } as const;
    return { scheme: signature.kind, places: [], now, sentences: [reason] };
  }
  const values = new RequestValues(webhook);
  const places = signaturePlaces(signature).map((place) => {
    if (webhook.redacted?.includes(place)) return { place, state: "not-kept" } as const;
    return { place, state: values.at(place).length > 0 ? "found" : "missing" } as const;
  });
  const signedTime = timeOf(signature, values, webhook.receivedAt);
  const now = await again(name, signature, webhook, stage);
  return {
    scheme: signature.kind,
    places,
    ...(signedTime === undefined ? {} : { signedTime }),
    now,
    sentences: [
      `the scheme is ${signature.kind}`,
      ...places.map(({ place, state }) => `${place} ${placeWords[state]}`),
      ...(signedTime === undefined ? [] : [timeWords(signedTime)]),
      now.reason,
    ],
  };
}

const placeWords = {
  found: "is there",
  missing: "is missing",
  "not-kept": "was there, and the history must not keep it",
} as const;

function timeOf(
  signature: SignatureDefinition,
  values: RequestValues,
  receivedAt: number,
): SignedTime | undefined {
  const text = signedTime(signature, values);
  if (text === undefined) return undefined;
  const milliseconds = /^\d+$/.test(text) ? Number(text) * (text.length > 11 ? 1 : 1_000) : Date.parse(text);
  const tolerance = toleranceOf(signature);
  return {
    ...(Number.isNaN(milliseconds) ? {} : { skewSeconds: Math.round((receivedAt - milliseconds) / 1_000) }),
    ...(tolerance === undefined ? {} : { toleranceSeconds: tolerance }),
  };
}

function timeWords({ skewSeconds: seconds, toleranceSeconds }: SignedTime): string {
  if (seconds === undefined) return "the signed time cannot be read";
  const allowed =
    toleranceSeconds === undefined ? "any difference is allowed" : `${toleranceSeconds} s are allowed`;
  return `the signed time is ${Math.abs(seconds)} s ${seconds < 0 ? "after" : "before"} the receive time; ${allowed}`;
}

function toleranceOf(signature: SignatureDefinition): number | undefined {
  if (signature.kind === "contentful") return signature.toleranceSeconds;
  return "timestamp" in signature ? signature.timestamp?.toleranceSeconds : undefined;
}

async function again(
  name: string,
  signature: SignatureDefinition,
  webhook: StoredWebhook,
  stage: Stage,
): Promise<CheckedAgain> {
  const unknown = (reason: string) => ({ state: "cannot-be-checked", activeSecrets: 0, reason }) as const;
  const missing = webhook.redacted ?? [];
  if (missing.length > 0) {
    return unknown(`it cannot be checked again, because the history does not keep ${missing.join(", ")}`);
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
    if (result.verified) {
      const reason = `checked again now, it fits${found}: a replay accepts it`;
      return { state: "fits", activeSecrets: count, reason };
    }
    const hint = result.otherSecret
      ? `${found === "" ? "" : `${found.replace(" with", " not even with")}`}: the sender signs with another secret, or the body was changed on its way`
      : "";
    const reason = `checked again now, it does not fit${hint}: ${result.reason}`;
    return { state: "does-not-fit", activeSecrets: count, reason };
  } catch (error) {
    return unknown(`it cannot be checked again now: ${(error as Error).message}`);
  }
}
