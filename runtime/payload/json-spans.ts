import type { RedactedPath } from "../stage/definition.js";

/** A value in a JSON text, by its first character and the one behind its last. */
export interface Span {
  readonly start: number;
  readonly end: number;
  /** The paths that lead to it. */
  readonly paths: readonly RedactedPath[];
}

/**
 * All values at paths of a JSON text, in their order. A name that occurs twice in an object leads to both values, which a
 * parser would hide: it keeps the last one only. Escapes in names make no difference, nor does their case. A value inside
 * a value that is found is not looked for.
 *
 * @param json a valid JSON text whose characters are the bytes of its UTF-8
 */
export function spansAt(json: string, paths: readonly RedactedPath[]): Span[] {
  const spans: Span[] = [];
  const open: Container[] = [];
  let leads: readonly Lead[] = paths.map((path) => ({
    path,
    keys: path.slice("json:".length).split("."),
    taken: 0,
  }));
  let at = afterFiller(json, json.startsWith(byteOrderMark) ? byteOrderMark.length : 0);
  for (;;) {
    const reached = leads.filter(({ keys, taken }) => taken === keys.length).map(({ path }) => path);
    const isContainer = json[at] === "{" || json[at] === "[";
    if (isContainer && leads.length > 0 && reached.length === 0) {
      open.push({ isList: json[at] === "[", members: 0, leads });
      at += 1;
    } else {
      const end = endOfValue(json, at);
      if (reached.length > 0) spans.push({ start: at, end, paths: reached });
      at = end;
    }

    at = afterFiller(json, at);
    while (json[at] === "}" || json[at] === "]") {
      open.pop();
      at = afterFiller(json, at + 1);
    }
    const container = open.at(-1);
    if (container === undefined) return spans;
    let name = String(container.members++);
    if (!container.isList) {
      const end = endOfString(json, at);
      name = JSON.parse(Buffer.from(json.slice(at, end), "latin1").toString("utf8"));
      at = afterFiller(json, end);
    }
    leads = container.leads
      .filter(({ keys, taken }) => isNamed(name, keys[taken] ?? ""))
      .map((lead) => ({ ...lead, taken: lead.taken + 1 }));
  }
}

/** Whether a key of a path, or its `*`, stands for a name in a JSON object, or for the number of a list's member. */
export function isNamed(name: string, key: string): boolean {
  return key === "*" || key === name || key.toLowerCase() === name.toLowerCase();
}

/** A path, and how many of its keys lead to a value. */
interface Lead {
  readonly path: RedactedPath;
  readonly keys: readonly string[];
  readonly taken: number;
}

/** An object or a list that is being read. */
interface Container {
  readonly isList: boolean;
  /** So many have been read. */
  members: number;
  readonly leads: readonly Lead[];
}

/** U+FEFF in UTF-8, a character for each byte. */
const byteOrderMark = "\u00ef\u00bb\u00bf";

/** Skips white space and what separates names and values. */
function afterFiller(json: string, start: number): number {
  let at = start;
  while (at < json.length && " \t\r\n,:".includes(json[at] ?? "")) at += 1;
  return at;
}

function endOfValue(json: string, start: number): number {
  if (json[start] === '"') return endOfString(json, start);
  let at = start;
  if (json[start] !== "{" && json[start] !== "[") {
    while (at < json.length && !" \t\r\n,]}".includes(json[at] ?? "")) at += 1;
    return at;
  }
  let depth = 0;
  do {
    const character = json[at];
    if (character === "{" || character === "[") depth += 1;
    if (character === "}" || character === "]") depth -= 1;
    at = character === '"' ? endOfString(json, at) : at + 1;
  } while (depth > 0);
  return at;
}

function endOfString(json: string, start: number): number {
  let quote = json.indexOf('"', start + 1);
  while (isEscaped(json, quote)) quote = json.indexOf('"', quote + 1);
  return quote + 1;
}

function isEscaped(json: string, at: number): boolean {
  let backslashes = 0;
  while (json[at - 1 - backslashes] === "\\") backslashes += 1;
  return backslashes % 2 === 1;
}
