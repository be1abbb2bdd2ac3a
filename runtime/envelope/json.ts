/** JSON whose numbers keep the digits that the sender wrote. A JavaScript number may not be able to hold them. */
interface ExactJson {
  parse(
    text: string,
    reviver: (key: string, value: unknown, context: { readonly source: string }) => unknown,
  ): unknown;
  stringify(value: unknown): string;
  rawJSON(text: string): unknown;
  isRawJSON(value: unknown): boolean;
}
// ES2026, in Node since version 21. TypeScript's library does not have it yet.
const exactJson = JSON as unknown as ExactJson;

/**
 * The value of a JSON body, or undefined for a body that is not JSON. No JSON text means undefined. A byte order mark
 * is ignored.
 */
export function parseJson(body: Buffer): unknown {
  try {
    return JSON.parse(textOf(body));
  } catch {
    return undefined;
  }
}

/**
 * The value of a JSON body. {@link writeExactly} writes its numbers with the digits that the sender wrote.
 *
 * @throws SyntaxError if the body is not JSON
 * @throws RangeError if it is nested too deeply
 */
export function parseExactly(body: Buffer): unknown {
  return exactJson.parse(textOf(body), (_, value, { source }) =>
    typeof value === "number" ? exactJson.rawJSON(source) : value,
  );
}

/** Writes what {@link parseExactly} has read. */
export function writeExactly(value: unknown): string {
  return exactJson.stringify(value);
}

/** Whether a value is a number as {@link parseExactly} returns it: an object that holds no values of the sender. */
export function isNumberText(value: unknown): boolean {
  return exactJson.isRawJSON(value);
}

/** Reads the values of a JSON body by their dotted paths. It parses the body when the first value is read. */
export class JsonBody {
  readonly #body: Buffer;
  #root: { readonly value: unknown } | undefined;
  #withSources: { readonly value: unknown } | undefined;

  constructor(body: Buffer) {
    this.#body = body;
  }

  /** The whole body; undefined if it is not JSON. */
  get root(): unknown {
    this.#root ??= { value: parseJson(this.#body) };
    return this.#root.value;
  }

  /**
   * A text or a number at a dotted path (`data.object.id`, `items.0.id`), as text. A whole number up to 2^53 - 1 is
   * written in plain digits. Any other number (`12345678901234567890`, `1.50`) is the text that the sender wrote,
   * because in JavaScript two different ones could become equal.
   */
  textAt(path: string): string | undefined {
    const value = valueAt(this.root, path);
    if (typeof value !== "number") return typeof value === "string" ? value : undefined;
    if (Number.isSafeInteger(value)) return String(value);
    // This is slower, and few bodies need it.
    this.#withSources ??= { value: parseWithSources(this.#body) };
    const source = valueAt(this.#withSources.value, path);
    return typeof source === "string" ? source : undefined;
  }
}

function valueAt(root: unknown, path: string): unknown {
  let value = root;
  for (const key of path.split(".")) {
    if (typeof value !== "object" || value === null || !Object.hasOwn(value, key)) return undefined;
    // An array's `length` is a property of the array, not a value that the sender wrote.
    if (Array.isArray(value) && !/^\d+$/.test(key)) return undefined;
    value = (value as Record<string, unknown>)[key];
  }
  return value;
}

/** The value of a JSON body in which each number is the text that the sender wrote. */
function parseWithSources(body: Buffer): unknown {
  try {
    return exactJson.parse(textOf(body), (_, value, { source }) =>
      typeof value === "number" ? source : value,
    );
  } catch {
    return undefined;
  }
}

function textOf(body: Buffer): string {
  return new TextDecoder().decode(body);
}
