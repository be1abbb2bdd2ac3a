/** Reads a text from left to right, token by token. */
export class Tokens {
  readonly #tokens: readonly string[];
  #at = 0;

  /**
   * @param form matches each kind of token
   * @throws Error that names a character which begins none
   */
  constructor(
    private readonly text: string,
    form: RegExp,
  ) {
    const tokens: string[] = [];
    const sticky = new RegExp(`\\s*(${form.source})|\\s+$`, "y");
    while (sticky.lastIndex < text.length) {
      const at = sticky.lastIndex;
      const found = sticky.exec(text);
      if (found === null) throw new Error(`"${text.slice(at).trim()}" is not understood in: ${text}`);
      if (found[1] !== undefined) tokens.push(found[1]);
    }
    this.#tokens = tokens;
  }

  /** The next token, which stays. */
  get next(): string | undefined {
    return this.#tokens[this.#at];
  }

  /** Takes the next token if it is one of these, in whatever case. */
  take(...wanted: readonly string[]): string | undefined {
    const token = this.next;
    if (token === undefined || !wanted.includes(token.toUpperCase())) return undefined;
    this.#at += 1;
    return token.toUpperCase();
  }

  /** Takes the next token, whatever it is. */
  takeAny(): string {
    const token = this.next;
    if (token === undefined) throw new Error(`something is missing at the end of: ${this.text}`);
    this.#at += 1;
    return token;
  }

  expect(wanted: string): void {
    if (this.take(wanted) === undefined) {
      throw new Error(
        `wanted "${wanted}" ${this.next === undefined ? "at the end" : `before "${this.next}"`} of: ${this.text}`,
      );
    }
  }

  expectEnd(): void {
    if (this.next !== undefined) throw new Error(`"${this.next}" is too much in: ${this.text}`);
  }
}
