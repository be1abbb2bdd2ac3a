import { formFields } from "./form-fields.js";
import { headerValues, type NameValue } from "./headers.js";
import { JsonBody } from "./json.js";
import { type Locator, partsOf } from "./locator.js";

/** The parts of a request that contain values. */
export interface ValueRequest {
  readonly headers: readonly NameValue[];
  readonly query: readonly NameValue[];
  readonly body: Buffer;
}

/** Reads values of one request. It parses the body at most once. */
export class RequestValues {
  readonly #request: ValueRequest;
  readonly #json: JsonBody;
  #form: { readonly fields: readonly NameValue[] | undefined } | undefined;

  constructor(request: ValueRequest) {
    this.#request = request;
    this.#json = new JsonBody(request.body);
  }

  /** Whether the body is a form with readable fields. */
  get isForm(): boolean {
    return this.#fields() !== undefined;
  }

  get isJson(): boolean {
    return this.#json.root !== undefined;
  }

  /** All values at a place, in the sender's order. A JSON body has at most one. */
  at(locator: Locator): readonly string[] {
    const { kind, name } = partsOf(locator);
    switch (kind) {
      case "header":
        return headerValues(this.#request.headers, name);
      case "query":
        return namedValues(this.#request.query, name);
      case "json": {
        const value = this.#json.textAt(name);
        return value === undefined ? [] : [value];
      }
      case "form":
        return namedValues(this.#fields() ?? [], name);
    }
  }

  #fields(): readonly NameValue[] | undefined {
    this.#form ??= { fields: formFields(this.#request) };
    return this.#form.fields;
  }
}

/** The case of the name counts, unlike with headers. */
function namedValues(pairs: readonly NameValue[], wanted: string): string[] {
  return pairs.filter(([name]) => name === wanted).map(([, value]) => value);
}
