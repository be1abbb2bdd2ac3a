import type { GetSecretValueCommandOutput } from "@aws-sdk/client-secrets-manager";
import { type FetchedValue, keepFetched, type Warn } from "./fetched-value.js";
import { readStoredSecrets } from "./stored-secret.js";

/** The active secrets of each source. */
export interface Secrets {
  /**
   * A source's secrets, at most five minutes old, or at most an hour old while Secrets Manager does not give them.
   *
   * @throws SecretUnavailableError while no secret is available. The webhook has to wait
   */
  of(source: string): Promise<readonly string[]>;

  /**
   * Newer secrets than the given ones, which did not fit: the cached ones if they are newer, else fetched ones. They
   * are fetched at most once a minute for each source, so that forged webhooks cannot cause costs. Undefined if there
   * is nothing newer to try.
   *
   * @throws SecretUnavailableError while it cannot be found out. The webhook has to wait
   */
  newerThan(source: string, used: readonly string[]): Promise<readonly string[] | undefined>;
}

/** The text of a secret by its name. Undefined while it has no value. Other failures reject. */
export type FetchSecret = (name: string) => Promise<string | undefined>;

/** The error for a secret that is missing, unreadable or not reachable. Its text says how to fix it. */
export class SecretUnavailableError extends Error {
  override readonly name = "SecretUnavailableError";
}

/** The error for a secret that Secrets Manager gave, and that has no value or none that can be read. */
class SecretValueError extends SecretUnavailableError {}

/** How long a function uses a secret before it reads it again. A webhook that no secret fits makes it look at once. */
export const freshSecretMilliseconds = 5 * 60_000;

const staleMilliseconds = 60 * 60_000;

/**
 * Caches secrets. Simultaneous requests for the same secret share one fetch.
 *
 * @param names name of the secret in Secrets Manager, by source
 * @param warn is told once a minute of each secret that is used although it is no longer fresh
 */
export function createSecrets({
  names,
  fetchSecret,
  clock,
  warn,
}: {
  readonly names: Readonly<Record<string, string>>;
  readonly fetchSecret: FetchSecret;
  /** The current time in epoch milliseconds. */
  readonly clock: () => number;
  readonly warn: Warn;
}): Secrets {
  const cache = new Map<string, FetchedValue<readonly string[]>>();
  const cached = (source: string, name: string) => {
    const known = cache.get(source);
    if (known !== undefined) return known;
    const kept = keepFetched<readonly string[]>({
      clock,
      freshMilliseconds: freshSecretMilliseconds,
      staleMilliseconds,
      isWithdrawn: (error) => error instanceof SecretValueError,
      about: { source, secret: name },
      warn,
    });
    cache.set(source, kept);
    return kept;
  };
  const nameOf = (source: string): string => {
    const name = Object.hasOwn(names, source) ? names[source] : undefined;
    if (name !== undefined) return name;
    throw new SecretUnavailableError(
      `no secret is configured for source ${source}: deploy the function with this stack's program`,
    );
  };
  const fetchNamed = (name: string) => async () =>
    parseSecrets(name, await fetchOrExplain(name, fetchSecret));

  return {
    async of(source) {
      const name = nameOf(source);
      return cached(source, name).current(fetchNamed(name));
    },

    async newerThan(source, used) {
      const name = nameOf(source);
      return cached(source, name).newerThan(used, fetchNamed(name));
    },
  };
}

/**
 * Reads secrets from AWS. The client is loaded for the first secret, because a stage whose sources sign nothing never
 * needs it.
 *
 * @param requestHandler has timeouts. Without any, a single request that is never answered would make every webhook of
 *   its source wait for as long as this environment lives
 */
export function secretsManagerFetch(requestHandler: {
  readonly connectionTimeout: number;
  readonly requestTimeout: number;
  readonly throwOnRequestTimeout: boolean;
}): FetchSecret {
  let request: Promise<(name: string) => Promise<GetSecretValueCommandOutput>> | undefined;
  const connect = async () => {
    const { GetSecretValueCommand, SecretsManagerClient } = await import("@aws-sdk/client-secrets-manager");
    const client = new SecretsManagerClient({ requestHandler });
    return (name: string) => client.send(new GetSecretValueCommand({ SecretId: name }));
  };
  return async (name) => {
    request ??= connect();
    const send = await request;
    try {
      const { SecretString, SecretBinary } = await send(name);
      // `--secret-binary file://…` stores a text as bytes.
      return SecretString ?? (SecretBinary && Buffer.from(SecretBinary).toString("utf8"));
    } catch (error) {
      // Secrets Manager reports a secret without a value as one that does not exist.
      if (error instanceof Error && error.name === "ResourceNotFoundException") return undefined;
      throw error;
    }
  };
}

async function fetchOrExplain(name: string, fetchSecret: FetchSecret): Promise<string> {
  let text: string | undefined;
  try {
    text = await fetchSecret(name);
  } catch (error) {
    const cause = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
    throw new SecretUnavailableError(`secret ${name} cannot be read: ${cause}`, { cause: error });
  }
  if (text === undefined || text.trim() === "") {
    throw new SecretValueError(`secret ${name} has no value: set it with ${setCommand(name)}`);
  }
  return text;
}

function parseSecrets(name: string, text: string): readonly string[] {
  const secrets = readStoredSecrets(text);
  if (secrets !== undefined) return secrets;
  throw new SecretValueError(
    `secret ${name} starts with [ but is not a JSON array of texts: set it with ${setCommand(name)}`,
  );
}

function setCommand(name: string): string {
  return `aws secretsmanager put-secret-value --secret-id ${name} --secret-string <the provider's secret>`;
}
