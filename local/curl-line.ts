import type { Locator } from "../runtime/envelope/locator.js";
import type { HmacSignature, SignatureDefinition, TokenSignature } from "../runtime/signatures/definition.js";
import { SecretError } from "../runtime/signatures/scheme.js";
import { readKey } from "../runtime/signatures/stored-secret.js";
import { locatorsOfEventId, type SourceDefinition } from "../runtime/stage/definition.js";

/**
 * A shell command that sends one webhook to a source. It is signed when the command runs, and has a new event id each
 * time.
 *
 * @returns undefined for a source whose signature a shell cannot compute
 */
export function curlLine(
  { eventId, signature }: SourceDefinition,
  url: string,
  secret: string,
): string | undefined {
  const { headers, body } = sampleEvent(locatorsOfEventId(eventId.slice(0, 1))[0]);
  if (signature.kind === "none") return `${makeId}; ${curl(url, headers, body)}`;
  if (signature.kind === "token") {
    const { at, header } = tokenPlace(signature, url, secret);
    return `${makeId}; ${curl(at, new Map([...headers, ...header]), body)}`;
  }
  if (signature.kind === "basic") {
    const credentials = Buffer.from(secret).toString("base64");
    return `${makeId}; ${curl(url, new Map([...headers, ["authorization", `Basic ${credentials}`]]), body)}`;
  }
  if (!canBeMadeInShell(signature)) return undefined;
  const key = keyFrom(secret, signature);
  if (key === undefined) return undefined;

  const { timestamp, content } = signature;
  const sent = new Map([...signedHeaders(content, url), ...headers]);
  const timeItem = `${timestamp?.prefix ?? ""}${variables.time}`;
  if (timestamp?.header !== undefined) sent.set(timestamp.header, timeItem);
  const signed = fill(content, sent, body);
  sent.set(headerOf(signature), signatureValue(signature, timeItem));
  return [
    makeId,
    `t=${now[timestamp?.unit ?? "seconds"]}`,
    `s=$(printf '%s' ${quoted(signed)} | ${digest(signature, key)})`,
    curl(url, sent, body),
  ].join("; ");
}

/** Marks that stand for the shell's variables. No setting that gets here contains one. */
const variables = { id: "\u0001", time: "\u0002", signature: "\u0003" } as const;
const namesInShell: Readonly<Record<string, string>> = {
  [variables.id]: "id",
  [variables.time]: "t",
  [variables.signature]: "s",
};

const makeId = "id=$(openssl rand -hex 8)";

/** How much a time from `date` may be off, with the time that the request takes. */
const roundingSeconds = 2;

const now = {
  seconds: "$(date +%s)",
  milliseconds: "$(date +%s)000",
  rfc3339: "$(date -u +%Y-%m-%dT%H:%M:%SZ)",
} as const;

/** A keyed hash in a header, over a text that `openssl` and `date` can build. */
type ShellSignature = HmacSignature & { readonly header: string | readonly string[] };

function canBeMadeInShell(signature: SignatureDefinition): signature is ShellSignature {
  if (signature.kind !== "hmac" || signature.header === undefined) return false;
  const { content, timestamp } = signature;
  const { json, form, query } = timestamp ?? {};
  return (
    [json, form, query].every((place) => place === undefined) &&
    (timestamp?.toleranceSeconds ?? Number.POSITIVE_INFINITY) > roundingSeconds &&
    !/\{((json|query|form):[^}]+|method|url|form)\}/.test(content) &&
    !/\p{Cc}/u.test(content)
  );
}

/** Where the sender shows the secret: in a header, or in the URL that it posts to. */
function tokenPlace(
  { header, query, prefix = "" }: TokenSignature,
  url: string,
  secret: string,
): { at: string; header: Headers } {
  const shown = `${prefix}${secret}`;
  if (header !== undefined) return { at: url, header: new Map([[header, shown]]) };
  const at = new URL(url);
  at.searchParams.append(query ?? "", shown);
  return { at: at.href, header: new Map() };
}

/** Undefined for a secret that cannot be this source's key. */
function keyFrom(secret: string, { key }: HmacSignature): Buffer | undefined {
  try {
    return readKey(secret, key);
  } catch (error) {
    if (error instanceof SecretError) return undefined;
    throw error;
  }
}

function headerOf({ header }: ShellSignature): string {
  return typeof header === "string" ? header : (header[0] ?? "");
}

/** Values of headers by their names. */
type Headers = ReadonlyMap<string, string>;

/** An event with a new id in the place where the source looks for it. */
function sampleEvent(locator: Locator | undefined): { headers: Headers; body: string } {
  const contentType = ["content-type", "application/json"] as const;
  const [, kind, name = ""] = /^(header|json):(.*)$/.exec(locator ?? "") ?? [];
  if (kind === "header") {
    return { headers: new Map([[name.toLowerCase(), variables.id], contentType]), body: '{"hello":"world"}' };
  }
  const path = kind === "json" ? name.split(".") : ["id"];
  const body = path.reduceRight((inner, key) => `{${JSON.stringify(key)}:${inner}}`, `"${variables.id}"`);
  return { headers: new Map([contentType]), body };
}

/** Headers that are signed. Each gets the event's id as its value, except `host`. */
function signedHeaders(content: string, url: string): Headers {
  const names = [...content.matchAll(/\{header:([^}]+)\}/g)].map(([, name = ""]) => name.toLowerCase());
  return new Map(names.map((name) => [name, name === "host" ? new URL(url).host : variables.id]));
}

function fill(content: string, headers: Headers, body: string): string {
  return content.replace(/\{(?:(body)|(timestamp)|header:([^}]+))\}/g, (_, isBody, isTime, name = "") => {
    if (isBody !== undefined) return body;
    return isTime === undefined ? (headers.get(name.toLowerCase()) ?? "") : variables.time;
  });
}

function digest({ hash, encoding }: HmacSignature, key: Buffer): string {
  const hmac = `openssl dgst -${hash} -mac HMAC -macopt hexkey:${key.toString("hex")}`;
  return encoding === "hex" ? `${hmac} -r | cut -d' ' -f1` : `${hmac} -binary | openssl base64 -A`;
}

function signatureValue(
  { prefix = "", separator = "", timestamp }: ShellSignature,
  timeItem: string,
): string {
  const item = `${prefix}${variables.signature}`;
  const isBeside = timestamp !== undefined && timestamp.header === undefined;
  return isBeside ? `${timeItem}${separator}${item}` : item;
}

function curl(url: string, headers: Headers, body: string): string {
  const flags = [...headers].map(([name, value]) => `-H ${quoted(`${name}: ${value}`)}`);
  return `curl -sS ${quoted(url)} ${flags.join(" ")} --data-binary ${quoted(body)}`;
}

/** Quotes a text for the shell, so that it replaces the variables and takes everything else literally, `!` too. */
function quoted(text: string): string {
  const escaped = text.replace(/["\\`$]/g, "\\$&").replace(/!+/g, `"'$&'"`);
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they stand for the shell's variables
  const filled = escaped.replace(/([\u0001-\u0003])(\w)?/g, (_, mark: string, next?: string) => {
    const name = namesInShell[mark] ?? "";
    return next === undefined ? `$${name}` : `\${${name}}${next}`;
  });
  return `"${filled}"`;
}
