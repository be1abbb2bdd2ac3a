import { sign } from "node:crypto";
import type { Provider, SampleWebhook } from "../../../providers/support/provider.js";
import {
  type HmacSignature,
  type PublicKeySignature,
  type SignatureDefinition,
  signsUrl,
  type TimestampDefinition,
} from "../../../runtime/signatures/definition.js";
import { ownSchemeSenders } from "./own-schemes.js";
import {
  base64,
  derBase64,
  ed25519Pair,
  hex,
  KeyPairs,
  p256Pair,
  pem,
  rsaPair,
  type Sender,
  type Sent,
} from "./sender.js";
import { tokenSender } from "./tokens.js";
import { publicUrl, urlBoundSenders } from "./url-bound.js";

const keys = new KeyPairs();

/**
 * A sender that signs a provider's sample as its definition says. It shares no code with what verifies, so it shows that a
 * definition fits together; whether it is the provider's, only the provider's own sender can tell.
 */
export function senderByScheme({ signature, sample }: Provider): Sender {
  const sender = bySignature(signature, sample);
  const settings = { ...(signsUrl(signature) ? { publicUrl } : {}), ...sender.settings };
  return { ...sender, settings, body: sample.body };
}

function bySignature(signature: SignatureDefinition, sample: SampleWebhook): Sender {
  const own = ownSenderOf(signature);
  if (own !== undefined) return own;
  switch (signature.kind) {
    case "hmac":
      return {
        ...hmacSecrets(signature),
        ...window(signature.timestamp),
        covers:
          signature.json === undefined && signature.form === undefined
            ? "the whole body"
            : "a part of the body",
        send: (secret, signedAt, body) =>
          sendSigned(signature, sample, signedAt, body, (content) =>
            digest(signature, content, keyOf(signature, secret)),
          ),
      };
    case "public-key":
      return {
        ...publicKeys(signature),
        ...window(signature.timestamp),
        send: (secret, signedAt, body) =>
          sendSigned(signature, sample, signedAt, body, (content) =>
            sign(
              signature.algorithm === "ed25519" ? null : "sha256",
              Buffer.from(content),
              keys.privateKeyOf(secret),
            ).toString(signature.encoding),
          ),
      };
    case "token":
      return {
        ...plainSecrets,
        covers: "nothing",
        send: (secret) => ({
          headers:
            signature.header === undefined ? [] : [[signature.header, (signature.prefix ?? "") + secret]],
          query: signature.query === undefined ? [] : [[signature.query, (signature.prefix ?? "") + secret]],
        }),
      };
    case "basic":
      return {
        secret: "hooks:password",
        otherSecret: "hooks:another",
        covers: "nothing",
        send: (secret) => ({
          headers: [["Authorization", `Basic ${Buffer.from(secret).toString("base64")}`]],
        }),
      };
    case "jwt":
      return tokenSender(signature);
    default:
      throw new Error(`there is no sender for the scheme ${signature.kind}`);
  }
}

/** The sender of the one provider whose scheme is like no other's. */
function ownSenderOf({ kind }: SignatureDefinition): Sender | undefined {
  const senders: Readonly<Record<string, Sender>> = { ...ownSchemeSenders, ...urlBoundSenders };
  return senders[kind];
}

const plainSecrets = { secret: "the provider's secret", otherSecret: "another secret" };

function window(timestamp: TimestampDefinition | undefined): Pick<Sender, "toleranceSeconds"> {
  return timestamp?.toleranceSeconds === undefined ? {} : { toleranceSeconds: timestamp.toleranceSeconds };
}

function hmacSecrets({ key }: HmacSignature): Pick<Sender, "secret" | "otherSecret"> {
  const shown = (secret: string) =>
    (key.prefix ?? "") + (key.encoding === "utf8" ? secret : Buffer.from(secret).toString(key.encoding));
  return { secret: shown("the provider's secret"), otherSecret: shown("another secret") };
}

function keyOf({ key }: HmacSignature, secret: string): Buffer {
  return Buffer.from(secret.slice((key.prefix ?? "").length), key.encoding);
}

function digest({ hash, encoding }: HmacSignature, content: string, key: Buffer): string {
  return encoding === "hex" ? hex(content, key, hash) : base64(content, key, hash);
}

function publicKeys({ algorithm }: PublicKeySignature): Pick<Sender, "secret" | "otherSecret"> {
  const pair = { ed25519: ed25519Pair, "ecdsa-p256-sha256": p256Pair, "rsa-sha256": () => rsaPair() }[
    algorithm
  ];
  const show = algorithm === "rsa-sha256" ? pem : derBase64;
  return { secret: keys.add(pair(), show), otherSecret: keys.add(pair(), show) };
}

function sendSigned(
  definition: HmacSignature | PublicKeySignature,
  sample: SampleWebhook,
  signedAt: number,
  givenBody: string,
  signatureOf: (content: string) => string,
): Sent {
  const { header, json, form, separator = "", prefix = "", content, timestamp } = definition;
  const time = timestamp === undefined ? "" : timeText(timestamp, signedAt);
  const body =
    timestamp?.form !== undefined
      ? withField(givenBody, timestamp.form, time)
      : timestamp?.json === undefined
        ? givenBody
        : withValue(givenBody, timestamp.json, timestamp.unit === "rfc3339" ? time : Number(time));

  const signedNames = [...content.matchAll(/\{header:([^}]+)\}/g)].map(([, name = ""]) => name);
  const signedHeaders = signedNames.map((name): [string, string] => [name, headerOf(sample, name)]);
  const signed = content.replace(/\{([^}:]+):?([^}]*)\}/g, (_, kind: string, place: string) => {
    switch (kind) {
      case "body":
        return body;
      case "timestamp":
        return time;
      case "method":
        return "POST";
      case "url":
        return publicUrl;
      case "form":
        return place === ""
          ? [...new URLSearchParams(body)].sort().flat().join("")
          : (new URLSearchParams(body).get(place) ?? "");
      case "header":
        return headerOf(sample, place);
      default:
        return String(valueAt(JSON.parse(body), place));
    }
  });
  const signature = prefix + signatureOf(signed);
  if (json !== undefined) return { headers: [], body: withValue(body, json, signature) };
  if (form !== undefined) {
    return {
      headers: [["Content-Type", "application/x-www-form-urlencoded"]],
      body: withField(body, form, signature),
    };
  }

  const [name = ""] = [header ?? []].flat();
  const inItem = timestamp !== undefined && timestamp.header === undefined && timestamp.json === undefined;
  return {
    headers: [
      ...(content.includes("{form}")
        ? ([["Content-Type", "application/x-www-form-urlencoded"]] satisfies [string, string][])
        : []),
      ...signedHeaders,
      ...(timestamp?.header === undefined ? [] : ([[timestamp.header, time]] satisfies [string, string][])),
      [name, inItem ? `${timestamp.prefix ?? ""}${time}${separator}${signature}` : signature],
    ],
    body,
  };
}

function withField(body: string, name: string, value: string): string {
  return `${body}&${new URLSearchParams({ [name]: value })}`;
}

function timeText({ unit }: TimestampDefinition, time: number): string {
  if (unit === "rfc3339") return new Date(time).toISOString();
  return String(unit === "seconds" ? Math.floor(time / 1000) : time);
}

function headerOf({ headers = {} }: SampleWebhook, wanted: string): string {
  const found = Object.entries(headers).find(([name]) => name.toLowerCase() === wanted.toLowerCase());
  if (found === undefined) throw new Error(`the sample lacks the header ${wanted}, which is signed`);
  return found[1];
}

function valueAt(value: unknown, path: string): unknown {
  return path.split(".").reduce<unknown>((inner, key) => (inner as Record<string, unknown>)[key], value);
}

function withValue(body: string, path: string, value: unknown): string {
  const whole = JSON.parse(body) as Record<string, unknown>;
  const keysTo = path.split(".");
  const last = keysTo.pop() ?? "";
  const parent = keysTo.length === 0 ? whole : (valueAt(whole, keysTo.join(".")) as Record<string, unknown>);
  parent[last] = value;
  return JSON.stringify(whole);
}
