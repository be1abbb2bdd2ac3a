/** Java's text functions where JavaScript's differ. */

/**
 * A `java.util.regex` pattern as JavaScript reads it: the same for what the two share; JavaScript refuses the rest.
 *
 * @throws SyntaxError for a pattern that JavaScript has no equal of
 */
export function javaRegExp(pattern: string, flags = ""): RegExp {
  return new RegExp(pattern, `${flags}u`);
}

/** The replacement of `replaceAll`, where `$1` is a group and a backslash takes the next character as it is. */
export function javaReplacement(replacement: string): (match: string, ...rest: unknown[]) => string {
  return (match, ...groups) =>
    replacement.replace(/\\(.)|\$(\d)/gs, (_, plain: string | undefined, group: string | undefined) => {
      if (plain !== undefined) return plain;
      const found = group === "0" ? match : groups[Number(group) - 1];
      if (typeof found !== "string" && found !== undefined) throw new RangeError(`No group ${group}`);
      return found ?? "";
    });
}

/** `getBytes(UTF_8)`: half a surrogate pair becomes a question mark. */
export function javaBytes(text: string): Buffer {
  return Buffer.from(text.isWellFormed() ? text : text.replace(/\p{Surrogate}/gu, "?"), "utf8");
}

/** `java.net.URLEncoder`: letters, digits and `*-_.` stay, a space becomes `+`, all other bytes are escaped (AWS fact 1.12). */
export function urlEncode(text: string): string {
  return encodeURIComponent(javaBytes(text).toString("utf8"))
    .replaceAll("%20", "+")
    .replace(/[!'()~]/g, (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`);
}

/**
 * `java.net.URLDecoder`; bytes that are not UTF-8 become U+FFFD.
 *
 * @throws SyntaxError for a `%` that two hexadecimal digits do not follow
 */
export function urlDecode(text: string): string {
  if (/%(?![0-9a-f]{2})/i.test(text)) throw new SyntaxError(`URLDecoder: incomplete escape in "${text}"`);
  return text
    .replaceAll("+", " ")
    .replace(/(?:%[0-9a-f]{2})+/gi, (escapes) =>
      Buffer.from(escapes.replaceAll("%", ""), "hex").toString("utf8"),
    );
}

/**
 * `StringEscapeUtils.escapeJavaScript` of commons-lang 2.6, with its well-known `\'`, which is not JSON; it also escapes
 * the slash and everything beyond ASCII (AWS fact 1.13).
 */
export function escapeJavaScript(text: string): string {
  const named: Readonly<Record<string, string>> = { "\b": "b", "\n": "n", "\t": "t", "\f": "f", "\r": "r" };
  return text.replace(/['"\\/]|[^\x20-\x7f]/g, (character) => {
    if (/['"\\/]/.test(character)) return `\\${character}`;
    const name = named[character];
    return `\\${name ?? `u${character.charCodeAt(0).toString(16).toUpperCase().padStart(4, "0")}`}`;
  });
}

/** Strict Base64 of any bytes, or undefined. Line breaks are passed over, as Java's MIME decoder does. */
export function decodedBase64(text: string): Buffer | undefined {
  const packed = text.replace(/[\r\n]/g, "");
  return /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/.test(packed)
    ? Buffer.from(packed, "base64")
    : undefined;
}
