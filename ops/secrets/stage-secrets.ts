import {
  GetSecretValueCommand,
  PutSecretValueCommand,
  ResourceNotFoundException,
  type SecretsManagerClient,
} from "@aws-sdk/client-secrets-manager";
import { UsageError } from "../../command-line/command-error.js";
import { providers } from "../../providers/support/known.js";
import type { Provider } from "../../providers/support/provider.js";
import { forwardKey } from "../../runtime/forward/sign.js";
import type { SignatureDefinition } from "../../runtime/signatures/definition.js";
import { readStoredSecrets, writeStoredSecrets } from "../../runtime/signatures/stored-secret.js";
import { refuseUnusableKey, refuseUnusableSecret } from "../../runtime/signatures/usable-secret.js";
import type { StageOutputs } from "../stage/outputs.js";

/** A secret of a stage: a source's own, or one that forwarded webhooks are signed with. */
export interface StageSecret {
  /** The source's name, or `<source>-forward`, or `<source>.<subscriber>-forward`. */
  readonly name: string;
  /** Its name in Secrets Manager. */
  readonly secretName: string;
  /** What it checks. Absent: it signs what is forwarded. */
  readonly checks?: { readonly signature: SignatureDefinition; readonly provider: Provider | undefined };
}

/** What is stored as a secret. */
export interface StoredSecret {
  readonly arn: string;
  /** Absent for a text that starts like a list and is none. */
  readonly active: readonly string[] | undefined;
  /** When it was stored, in epoch milliseconds. */
  readonly storedAt: number;
}

export function secretsOf({ secretNames, operations }: StageOutputs): StageSecret[] {
  return Object.entries(secretNames).map(([name, secretName]) => {
    const source = operations.sources[name];
    if (source === undefined) return { name, secretName };
    const { signature, provider } = source;
    const known = provider === undefined ? undefined : providers[provider];
    return { name, secretName, checks: { signature, provider: known } };
  });
}

/** @throws UsageError that lists the names there are */
export function findSecret(outputs: StageOutputs, name: string): StageSecret {
  const secrets = secretsOf(outputs);
  const found = secrets.find((secret) => secret.name === name);
  if (found !== undefined) return found;
  const names = secrets.map((secret) => secret.name).join(", ");
  if (outputs.operations.sources[name] !== undefined) {
    throw new UsageError(`source "${name}" needs no secret; those with one are ${names || "none"}`);
  }
  throw new UsageError(`there is no source "${name}" with a secret: there are ${names || "none"}`);
}

/** Refuses a text that could not be used. @throws SecretError */
export async function refuseUnusable({ checks }: StageSecret, text: string): Promise<void> {
  if (checks === undefined) refuseUnusableKey(text, forwardKey);
  else await refuseUnusableSecret(checks.signature, text);
}

/** What is stored. Undefined: nothing yet. */
export async function readSecret(
  client: SecretsManagerClient,
  { secretName }: StageSecret,
): Promise<StoredSecret | undefined> {
  try {
    const answer = await client.send(new GetSecretValueCommand({ SecretId: secretName }));
    // `--secret-binary file://…` of the AWS CLI stores a text as bytes.
    const text = answer.SecretString ?? Buffer.from(answer.SecretBinary ?? []).toString("utf8");
    if (text.trim() === "") return undefined;
    return {
      arn: answer.ARN ?? secretName,
      active: readStoredSecrets(text),
      storedAt: answer.CreatedDate?.getTime() ?? 0,
    };
  } catch (error) {
    // So Secrets Manager says that a secret has no value.
    if (error instanceof ResourceNotFoundException) return undefined;
    throw error;
  }
}

/** Stores active secrets, the newest first. */
export async function writeSecret(
  client: SecretsManagerClient,
  { secretName }: StageSecret,
  active: readonly string[],
): Promise<{ readonly arn: string }> {
  const { ARN = secretName } = await client.send(
    new PutSecretValueCommand({ SecretId: secretName, SecretString: writeStoredSecrets(active) }),
  );
  return { arn: ARN };
}
