/** The texts around the `*` of a wildcard, in which `\*` and `\\` stand for the characters themselves. */
export function partsOfWildcard(wildcard: string): string[] {
  const parts = [""];
  for (let index = 0; index < wildcard.length; index++) {
    const character = wildcard[index];
    if (character === "*") parts.push("");
    else parts.push(`${parts.pop()}${character === "\\" ? wildcard[++index] : character}`);
  }
  return parts;
}

/**
 * Whether a text consists of these parts in their order, with any characters between two of them, also none. One part is
 * the whole text.
 */
export function hasParts(text: string, [start = "", ...others]: readonly string[]): boolean {
  const end = others.pop();
  if (end === undefined) return text === start;
  if (!text.startsWith(start)) return false;
  // The first place at which a part fits leaves the most room for the parts after it.
  let position = start.length;
  for (const part of others) {
    const found = text.indexOf(part, position);
    if (found === -1) return false;
    position = found + part.length;
  }
  return text.length - end.length >= position && text.endsWith(end);
}
