import { createHmac, generateKeyPairSync, type KeyObject } from "node:crypto";
import type { NameValue } from "../../../runtime/envelope/headers.js";

/** A request as a provider sends it. */
export interface Sent {
  readonly headers: readonly NameValue[];
  readonly query?: readonly NameValue[];
  /** Default: the body that was to be signed. */
  readonly body?: string | Buffer;
}

/** A provider as a sender of webhooks: its own SDK, or its documented recipe where it has none that signs. */
export interface Sender {
  /** As the provider shows it, and stored as the source's secret. */
  readonly secret: string;
  readonly otherSecret: string;
  /** What a stage's settings say besides the provider's name. */
  readonly settings?: Readonly<Record<string, string | number>>;
  /** Default: `defaultBody`. */
  readonly body?: string;
  /** How the provider signs at a time, in epoch milliseconds. */
  readonly send: (secret: string, signedAt: number, body: string) => Promise<Sent> | Sent;
  /** Window of the signed time either way, in seconds; absent where none is signed, or none is judged. */
  readonly toleranceSeconds?: number;
  /** How much of the body the signature covers. */
  readonly covers?: "the whole body" | "a part of the body" | "nothing";
}

export const defaultBody = '{"id":"evt_1","text":"grüße \u{1f600}"}';

export const seconds = (time: number) => Math.floor(time / 1000);

export const hex = (content: string, key: string | Buffer, hash = "sha256") =>
  createHmac(hash, key).update(content).digest("hex");

export const base64 = (content: string, key: string | Buffer, hash = "sha256") =>
  createHmac(hash, key).update(content).digest("base64");

/** A provider that sends one header made from secret and body. */
export function signingBody(header: string, sign: (secret: string, body: string) => string): Sender {
  return {
    secret: "the provider's secret",
    otherSecret: "another secret",
    send: (secret, _signedAt, body) => ({ headers: [[header, sign(secret, body)]] }),
  };
}

/** Signs with private keys that tests know by their public half, as it would be stored. */
export class KeyPairs {
  private readonly privateKeys = new Map<string, KeyObject>();

  /** Makes a pair and gives its public key as text. */
  add(
    pair: { readonly publicKey: KeyObject; readonly privateKey: KeyObject },
    show: (publicKey: KeyObject) => string,
  ): string {
    const shown = show(pair.publicKey);
    this.privateKeys.set(shown, pair.privateKey);
    return shown;
  }

  privateKeyOf(shown: string): KeyObject {
    const key = this.privateKeys.get(shown);
    if (key === undefined) throw new Error("there is no private key for it");
    return key;
  }
}

export const ed25519Pair = () => generateKeyPairSync("ed25519");
export const p256Pair = () => generateKeyPairSync("ec", { namedCurve: "P-256" });
export const rsaPair = (modulusLength = 2048) => generateKeyPairSync("rsa", { modulusLength });

export const pem = (key: KeyObject) => key.export({ type: "spki", format: "pem" }).toString();
export const derBase64 = (key: KeyObject) => key.export({ type: "spki", format: "der" }).toString("base64");
/** An ed25519 key's own 32 bytes, in hex. */
export const rawHex = (key: KeyObject) =>
  key.export({ type: "spki", format: "der" }).subarray(-32).toString("hex");
