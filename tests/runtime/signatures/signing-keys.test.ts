import { beforeEach, describe, expect, it } from "vitest";
import { checkSignature } from "../../../runtime/signatures/check-signature.js";
import type { JwtSignature, SigningKeySource } from "../../../runtime/signatures/definition.js";
import { SecretError } from "../../../runtime/signatures/scheme.js";
import { SecretUnavailableError } from "../../../runtime/signatures/secrets.js";
import {
  createSigningKeys,
  type KeyAnswer,
  type KeyRequest,
  type SigningKeys,
} from "../../../runtime/signatures/signing-keys.js";
import { p256Pair } from "../../support/senders/sender.js";
import { bodyHash, keySet, signToken } from "../../support/senders/tokens.js";
import { envelopeOf } from "../../support/sqs-events.js";

const minute = 60_000;
let now: number;
let answer: (request: KeyRequest) => KeyAnswer;
let asked: KeyRequest[];
let warned: object[];
let keys: SigningKeys;

const [first, second] = [p256Pair(), p256Pair()];
const older = keySet(["one", first.publicKey]);
const newer = keySet(["one", first.publicKey], ["two", second.publicKey]);

beforeEach(() => {
  now = 1_767_225_600_000;
  asked = [];
  warned = [];
  answer = () => ({ status: 200, text: older });
  keys = createSigningKeys({
    clock: () => now,
    warn: (message, fields) => warned.push({ message, ...fields }),
    requestKeys: async (request) => {
      asked.push(request);
      await Promise.resolve();
      return answer(request);
    },
  });
});

const down = () => {
  throw new Error("connect ETIMEDOUT");
};
const noCredentials = () => Promise.reject(new Error("somebody asked for credentials"));

describe("a key set", () => {
  const source: SigningKeySource = { kind: "key-set", url: "https://a.test/keys" };
  const newerThan = (used: readonly string[]) => keys.newerThan(source, used, ["two"], noCredentials);

  it("is fetched once in an hour, and once for all who ask at the same time", async () => {
    expect(await Promise.all([keys.of(source), keys.of(source)])).toEqual([[older], [older]]);
    now += 60 * minute - 1;
    await keys.of(source);
    expect(asked).toEqual([{ url: source.url }]);
    now += 1;
    await keys.of(source);
    expect(asked).toHaveLength(2);
  });

  it("is fetched again for a key that is not in it, once a minute at most", async () => {
    const used = await keys.of(source);
    answer = () => ({ status: 200, text: newer });
    expect(await Promise.all([newerThan(used), newerThan(used)])).toEqual([[newer], [newer]]);
    expect(asked).toHaveLength(2);
    expect(await newerThan(used)).toEqual([newer]);
    const latest = await keys.of(source);
    now += minute - 1;
    expect(await newerThan(latest)).toBeUndefined();
    expect(asked).toHaveLength(2);
    now += 1;
    await newerThan(latest);
    expect(asked).toHaveLength(3);
  });

  it("is used for a day while its address does not answer, and asked for once a minute", async () => {
    await keys.of(source);
    answer = down;
    now += 60 * minute;
    for (let second = 0; second < 60; second++) {
      expect(await keys.of(source)).toEqual([older]);
      now += 1_000;
    }
    expect(asked).toHaveLength(2);
    expect(warned).toEqual([
      {
        message: "an older copy is used, because it cannot be fetched again",
        keys_url: source.url,
        age_seconds: 3_600,
        error: "SecretUnavailableError: the keys at https://a.test/keys cannot be fetched: connect ETIMEDOUT",
      },
    ]);
    now += 23 * 60 * minute;
    await expect(keys.of(source)).rejects.toThrow(
      "the keys at https://a.test/keys cannot be fetched: connect ETIMEDOUT",
    );
  });

  it("makes webhooks wait while it was never fetched, and is asked for every ten seconds at most", async () => {
    answer = down;
    for (let attempt = 0; attempt < 10; attempt++) {
      await expect(keys.of(source)).rejects.toThrow(SecretUnavailableError);
    }
    expect(asked).toHaveLength(1);
    now += 10_000;
    answer = () => ({ status: 200, text: older });
    expect(await keys.of(source)).toEqual([older]);
  });

  it("cannot be told to lack a key while it cannot be fetched", async () => {
    const used = await keys.of(source);
    answer = down;
    now += minute;
    await expect(newerThan(used)).rejects.toThrow(SecretUnavailableError);
    await expect(newerThan(used)).rejects.toThrow(SecretUnavailableError);
    expect(asked).toHaveLength(2);
  });

  it.each<[KeyAnswer, RegExp]>([
    [{ status: 500, text: older }, /it answered with status 500$/],
    [{ status: 302, text: "" }, /it answered with status 302$/],
    [{ status: 200, text: "<html>" }, /the answer is not a JSON Web Key Set$/],
    [{ status: 200, text: '{"keys":[1]}' }, /the answer is not a JSON Web Key Set$/],
  ])("is not %o", async (wrong, message) => {
    answer = () => wrong;
    await expect(keys.of(source)).rejects.toThrow(message);
  });
});

describe("keys of Plaid's", () => {
  const source: SigningKeySource = {
    kind: "plaid",
    url: "https://production.plaid.com/webhook_verification_key/get",
  };
  const credentials = async () => ["client:password"];
  const lookUp = (keyId: string, secrets = credentials) => keys.newerThan(source, [], [keyId], secrets);
  const [key] = (JSON.parse(older) as { keys: object[] }).keys;
  const found = { status: 200, text: JSON.stringify({ key, request_id: "r" }) };
  const unknown = { status: 400, text: '{"error_code":"INVALID_WEBHOOK_VERIFICATION_KEY_ID"}' };

  it("are asked for by their id, with the source's secret, and kept for an hour", async () => {
    expect(await keys.of(source)).toEqual(['{"keys":[]}']);
    answer = () => found;
    const known = [JSON.stringify({ keys: [key] })];
    expect(await Promise.all([lookUp("one"), lookUp("one")])).toEqual([known, known]);
    expect(asked).toEqual([
      { url: source.url, body: '{"client_id":"client","secret":"password","key_id":"one"}' },
    ]);
    expect(await keys.of(source)).toEqual(known);
    now += 60 * minute;
    expect(await keys.of(source)).toEqual(['{"keys":[]}']);
  });

  it("are used for a day while Plaid does not answer", async () => {
    answer = () => found;
    await lookUp("one");
    now += 60 * minute;
    answer = down;
    for (let webhook = 0; webhook < 50; webhook++) {
      expect(await lookUp("one")).toEqual([JSON.stringify({ keys: [key] })]);
    }
    expect(asked).toHaveLength(2);
    expect(warned).toMatchObject([{ keys_url: source.url, key_id: "one", age_seconds: 3_600 }]);
    now += 24 * 60 * minute;
    await expect(lookUp("one")).rejects.toThrow(SecretUnavailableError);
  });

  it("are not used any more once Plaid knows none of that id", async () => {
    answer = () => found;
    await lookUp("one");
    now += 60 * minute;
    answer = () => unknown;
    expect(await lookUp("one")).toBeUndefined();
    answer = down;
    now += minute;
    await expect(lookUp("one")).rejects.toThrow(SecretUnavailableError);
  });

  it("are not there if Plaid knows none of that id, which is asked once a minute", async () => {
    answer = () => unknown;
    expect(await lookUp("forged")).toBeUndefined();
    expect(await lookUp("forged")).toBeUndefined();
    expect(asked).toHaveLength(1);
    now += minute;
    await lookUp("forged");
    expect(asked).toHaveLength(2);
  });

  it("are asked for ten times a minute at most, whatever ids forgers make up", async () => {
    answer = () => unknown;
    for (let id = 0; id < 50; id++) await lookUp(`forged-${id}`);
    expect(asked).toHaveLength(10);
    await lookUp("no id!");
    await lookUp("x".repeat(101));
    now += minute;
    answer = () => found;
    expect(await lookUp("one")).toEqual([JSON.stringify({ keys: [key] })]);
  });

  it("need the source's secret, and say in which form", async () => {
    await expect(lookUp("one", async () => ['{"client_id":"c","secret":"s"}'])).rejects.toThrow(
      /^a stored secret is not client_id:secret: store Plaid's client_id:secret as plain text/,
    );
    await expect(lookUp("two", async () => ["just-one"])).rejects.toThrow(SecretError);
  });

  it("are asked for with each of several secrets, while one replaces another", async () => {
    answer = ({ body = "" }) =>
      body.includes("new") ? found : { status: 400, text: '{"error_code":"INVALID_API_KEYS"}' };
    expect(await lookUp("one", async () => ["client:old", "client:new"])).toEqual([
      JSON.stringify({ keys: [key] }),
    ]);
    await expect(lookUp("two", async () => ["client:old"])).rejects.toThrow(/it answered with status 400$/);
  });
});

describe("checkSignature with keys that are fetched", () => {
  const body = '{"id":1}';
  const signature: JwtSignature = {
    kind: "jwt",
    header: "x-token",
    algorithms: ["ES256"],
    keys: { kind: "key-set", url: "https://a.test/keys" },
    bodyHash: { claim: "hash", encoding: "hex" },
  };
  const secrets = { of: noCredentials, newerThan: noCredentials };
  const check = (token: string) =>
    checkSignature(
      { name: "a", signature },
      envelopeOf({ headers: [["x-token", token]], body: Buffer.from(body), receivedAt: now }),
      { secrets, signingKeys: keys },
    );
  const tokenOf = (keyId: string, pair = first) =>
    signToken("ES256", pair.privateKey, { hash: bodyHash(body, "hex") }, { kid: keyId });

  it("believes a token of a key that was published a moment ago", async () => {
    expect(await check(tokenOf("one"))).toEqual({ verified: true });
    answer = () => ({ status: 200, text: newer });
    now += minute;
    expect(await check(tokenOf("two", second))).toEqual({ verified: true });
    expect(asked).toHaveLength(2);
  });

  it("fetches nothing for a token that no key can make good", async () => {
    expect(await check("no token")).toMatchObject({ verified: false });
    expect(await check(signToken("ES256", first.privateKey, { hash: "another" }))).toMatchObject({
      verified: false,
    });
    expect(asked).toEqual([]);
  });

  it("fetches newer ones once in a minute, whatever forgers name as their key", async () => {
    for (let id = 0; id < 50; id++) {
      expect(await check(tokenOf(`forged-${id}`))).toMatchObject({ verified: false });
      now += 1_000;
    }
    expect(asked).toHaveLength(2);
    expect(await check(tokenOf("one", second))).toMatchObject({ verified: false, otherSecret: false });
    expect(asked).toHaveLength(2);
  });

  it("cannot tell while the keys cannot be fetched", async () => {
    answer = down;
    await expect(check(tokenOf("one"))).rejects.toThrow(SecretUnavailableError);
  });
});
