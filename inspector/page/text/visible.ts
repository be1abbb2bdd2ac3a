/** A part of a text: as it is, or the escape of a character that would be invisible or change how others look. */
export interface TextPart {
  readonly text: string;
  readonly isEscape: boolean;
}

/**
 * Control characters but tab and line feed; marks that change the direction of text, are invisible or stand for nothing
 * (unicode.org/reports/tr36, unicode.org/reports/tr9); half a surrogate pair. The joiners U+200C and U+200D stay: scripts
 * and emoji need them.
 */
const unseen =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what it looks for
  /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u00ad\u061c\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\p{Surrogate}\u{e0000}-\u{e007f}]/gu;

/** Splits a text that a stranger wrote, so that nothing in it stays unseen. */
export function textParts(text: string): TextPart[] {
  const parts: TextPart[] = [];
  let start = 0;
  for (const { 0: character, index } of text.matchAll(unseen)) {
    if (index > start) parts.push({ text: text.slice(start, index), isEscape: false });
    const code = (character.codePointAt(0) ?? 0).toString(16);
    parts.push({
      text: code.length > 4 ? `\\u{${code}}` : `\\u${code.padStart(4, "0")}`,
      isEscape: true,
    });
    start = index + character.length;
  }
  if (start < text.length) parts.push({ text: text.slice(start), isEscape: false });
  return parts;
}

/** The same as one text, for where there is nothing but text: titles, labels. */
export function visibleText(text: string): string {
  return textParts(text)
    .map((part) => part.text)
    .join("");
}
