import { parseJson } from "../envelope/json.js";
import type { SigningKeySource } from "./definition.js";
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
   * The keys with those that a token names and `used` lacks. They are fetched rarely, so that forged tokens cannot cause
   * requests: a key set once a minute, single keys ten times a minute. Undefined if there is nothing newer to try.
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
export function createSigningKeys(dependencies: {
  readonly requestKeys: RequestKeys;
  /** The current time in epoch milliseconds. */
  readonly clock: () => number;
}): SigningKeys {
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
  readonly clock: () => number;
}

/** All keys of a sender at one address. */
function keySet(url: string, { requestKeys, clock }: Dependencies): SigningKeyCache {
  let cached: { readonly keys: readonly string[]; readonly fetchedAt: number } | undefined;
  let last: { readonly at: number; readonly failure?: unknown } | undefined;
  let underway: Promise<readonly string[]> | undefined;

  const load = async (): Promise<readonly string[]> => {
    const at = clock();
    try {
      const { status, text } = await requestKeys({ url });
      if (status !== 200) throw new Error(`it answered with status ${status}`);
      if (!isKeySet(text)) throw new Error("the answer is not a JSON Web Key Set");
      cached = { keys: [text], fetchedAt: at };
      last = { at };
      return cached.keys;
    } catch (error) {
      const failure = unavailable(url, error);
      last = { at, failure };
      throw failure;
    }
  };
  /** Asks once a minute at most, also while the address does not answer. */
  const fetchOnce = async (): Promise<readonly string[] | undefined> => {
    if (underway === undefined) {
      if (last !== undefined && clock() - last.at < minute) {
        if (last.failure !== undefined) throw last.failure;
        return undefined;
      }
      underway = load().finally(() => {
        underway = undefined;
      });
    }
    return underway;
  };

  return {
    async known() {
      const age = cached === undefined ? Number.POSITIVE_INFINITY : clock() - cached.fetchedAt;
      if (cached !== undefined && age < freshMilliseconds) return cached.keys;
      try {
        return (await fetchOnce()) ?? cached?.keys ?? [];
      } catch (error) {
        if (cached === undefined || age >= staleMilliseconds) throw error;
        return cached.keys;
      }
    },

    async newerThan(used) {
      if (cached !== undefined && cached.keys !== used) return cached.keys;
      return fetchOnce();
    },
  };
}

/**
 * Plaid's keys, each of which is asked for by its id: plaid.com/docs/api/webhooks/webhook-verification. The source's secret is
 * `client_id:secret`.
 */
function plaidKeys(url: string, { requestKeys, clock }: Dependencies): SigningKeyCache {
  const found = new Map<string, { readonly key: unknown; readonly fetchedAt: number }>();
  const missingSince = new Map<string, number>();
  const underway = new Map<string, Promise<void>>();
  let lookUps: number[] = [];

  const ageOf = (keyId: string) => clock() - (found.get(keyId)?.fetchedAt ?? Number.NEGATIVE_INFINITY);
  const keysUpTo = (milliseconds: number) => {
    const ids = [...found.keys()].filter((keyId) => ageOf(keyId) < milliseconds);
    return [JSON.stringify({ keys: ids.map((keyId) => found.get(keyId)?.key) })];
  };
  const lookUp = async (keyId: string, credentials: () => Promise<readonly string[]>): Promise<void> => {
    const key = await askPlaid({ url, keyId, credentials: await credentials(), requestKeys });
    if (key === undefined) remember(missingSince, keyId, clock());
    else remember(found, keyId, { key, fetchedAt: clock() });
  };
  const lookUpOnce = (keyId: string, credentials: () => Promise<readonly string[]>) => {
    const running = underway.get(keyId);
    if (running !== undefined) return running;
    const now = clock();
    lookUps = lookUps.filter((at) => now - at < minute);
    if (lookUps.length >= lookUpsPerMinute) return undefined;
    lookUps.push(now);
    const started = lookUp(keyId, credentials).finally(() => underway.delete(keyId));
    underway.set(keyId, started);
    return started;
  };

  return {
    known: async () => keysUpTo(freshMilliseconds),

    async newerThan(_used, keyIds, credentials) {
      const [keyId, ...others] = keyIds;
      if (keyId === undefined || others.length > 0 || !/^[\w-]{1,100}$/.test(keyId)) return undefined;
      if (clock() - (missingSince.get(keyId) ?? Number.NEGATIVE_INFINITY) < minute) return undefined;
      try {
        const lookingUp = lookUpOnce(keyId, credentials);
        if (lookingUp === undefined) return undefined;
        await lookingUp;
        return keysUpTo(freshMilliseconds);
      } catch (error) {
        if (ageOf(keyId) < staleMilliseconds) return keysUpTo(staleMilliseconds);
        throw error;
      }
    },
  };
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
    const [, clientId, password] = /^([^:{}"]+):([^:{}"]+)$/.exec(secret) ?? [];
    if (clientId === undefined) {
      throw secretError("is not client_id:secret", "Plaid's client_id:secret as plain text");
    }
    const body = JSON.stringify({ client_id: clientId, secret: password, key_id: keyId });
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
