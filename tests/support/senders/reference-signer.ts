import type {
  HmacSignature,
  PublicKeySignature,
  TimestampDefinition,
} from "../../../runtime/signatures/definition.js";
import type { Sent } from "./sender.js";

/** A scheme that signs a text made from the request. */
type SignedTextDefinition = HmacSignature | PublicKeySignature;

/**
 * Signs a request as any sender would who reads docs/signatures.md: it makes up the headers and the fields that the signed
 * text names. It shares no code with what verifies.
 *
 * @param signatureOf signs bytes
 * @throws Error for a definition that no sender can follow
 */
export function signByDefinition(
  definition: SignedTextDefinition,
  signedAt: number,
  signatureOf: (content: Buffer) => Buffer,
): Sent & { readonly body: Buffer } {
  const { content, timestamp, publicUrl = "" } = definition;
  const tokens = tokensOf(content);
  const places = {
    header: new Headers(),
    json: new JsonFields(),
    form: new Fields("form"),
    query: new Fields("query"),
  };
  const time = timestamp === undefined ? "" : timeText(timestamp, signedAt);
  const timeItem = (timestamp?.prefix ?? "") + time;
  const timePlace = timestamp === undefined ? undefined : placeOf(timestamp);
  if (timePlace !== undefined) places[timePlace.kind].set(timePlace.name, timeItem);
  const isForm = tokens.includes("{form}");
  if (isForm) places.form.set("To", "grüße & more");
  const valuesOf = (token: string) => {
    const [, kind, name = ""] = /^\{(header|json|form|query):(.+)\}$/.exec(token) ?? [];
    return kind === undefined ? undefined : { values: places[kind as keyof typeof places], name };
  };
  const signaturePlace = placeOf(definition);
  if (signaturePlace === undefined) throw new Error("the signature has no place");
  const formType = "application/x-www-form-urlencoded";
  if (isForm || signaturePlace.kind === "form" || timePlace?.kind === "form" || /\{form:/.test(content)) {
    places.header.set("content-type", formType);
  }
  for (const token of tokens) {
    const place = valuesOf(token);
    if (place !== undefined && !place.values.has(place.name))
      place.values.set(place.name, `value of ${place.name}`);
  }

  const body = () => {
    if (places.form.used && places.json.used) throw new Error("a body is either a form or JSON");
    if (places.form.used) return Buffer.from(new URLSearchParams(places.form.all()).toString());
    return places.json.used ? Buffer.from(places.json.text()) : Buffer.from([0, 255, 10, 123]);
  };
  const signedText = Buffer.concat(
    tokens.map((token) => {
      switch (token) {
        case "{body}":
          return body();
        case "{timestamp}":
          return Buffer.from(time);
        case "{method}":
          return Buffer.from("POST");
        case "{url}":
          return Buffer.from(publicUrl);
        case "{form}": {
          const sorted = places.form.all().sort(([a], [b]) => (a < b ? -1 : 1));
          return Buffer.from(sorted.map(([name, value]) => name + value).join(""));
        }
      }
      const place = valuesOf(token);
      return Buffer.from(place === undefined ? token : place.values.get(place.name));
    }),
  );

  const signature = (definition.prefix ?? "") + signatureOf(signedText).toString(definition.encoding);
  const isBeside = timestamp !== undefined && timePlace === undefined;
  const value = isBeside ? `${timeItem}${definition.separator ?? ""}${signature}` : signature;
  const coversBody = tokens.includes("{body}") || isForm;
  if (coversBody && (signaturePlace.kind === "json" || signaturePlace.kind === "form")) {
    throw new Error("a body cannot contain a signature of itself");
  }
  places[signaturePlace.kind].set(signaturePlace.name, value);
  return { headers: places.header.all(), query: places.query.all(), body: body() };
}

/** Where a value is; of several headers the first. */
function placeOf({
  header,
  json,
  form,
  query,
}: Pick<SignedTextDefinition, "header" | "json" | "form" | "query">) {
  const names = { header: [header ?? []].flat()[0], json, form, query };
  for (const kind of ["header", "json", "form", "query"] as const) {
    const name = names[kind];
    if (name !== undefined) return { kind, name };
  }
  return undefined;
}

function tokensOf(content: string): string[] {
  return content.split(/(\{[^{}]*\})/).filter((piece) => piece !== "");
}

function timeText({ unit }: TimestampDefinition, time: number): string {
  if (unit === "rfc3339") return new Date(time).toISOString();
  return String(unit === "seconds" ? Math.floor(time / 1000) : time);
}

/** Texts by name, of which each is there once. */
class Fields {
  protected readonly values = new Map<string, string>();

  constructor(private readonly where: string) {}

  get used(): boolean {
    return this.values.size > 0;
  }

  set(name: string, value: string): void {
    if (this.has(name)) throw new Error(`the ${this.where} would need two values at ${name}`);
    this.values.set(name, value);
  }

  has(name: string): boolean {
    return this.values.has(name);
  }

  get(name: string): string {
    return this.values.get(name) ?? "";
  }

  all(): [string, string][] {
    return [...this.values];
  }
}

/** Headers as HTTP carries them: names in any case, and no white space around a value. */
class Headers extends Fields {
  constructor() {
    super("header");
  }

  override set(name: string, value: string): void {
    if (!/^[\x20-\x7e]*$/.test(value)) throw new Error(`a header cannot contain ${JSON.stringify(value)}`);
    super.set(name.toLowerCase(), value.trim());
  }

  override has(name: string): boolean {
    return super.has(name.toLowerCase());
  }

  override get(name: string): string {
    return super.get(name.toLowerCase());
  }
}

/** Texts at dotted paths of a JSON body. */
class JsonFields extends Fields {
  constructor() {
    super("body");
  }

  override set(path: string, value: string): void {
    for (const other of this.values.keys()) {
      if (`${other}.`.startsWith(`${path}.`) || `${path}.`.startsWith(`${other}.`)) {
        throw new Error(`the body cannot have two values at ${path} and ${other}`);
      }
    }
    super.set(path, value);
  }

  /** Written by hand, because an object would treat some names in its own way. */
  text(): string {
    return objectText([...this.values].map(([path, value]) => ({ keys: path.split("."), value })));
  }
}

interface Leaf {
  readonly keys: readonly string[];
  readonly value: string;
}

function objectText(leaves: readonly Leaf[]): string {
  const names = new Set(leaves.map(({ keys: [first = ""] }) => first));
  const members = [...names].map((name) => {
    const inside = leaves
      .filter(({ keys: [first] }) => first === name)
      .map(({ keys: [, ...keys], value }) => ({ keys, value }));
    const [leaf] = inside;
    const value = leaf?.keys.length === 0 ? JSON.stringify(leaf.value) : objectText(inside);
    return `${JSON.stringify(name)}:${value}`;
  });
  return `{${members.join(",")}}`;
}
