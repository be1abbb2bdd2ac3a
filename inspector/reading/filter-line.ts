/** What a filter's line asks for. The names are those of the options of `ops list`. */
export interface FilterLine {
  /** Sources, and subscribers as `<source>.<subscriber>`. */
  readonly source: readonly string[];
  readonly outcome: readonly string[];
  readonly type: readonly string[];
  readonly since?: string;
  readonly until?: string;
  /** `json:order.id=123` */
  readonly where: readonly string[];
  readonly text: readonly string[];
}

/**
 * Reads a filter's line: words in any order, with `"…"` around what has spaces, also within a word: `json:name="Ann Lee"`. A
 * backslash makes the next character one of the text. What is not a known name with a colon is text to look for.
 *
 * It never refuses a line: what its values must be, the commands' own rules say.
 */
export function readFilterLine(line: string): FilterLine {
  const lists = { source: [], outcome: [], type: [], since: [], until: [], where: [], text: [] } as Record<
    keyof FilterLine,
    string[]
  >;
  for (const { text, isQuoted } of wordsOf(line)) {
    const [, name, value] = (!isQuoted && /^(source|outcome|type|since|until):(.+)$/s.exec(text)) || [];
    if (name !== undefined && value !== undefined) lists[name as keyof FilterLine].push(value);
    else if (!isQuoted && /^(header|query|json|form):[^=]+=/.test(text)) lists.where.push(text);
    else if (text !== "") lists.text.push(text);
  }
  const { since, until, ...others } = lists;
  const [lastSince, lastUntil] = [since.at(-1), until.at(-1)];
  return {
    ...others,
    ...(lastSince === undefined ? {} : { since: lastSince }),
    ...(lastUntil === undefined ? {} : { until: lastUntil }),
  };
}

/** The words of a line. One that begins with a quotation mark is text, whatever it looks like. */
function wordsOf(line: string): { readonly text: string; readonly isQuoted: boolean }[] {
  return [...line.matchAll(/(?:\\.|"(?:\\.|[^"\\])*"?|[^\s"\\]|\\$)+/gs)].map(([word]) => ({
    text: word.replace(/\\(.)|"/gs, (_, character: string | undefined) => character ?? ""),
    isQuoted: word.startsWith('"'),
  }));
}
