/** A word of a filter's line. */
export interface Word {
  /** As it was typed. */
  readonly text: string;
  /** What stands before the first colon, if that is the name of a field: `source`, `json`. */
  readonly name?: string;
  /** What is looked for, without quotes. */
  readonly value: string;
}

/** What a filter can ask for by name. Anything else is text to look for. */
export const filterNames = [
  "source",
  "outcome",
  "type",
  "since",
  "until",
  "json",
  "header",
  "query",
  "form",
] as const;

/** The words of a filter's line. A quote that is not closed ends with the line. */
export function wordsOf(line: string): Word[] {
  return [...line.matchAll(/(?:"[^"]*"?|[^\s"])+/g)].map(([text]) => {
    const plain = text.replaceAll('"', "");
    const [, name, value] = /^([a-z]+):(.*)$/s.exec(plain) ?? [];
    const known = filterNames.find((each) => each === name);
    return known === undefined || value === undefined ? { text, value: plain } : { text, name: known, value };
  });
}

/** Writes a word, with quotes if it needs them. */
export function word(name: string, value: string): string {
  const text = `${name}:${value}`;
  return /\s/.test(text) ? `${name}:"${value.replaceAll('"', "")}"` : text;
}

/** Whether a line chooses by more than time: what it means may be replayed as a whole. */
export function choosesMoreThanTime(line: string): boolean {
  return wordsOf(line).some(({ name, value }) => name !== "since" && name !== "until" && value !== "");
}

export function hasWord(line: string, wanted: string): boolean {
  return wordsOf(line).some(({ text }) => text === wanted);
}

/** Adds a word to a filter's line, or takes it out. */
export function toggleWord(line: string, wanted: string): string {
  const words = wordsOf(line).map(({ text }) => text);
  const others = words.filter((text) => text !== wanted);
  return (others.length < words.length ? others : [...words, wanted]).join(" ");
}

/** What a word that is being typed can be completed to. */
export interface Completions {
  /** Where the word begins and ends in the line. */
  readonly start: number;
  readonly end: number;
  readonly words: readonly string[];
}

/** Values that are known of a stage, by the name of the field. */
export type KnownValues = Readonly<Partial<Record<(typeof filterNames)[number], readonly string[]>>>;

const mostCompletions = 8;

/** Completes the word that the caret stands in or behind. */
export function completionsOf(line: string, caret: number, known: KnownValues): Completions {
  const start = Math.max(line.lastIndexOf(" ", caret - 1) + 1, 0);
  const after = line.indexOf(" ", caret);
  const end = after === -1 ? line.length : after;
  const typed = line.slice(start, caret);
  const all = typed.includes(":")
    ? Object.entries(known).flatMap(([name, values]) => values.map((value) => word(name, value)))
    : filterNames.map((name) => `${name}:`);
  const words = all.filter((each) => typed !== "" && each.startsWith(typed) && each !== typed);
  return { start, end, words: words.slice(0, mostCompletions) };
}

/** Whether all words say something, so that a line that is still being typed can be used already. */
export function isComplete(line: string, known: KnownValues): boolean {
  return wordsOf(line).every(({ name, value }) => {
    const values = known[name as keyof KnownValues];
    return name === undefined || (value !== "" && (values === undefined || values.includes(value)));
  });
}
