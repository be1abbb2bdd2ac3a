import { type Style, styleFor } from "./style.js";

/** The process's streams, or in a test what stands for them. */
export interface Streams {
  readonly stdin: NodeJS.ReadableStream & { readonly isTTY?: boolean };
  readonly stdout: NodeJS.WritableStream & { readonly isTTY?: boolean; readonly columns?: number };
  readonly stderr: NodeJS.WritableStream & { readonly isTTY?: boolean };
  readonly env: Readonly<Record<string, string | undefined>>;
}

/** Where a command writes: data on standard output, and everything else on standard error. */
export class Console {
  /** The reader of the data has gone, as `head` does. Nothing more is written. */
  #closed = false;
  /** The style of data, and of what a person is told. */
  readonly style: { readonly data: Style; readonly told: Style };

  constructor(
    readonly streams: Streams,
    /** Whether a program reads it: JSON instead of text. */
    readonly json: boolean,
  ) {
    const { stdout, stderr, env } = streams;
    this.style = { data: styleFor(stdout, env), told: styleFor(stderr, env) };
    // A reader that has had enough is no error.
    stdout.on("error", (error: NodeJS.ErrnoException) => {
      if (error.code !== "EPIPE") throw error;
      this.#closed = true;
    });
    // Who does not listen any more is told nothing.
    stderr.on("error", (error: NodeJS.ErrnoException) => {
      if (error.code !== "EPIPE") throw error;
    });
  }

  /** Whether the data's reader still reads. A long list can end when it does not. */
  get isRead(): boolean {
    return !this.#closed;
  }

  /** Whether a person is at the terminal who can answer a question. */
  get isInteractive(): boolean {
    const { stdin, stderr } = this.streams;
    return stdin.isTTY === true && stderr.isTTY === true;
  }

  /** Writes a line of data. */
  data(line: string): void {
    this.bytes(`${line}\n`);
  }

  /** Writes data that has no lines. */
  bytes(content: string | Uint8Array): void {
    if (!this.#closed) this.streams.stdout.write(content);
  }

  /** Tells a person something. */
  tell(line: string): void {
    this.streams.stderr.write(`${line}\n`);
  }
}

/**
 * Replaces control characters by their escapes. What strangers wrote must not move a terminal's cursor, change its colours or
 * begin a line of its own. The marks that change the direction of text are replaced too, because they make text look like
 * another one.
 */
export function printable(text: string): string {
  return text.replace(
    /[\p{Cc}\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069]/gu,
    (control) => `\\u${control.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}
