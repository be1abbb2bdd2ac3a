import { randomBytes, randomInt } from "node:crypto";
import type { Provider } from "../providers/support/provider.js";
import type { NameValue } from "../runtime/envelope/headers.js";
import { type Locator, partsOf } from "../runtime/envelope/locator.js";
import { locatorsIn, locatorsOf, type SignatureDefinition } from "../runtime/signatures/definition.js";
import { locatorsOfEventId, type SourceDefinition } from "../runtime/stage/definition.js";
import { Draft } from "./draft.js";
import { SampleError } from "./sample-error.js";
import { signAdyen, signContentful, signPaypal, signTwilio } from "./schemes/providers-own.js";
import { signWithHmac, signWithPrivateKey } from "./schemes/signed-text.js";
import { signWithToken } from "./schemes/token.js";
import type { SenderKeys } from "./sender-keys.js";
import { type Signing, secretOf } from "./signing.js";

/** A webhook that is ready to be posted. */
export interface Sample {
  readonly url: string;
  readonly headers: readonly NameValue[];
  readonly body: Buffer;
}

export interface SampleOptions {
  readonly source: Pick<SourceDefinition, "signature" | "eventId" | "eventType">;
  /** The provider, whose sample is sent. Absent: a small JSON body or form. */
  readonly provider?: Provider | undefined;
  /** The URL to post to. */
  readonly url: string;
  readonly keys: SenderKeys;
  /** Sent instead of the sample's body, with its own event id. A signature inside the body is added to it. */
  readonly body?: Buffer | undefined;
  /** The event's type, put where the source looks for it. */
  readonly eventType?: string | undefined;
  /** When it is signed, in epoch milliseconds. */
  readonly now: number;
}

/**
 * Makes a webhook as the source's provider would send it: a new event, signed with the given keys.
 *
 * @throws SampleError if the source cannot get such a webhook
 * @throws SecretError if the secret is not one of the source's scheme
 */
export async function makeSample(options: SampleOptions): Promise<Sample> {
  const { source, url, keys, body, eventType, now } = options;
  const draft = draftOf(options);
  const id = randomBytes(8).toString("hex");
  if (eventType !== undefined) setEventType(draft, source, eventType);
  makeNewEvent(draft, source, { id, keepBody: body !== undefined });
  await sign(source.signature, { draft, keys, url, id, now });
  const target = new URL(url);
  for (const [name, value] of draft.query) target.searchParams.append(name, value);
  return { url: target.href, headers: draft.headers, body: draft.body };
}

/**
 * Signs a webhook anew that came from another sender: its body, its headers and its query stay, and what its scheme signs with is
 * replaced.
 *
 * @throws SampleError if nobody but the provider can sign it
 * @throws SecretError if the secret is not one of the source's scheme
 */
export async function signAnew({
  source,
  webhook: { headers, query, body },
  url,
  keys,
  now,
}: Pick<SampleOptions, "url" | "keys" | "now"> & {
  readonly source: Pick<SourceDefinition, "signature">;
  readonly webhook: {
    readonly headers: readonly NameValue[];
    readonly query: readonly NameValue[];
    readonly body: Buffer;
  };
}): Promise<Sample> {
  const draft = new Draft(headers, body);
  draft.query.push(...query);
  await sign(source.signature, { draft, keys, url, id: randomBytes(8).toString("hex"), now });
  const target = new URL(url);
  for (const [name, value] of draft.query) target.searchParams.append(name, value);
  return { url: target.href, headers: draft.headers, body: draft.body };
}

function draftOf({ source, provider, body }: SampleOptions): Draft {
  const headers = Object.entries(provider?.sample.headers ?? {});
  const text =
    body ?? Buffer.from(provider?.sample.body ?? (isForm(source) ? "hello=world" : '{"hello":"world"}'));
  const type = isForm(source)
    ? "application/x-www-form-urlencoded"
    : body === undefined || provider !== undefined
      ? (provider?.contentTypes[0] ?? "application/json")
      : typeOf(body);
  return new Draft([["Content-Type", type], ...headers], text);
}

/** Whether the source looks for something in the fields of a form. */
function isForm({ signature, eventId, eventType }: SampleOptions["source"]): boolean {
  if (signature.kind === "twilio") return true;
  const signed =
    "content" in signature
      ? [
          ...locatorsIn(signature.content),
          ...locatorsOf(signature),
          ...(signature.timestamp === undefined ? [] : locatorsOf(signature.timestamp)),
        ]
      : [];
  const places = [
    ...signed,
    ...locatorsOfEventId(eventId.slice(0, 1)),
    ...(eventType === undefined ? [] : [eventType]),
  ];
  return (
    places.some((locator) => partsOf(locator).kind === "form") ||
    ("content" in signature && signature.content.includes("{form}"))
  );
}

function typeOf(body: Buffer): string {
  try {
    JSON.parse(body.toString());
    return "application/json";
  } catch {
    return "application/octet-stream";
  }
}

function setEventType(draft: Draft, { eventType: place }: SampleOptions["source"], type: string): void {
  if (place === undefined) {
    throw new SampleError("the source has no eventType, so an event's type has no place: leave --event out");
  }
  draft.set(place, type);
}

/** Gives the sample an event id of its own. A body that was given is not changed. */
function makeNewEvent(
  draft: Draft,
  { eventId: [first = "request-id"] }: SampleOptions["source"],
  { id, keepBody }: { readonly id: string; readonly keepBody: boolean },
): void {
  for (const part of [first].flat()) {
    if (part === "request-id" || part === "signed-time") continue;
    if (part === "body" || part.startsWith("body-without:")) {
      if (!keepBody) draft.makeUnique(id);
      continue;
    }
    const place = part as Locator;
    if (keepBody && /^(json|form):/.test(place)) continue;
    const old = draft.get(place) ?? "";
    // Some ids are whole numbers.
    draft.set(place, /^\d+$/.test(old) ? String(randomInt(2 ** 47)) : id);
  }
}

async function sign(signature: SignatureDefinition, signing: Signing): Promise<void> {
  const { draft } = signing;
  switch (signature.kind) {
    case "none":
      return;
    case "hmac":
      return signWithHmac(signature, signing);
    case "public-key":
      return signWithPrivateKey(signature, signing);
    case "token": {
      const place: Locator =
        signature.header === undefined ? `query:${signature.query}` : `header:${signature.header}`;
      return draft.set(place, (signature.prefix ?? "") + secretOf(signing));
    }
    case "basic":
      return draft.set("header:Authorization", `Basic ${Buffer.from(secretOf(signing)).toString("base64")}`);
    case "jwt":
      return signWithToken(signature, signing);
    case "adyen":
      return signAdyen(signing);
    case "paypal":
      return signPaypal(signature, signing);
    case "twilio":
      return signTwilio(signature, signing);
    case "contentful":
      return signContentful(signature, signing);
  }
}
