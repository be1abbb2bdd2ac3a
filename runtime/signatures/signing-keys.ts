import { parseJson } from "../envelope/json.js";
import type { SigningKeySource } from "./definition.js";
import { type FetchedValue, keepFetched, type Warn } from "./fetched-value.js";
import { SecretUnavailableError } from "./secrets.js";
import { secretError } from "./stored-secret.js";

/** The public keys that the senders of tokens publish. */
export interface SigningKeys {
  /**
   * The keys that are known at an address, as a JSON Web Key Set: fetched at most an hour ago, or at most a day ago while the
   * address does not answer.
   *
   * @throws SecretUnavailableError if there are none and they cannot be fetched. The webhook has to wait
   */
  of(source: SigningKeySource): Promise<readonly string[]>;

  /**
   * The keys that a token names and `used` lacks. They are fetched rarely, so that forged tokens cannot cause requests: a
   * key set once a minute, single keys ten times a minute. Undefined if there is nothing newer to try.
   *
   * @param credentials the secrets of the source, for an address that asks for them
   * @throws SecretUnavailableError, SecretError if they cannot be fetched. The webhook has to wait
   */
  newerThan(
    source: SigningKeySource,
    used: readonly string[],
    keyIds: readonly string[],
    credentials: () => Promise<readonly string[]>,
  ): Promise<readonly string[] | undefined>;
}

export interface KeyRequest {
  readonly url: string;
  /** JSON to post. Absent: a GET. */
  readonly body?: string;
}

export interface KeyAnswer {
  readonly status: number;
  readonly text: string;
}

/** Asks for keys. Rejects if there is no answer. */
export type RequestKeys = (request: KeyRequest) => Promise<KeyAnswer>;

const minute = 60_000;
const freshMilliseconds = 60 * minute;
const staleMilliseconds = 24 * 60 * minute;

/** Most single keys that are kept and asked for. A sender has two or three. */
const mostKeys = 20;
const lookUpsPerMinute = 10;

/** Caches keys by address. Simultaneous requests for the same ones share one fetch. */
export function createSigningKeys(dependencies: Dependencies): SigningKeys {
  const caches = new Map<string, SigningKeyCache>();
  const cacheOf = (source: SigningKeySource): SigningKeyCache => {
    const known = caches.get(source.url);
    if (known !== undefined) return known;
    const cache =
      source.kind === "plaid" ? plaidKeys(source.url, dependencies) : keySet(source.url, dependencies);
    caches.set(source.url, cache);
    return cache;
  };
  return {
    of: (source) => cacheOf(source).known(),
    newerThan: (source, used, keyIds, credentials) => cacheOf(source).newerThan(used, keyIds, credentials),
  };
}

interface SigningKeyCache {
  known(): Promise<readonly string[]>;
  newerThan(
    used: readonly string[],
    keyIds: readonly string[],
    credentials: () => Promise<readonly string[]>,
  ): Promise<readonly string[] | undefined>;
}

interface Dependencies {
  readonly requestKeys: RequestKeys;
  /** The current time in epoch milliseconds. */
  readonly clock: () => number;
  readonly warn: Warn;
}

/** Keeps what is fetched from an address. */
function keepKeys<Value>(
  { clock, warn }: Dependencies,
  about: { readonly keys_url: string; readonly key_id?: string },
): FetchedValue<Value> {
  const isWithdrawn = (error: unknown) => error instanceof UnknownKeyError;
  return keepFetched<Value>({ clock, freshMilliseconds, staleMilliseconds, isWithdrawn, about, warn });
}

/** All keys of a sender at one address. */
function keySet(url: string, dependencies: Dependencies): SigningKeyCache {
  const kept = keepKeys<readonly string[]>(dependencies, { keys_url: url });
  const fetch = async () => {
    try {
      const { status, text } = await dependencies.requestKeys({ url });
      if (status !== 200) throw new Error(`it answered with status ${status}`);
      if (!isKeySet(text)) throw new Error("the answer is not a JSON Web Key Set");
      return [text];
    } catch (error) {
      throw unavailable(url, error);
    }
  };
  return {
    known: () => kept.current(fetch),
    newerThan: (used) => kept.newerThan(used, fetch),
  };
}

/**
 * Plaid's keys, each of which is asked for by its id: plaid.com/docs/api/webhooks/webhook-verification. The source's secret is
 * `client_id:secret`.
 */
function plaidKeys(url: string, dependencies: Dependencies): SigningKeyCache {
  const { requestKeys, clock } = dependencies;
  const found = new Map<string, FetchedValue<unknown>>();
  const notFound = new Map<string, FetchedValue<unknown>>();
  const missingSince = new Map<string, number>();
  let lookUps: number[] = [];

  const freshKeys = () => {
    const keys = [...found.values()].flatMap((kept) => kept.known() ?? []);
    const fresh = keys.filter(({ ageMilliseconds }) => ageMilliseconds < freshMilliseconds);
    return setOf(fresh.map(({ value }) => value));
  };
  const keptOf = (keyId: string): FetchedValue<unknown> => {
    const known = found.get(keyId) ?? notFound.get(keyId);
    if (known !== undefined) return known;
    const kept = keepKeys<unknown>(dependencies, { keys_url: url, key_id: keyId });
    remember(notFound, keyId, kept);
    return kept;
  };
  const lookUp = async (keyId: string, credentials: () => Promise<readonly string[]>): Promise<unknown> => {
    const now = clock();
    lookUps = lookUps.filter((at) => now - at < minute);
    if (lookUps.length >= lookUpsPerMinute) throw new NoLookUpLeftError();
    lookUps.push(now);
    const key = await askPlaid({ url, keyId, credentials: await credentials(), requestKeys });
    if (key !== undefined) return key;
    remember(missingSince, keyId, clock());
    throw new UnknownKeyError();
  };

  return {
    known: async () => freshKeys(),

    async newerThan(_used, keyIds, credentials) {
      const [keyId, ...others] = keyIds;
      if (keyId === undefined || others.length > 0 || !/^[\w-]{1,100}$/.test(keyId)) return undefined;
      if (clock() - (missingSince.get(keyId) ?? Number.NEGATIVE_INFINITY) < minute) return undefined;
      const kept = keptOf(keyId);
      try {
        const key = await kept.current(() => lookUp(keyId, credentials));
        notFound.delete(keyId);
        remember(found, keyId, kept);
        return setOf([key]);
      } catch (error) {
        if (error instanceof NoLookUpLeftError || error instanceof UnknownKeyError) return undefined;
        throw error;
      }
    },
  };
}

/** Plaid has no key with this id. */
class UnknownKeyError extends Error {}

/** Within the last minute as many keys were asked for as may be. */
class NoLookUpLeftError extends Error {
  override readonly message = `${lookUpsPerMinute} keys were asked for within a minute`;
}

function setOf(keys: readonly unknown[]): readonly string[] {
  return [JSON.stringify({ keys })];
}

/** @throws SecretError for a secret that is not `client_id:secret` */
export function readPlaidCredentials(secret: string): {
  readonly client_id: string;
  readonly secret: string;
} {
  const [, clientId, password] = /^([^:{}"]+):([^:{}"]+)$/.exec(secret) ?? [];
  if (clientId === undefined || password === undefined) {
    throw secretError("is not client_id:secret", "Plaid's client_id:secret as plain text");
  }
  return { client_id: clientId, secret: password };
}

/** A key of Plaid's as a JSON Web Key. Undefined if Plaid has no key with this id. */
async function askPlaid({
  url,
  keyId,
  credentials,
  requestKeys,
}: {
  readonly url: string;
  readonly keyId: string;
  readonly credentials: readonly string[];
  readonly requestKeys: RequestKeys;
}): Promise<unknown> {
  let refusal: SecretUnavailableError | undefined;
  for (const secret of credentials) {
    const body = JSON.stringify({ ...readPlaidCredentials(secret), key_id: keyId });
    const { status, text } = await requestKeys({ url, body }).catch((error: unknown) => {
      throw unavailable(url, error);
    });
    const { key, error_code } = (parseJson(Buffer.from(text)) ?? {}) as {
      key?: unknown;
      error_code?: unknown;
    };
    if (status === 200 && isKey(key)) return key;
    if (error_code === "INVALID_WEBHOOK_VERIFICATION_KEY_ID") return undefined;
    refusal = unavailable(url, new Error(`it answered with status ${status}`));
  }
  throw refusal ?? unavailable(url, new Error("the source has no secret"));
}

/** Keeps the newest entries, so that forged ids cannot fill the memory. */
function remember<Value>(entries: Map<string, Value>, id: string, value: Value): void {
  entries.delete(id);
  entries.set(id, value);
  const [oldest] = entries.keys();
  if (entries.size > mostKeys && oldest !== undefined) entries.delete(oldest);
}

function isKeySet(text: string): boolean {
  const value = parseJson(Buffer.from(text));
  if (typeof value !== "object" || value === null || !("keys" in value) || !Array.isArray(value.keys))
    return false;
  return value.keys.every(isKey);
}

function isKey(value: unknown): boolean {
  return typeof value === "object" && value !== null && "kty" in value && typeof value.kty === "string";
}

function unavailable(url: string, cause: unknown): SecretUnavailableError {
  const why = cause instanceof Error ? cause.message : String(cause);
  return new SecretUnavailableError(`the keys at ${url} cannot be fetched: ${why}`, { cause });
}
