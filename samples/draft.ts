import { headerValues, type NameValue } from "../runtime/envelope/headers.js";
import { isNumberText, parseExactly, writeExactly } from "../runtime/envelope/json.js";
import { type Locator, partsOf } from "../runtime/envelope/locator.js";
import { RequestValues } from "../runtime/envelope/values.js";
import { SampleError } from "./sample-error.js";

const formType = "application/x-www-form-urlencoded";

/** A POST that is being written. Its values are set by their places, and everything else stays as it is. */
export class Draft {
  readonly #headers = new Map<string, NameValue>();
  readonly query: NameValue[] = [];
  #body: Buffer;

  constructor(headers: readonly NameValue[], body: Buffer) {
    for (const [name, value] of headers) this.#headers.set(name.toLowerCase(), [name, value]);
    this.#body = body;
  }

  /** In the case in which they were first written. */
  get headers(): NameValue[] {
    return [...this.#headers.values()];
  }

  get body(): Buffer {
    return this.#body;
  }

  /** The first value at a place, or undefined. */
  get(locator: Locator): string | undefined {
    return new RequestValues(this).at(locator)[0];
  }

  /**
   * Sets the value at a place, which is made if it is not there.
   *
   * @param as `number` writes a JSON value as a number, unless there is a text in its place
   * @throws SampleError if the body has no such place
   */
  set(locator: Locator, value: string, as: "text" | "number" = "text"): void {
    const { kind, name } = partsOf(locator);
    switch (kind) {
      case "header": {
        const [written] = this.#headers.get(name.toLowerCase()) ?? [name];
        this.#headers.set(name.toLowerCase(), [written, value]);
        return;
      }
      case "query": {
        const others = this.query.filter(([other]) => other !== name);
        this.query.splice(0, this.query.length, ...others, [name, value]);
        return;
      }
      case "form":
        this.#setField(name, value);
        return;
      case "json":
        this.#setJson(name.split("."), (old) => {
          const isNumber = old === undefined ? as === "number" : isNumberText(old);
          return isNumber && /^\d+$/.test(value) ? parseExactly(Buffer.from(value)) : value;
        });
    }
  }

  /** Sets a member of a JSON body, by its name, to any value. */
  setMember(name: string, value: unknown): void {
    this.#setJson([name], () => value);
  }

  /** Adds a value that the body does not have, so that it differs from all others. A body that is neither JSON nor a form stays. */
  makeUnique(id: string): void {
    if (this.#isForm()) {
      this.#setField("sample", id);
      return;
    }
    const root = this.#parsed();
    if (Array.isArray(root) && isContainer(root[0])) this.set("json:0.sample", id);
    else if (isContainer(root) && !Array.isArray(root)) this.set("json:sample", id);
  }

  #isForm(): boolean {
    const [type = ""] = headerValues(this.headers, "content-type");
    return type.split(";", 1)[0]?.trim().toLowerCase() === formType;
  }

  #setField(name: string, value: string): void {
    if (!this.#isForm()) {
      throw new SampleError(
        `the field ${name} is in a form, and the body is none: its type must be ${formType}`,
      );
    }
    const fields = new URLSearchParams(this.#body.toString("utf8"));
    fields.set(name, value);
    this.#body = Buffer.from(fields.toString());
  }

  #parsed(): unknown {
    try {
      return parseExactly(this.#body);
    } catch {
      return undefined;
    }
  }

  #setJson(path: readonly string[], valueFor: (old: unknown) => unknown): void {
    const name = path.join(".");
    const root = this.#parsed();
    if (!isContainer(root)) {
      throw new SampleError(`${name} is a place in a JSON body, and the body is no JSON object`);
    }
    const last = path.at(-1) ?? "";
    let parent: object = root;
    for (const [index, key] of path.slice(0, -1).entries()) {
      const inner = own(parent, key);
      if (inner !== undefined && !isContainer(inner)) {
        throw new SampleError(
          `the body has a value at ${path.slice(0, index + 1).join(".")}, so there is no ${name}`,
        );
      }
      // A number in a path is a name in an object too.
      const next = inner ?? {};
      define(parent, key, next);
      parent = next;
    }
    define(parent, last, valueFor(own(parent, last)));
    this.#body = Buffer.from(writeExactly(root));
  }
}

function isContainer(value: unknown): value is object {
  return typeof value === "object" && value !== null && !isNumberText(value);
}

function own(container: object, key: string): unknown {
  return Object.hasOwn(container, key) ? (container as Record<string, unknown>)[key] : undefined;
}

/** An assignment to `__proto__` would not make a member. */
function define(container: object, key: string, value: unknown): void {
  Object.defineProperty(container, key, { value, enumerable: true, configurable: true, writable: true });
}
