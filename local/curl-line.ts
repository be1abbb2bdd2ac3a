import type { Locator } from "../runtime/envelope/locator.js";
import type { HmacSignature, SignatureDefinition, TokenSignature } from "../runtime/signatures/definition.js";
import { decodeKey } from "../runtime/signatures/schemes/hmac.js";
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
  if (signature.kind === "none") return `id=$(openssl rand -hex 8); ${curl(url, headers, body)}`;
  if (signature.kind === "token") {
    const { at, header } = tokenPlace(signature, url, secret);
    return `id=$(openssl rand -hex 8); ${curl(at, [...headers, ...header], body)}`;
  }
  if (signature.kind === "basic") {
    const credentials = Buffer.from(secret).toString("base64");
    const header: Header = ["authorization", `Basic ${credentials}`];
    return `id=$(openssl rand -hex 8); ${curl(url, [...headers, header], body)}`;
  }
  if (!canBeMadeInShell(signature)) return undefined;

  const signed = [...headers, ...signedHeaders(signature, headers)];
  return [
    `id=$(openssl rand -hex 8)`,
    `t=$(date +%s)${signature.timestamp?.unit === "milliseconds" ? "000" : ""}`,
    `s=$(printf '%s' ${doubleQuoted(fill(signature.content, signed, body))} | ${digest(signature, secret)})`,
    curl(url, [...signed, ...signatureHeaders(signature)], body),
  ].join("; ");
}

/** A keyed hash in one header, over a text that `openssl` and `date` can build. */
type ShellSignature = HmacSignature & { readonly header: string };

function canBeMadeInShell(signature: SignatureDefinition): signature is ShellSignature {
  if (signature.kind !== "hmac" || typeof signature.header !== "string") return false;
  const { content, timestamp } = signature;
  const { json, form, query, unit } = timestamp ?? {};
  const datable = unit !== "rfc3339" && [json, form, query].every((place) => place === undefined);
  return datable && !/\{((json|query|form):[^}]+|method|url|form)\}/.test(content);
}

/** Where the sender shows the secret: in a header, or in the URL that it posts to. */
function tokenPlace(
  { header, query, prefix = "" }: TokenSignature,
  url: string,
  secret: string,
): { at: string; header: Header[] } {
  const shown = `${prefix}${secret}`;
  if (header !== undefined) return { at: url, header: [[header, shown]] };
  const at = new URL(url);
  at.searchParams.append(query ?? "", shown);
  return { at: at.href, header: [] };
}

type Header = readonly [name: string, value: string];

/** An event with the id `$id` in the place where the source looks for it. */
function sampleEvent(locator: Locator | undefined): { headers: Header[]; body: string } {
  const contentType: Header = ["content-type", "application/json"];
  const [, kind, name = ""] = /^(header|json):(.*)$/.exec(locator ?? "") ?? [];
  if (kind === "header") return { headers: [contentType, [name, "$id"]], body: '{"hello":"world"}' };
  const path = kind === "json" ? name.split(".") : ["id"];
  const event = path.reduceRight<unknown>((inner, key) => ({ [key]: inner }), "$id");
  return { headers: [contentType], body: JSON.stringify(event) };
}

/** Headers that are signed but not set yet. Each gets the event's id. */
function signedHeaders({ content }: HmacSignature, present: readonly Header[]): Header[] {
  const names = [...content.matchAll(/\{header:([^}]+)\}/g)].map(([, name = ""]) => name);
  return names.filter((name) => !present.some(([other]) => other === name)).map((name) => [name, "$id"]);
}

function fill(content: string, headers: readonly Header[], body: string): string {
  return content
    .replace(/\{header:([^}]+)\}/g, (_, name: string) => headers.find(([other]) => other === name)?.[1] ?? "")
    .replace("{timestamp}", "$t")
    .replace("{body}", () => body);
}

function digest({ hash, encoding, key }: HmacSignature, secret: string): string {
  const bytes = decodeKey(secret, key);
  if (bytes === undefined) return "false";
  const hmac = `openssl dgst -${hash} -mac HMAC -macopt hexkey:${bytes.toString("hex")}`;
  return encoding === "hex" ? `${hmac} -r | cut -d' ' -f1` : `${hmac} -binary | openssl base64 -A`;
}

function signatureHeaders({ header, prefix = "", separator = ",", timestamp }: ShellSignature): Header[] {
  if (timestamp === undefined) return [[header, `${prefix}$s`]];
  if (timestamp.header !== undefined)
    return [
      [timestamp.header, "$t"],
      [header, `${prefix}$s`],
    ];
  return [[header, `${timestamp.prefix ?? ""}$t${separator}${prefix}$s`]];
}

function curl(url: string, headers: readonly Header[], body: string): string {
  const flags = headers.map(([name, value]) => `-H ${doubleQuoted(`${name}: ${value}`)}`);
  return `curl -sS ${doubleQuoted(url)} ${flags.join(" ")} --data-binary ${doubleQuoted(body)}`;
}

/** Quotes a text for the shell, so that it replaces `$id`, `$t` and `$s` and takes everything else literally. */
function doubleQuoted(text: string): string {
  return `"${text.replace(/["\\`]/g, "\\$&")}"`;
}
