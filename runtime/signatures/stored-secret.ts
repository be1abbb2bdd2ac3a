import { createSecretKey, type KeyObject } from "node:crypto";
import { decodeBase64 } from "../envelope/base64.js";
import { parseJson } from "../envelope/json.js";
import type { HmacSignature } from "./definition.js";
import { decodeBytes } from "./request-values.js";
import { SecretError } from "./scheme.js";

/**
 * The secrets in a stored text: one as plain text, or a JSON array of several that are active at the same time while one
 * replaces another. White space around a secret is removed: it comes from files with a final line break, never from a
 * provider.
 *
 * @returns undefined for a text that starts like a list and is none
 */
export function readStoredSecrets(text: string): readonly string[] | undefined {
  const plain = text.trim();
  if (!plain.startsWith("[")) return [plain];
  const list = parseJson(Buffer.from(plain));
  if (!Array.isArray(list) || list.length === 0) return undefined;
  const secrets = list.filter((item) => typeof item === "string").map((item) => item.trim());
  return secrets.length !== list.length || secrets.includes("") ? undefined : secrets;
}

/** The text to store for secrets, the newest first. */
export function writeStoredSecrets(secrets: readonly string[]): string {
  const [only = "", ...others] = secrets;
  return others.length === 0 && !only.startsWith("[") ? only : JSON.stringify(secrets);
}

/** How the text of a stored secret becomes a key. */
type KeyEncoding = HmacSignature["key"];

/**
 * The error for a stored secret of the wrong form.
 *
 * @param problem what is wrong with it, after "a stored secret "
 * @param form what to store instead, after "store "
 */
export function secretError(problem: string, form: string): SecretError {
  return new SecretError(`a stored secret ${problem}: store ${form}, or several as a JSON array`);
}

/**
 * Refuses a text that no provider shows as its secret. It would reject every webhook. Only a secret that does not fit is
 * judged, because a text that both sides have may look like anything.
 *
 * @param form what to store instead, after "store "
 * @throws SecretError
 */
export function refuseWrongForm(secret: string, form: string): void {
  const problem = problemWithForm(secret);
  if (problem !== undefined) throw secretError(problem, form);
}

function problemWithForm(secret: string): string | undefined {
  if (secret === "") return "is empty";
  if (looksLikeJsonObject(secret)) {
    return "is JSON with keys, like the key/value form of the Secrets Manager console stores it";
  }
  if (/^(["'`]).*\1$/s.test(secret) && secret.length > 1) return "is in quotes";
  if (secret.includes("-----BEGIN ")) return "is PEM, and this source's secret is no such key";
  return /[\r\n]/.test(secret) ? "has more than one line" : undefined;
}

/** True also for JSON whose quotes a shell has removed. */
export function looksLikeJsonObject(text: string): boolean {
  const value = parseJson(Buffer.from(text));
  return (
    (typeof value === "object" && value !== null && !Array.isArray(value)) || /^\{\s*\w+\s*:.*\}$/s.test(text)
  );
}

/**
 * The key from a stored secret. It is a KeyObject because Node 24 takes three times as long for an HMAC whose key is a Buffer:
 * 13 µs instead of 4 µs.
 *
 * @throws SecretError for a secret that is not a key. With an empty key everybody could sign
 */
export function readKey(secret: string, key: KeyEncoding): KeyObject {
  return createSecretKey(readKeyBytes(secret, key));
}

function readKeyBytes(secret: string, key: KeyEncoding): Buffer {
  const form = keyForm(key);
  const text = withoutPrefix(secret, key.prefix);
  if (text === "") throw secretError("is empty", form);
  if (key.encoding === "utf8") return Buffer.from(text, "utf8");
  const bytes = key.encoding === "hex" ? decodeBytes(text, "hex") : decodeKeyBase64(text);
  if (bytes !== undefined) return bytes;
  refuseWrongForm(secret, form);
  throw secretError(`is not ${key.encoding === "hex" ? "hexadecimal" : "base64"}`, form);
}

/** Some providers show `v1,whsec_…`: the version of the signature in front of the secret. */
function withoutPrefix(secret: string, prefix = ""): string {
  const text =
    prefix === ""
      ? secret
      : secret.replace(/^v\d+[a-z]?,/, (tag) => (secret.startsWith(tag + prefix) ? "" : tag));
  return text.startsWith(prefix) ? text.slice(prefix.length) : text;
}

/** Bytes of base64 whose padding may be missing, as it often is after a double click on the text. */
export function decodeKeyBase64(text: string): Buffer | undefined {
  if (text === "") return undefined;
  return decodeBase64(text) ?? decodeBase64(text + "=".repeat((4 - (text.length % 4)) % 4));
}

/** What to store for such a key, after "store ". */
export function keyForm({ prefix = "", encoding }: KeyEncoding): string {
  const texts = {
    utf8: prefix === "" ? "the secret alone, as plain text" : `${prefix}… as the provider shows it`,
    base64: `${prefix}<base64> as the provider shows it`,
    hex: `${prefix}<hexadecimal digits> as the provider shows it`,
  };
  return texts[encoding];
}
