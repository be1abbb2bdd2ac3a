import { type Locator, type LocatorKind, partsOf } from "../runtime/envelope/locator.js";
import {
  type HmacSignature,
  locatorsIn,
  locatorsOf,
  type SignatureDefinition,
  type TokenSignature,
} from "../runtime/signatures/definition.js";
import { SecretError } from "../runtime/signatures/scheme.js";
import { readKey } from "../runtime/signatures/stored-secret.js";
import { locatorsOfEventId, type SourceDefinition } from "../runtime/stage/definition.js";

/** What a line is made for. */
export interface CurlTarget {
  readonly source: Pick<SourceDefinition, "eventId" | "signature">;
  readonly url: string;
  /** The source's secret; empty for a source that needs none. */
  readonly secret: string;
  /** Headers that the front door asks for, besides those of the source's scheme. */
  readonly headers?: Readonly<Record<string, string>>;
}

/**
 * A shell command that sends one webhook to a source. It is signed when the command runs, and has a new event id each
 * time.
 *
 * @returns undefined for a source whose signature a shell cannot compute in one line
 */
export function curlLine({
  source: { eventId, signature },
  url,
  secret,
  headers = {},
}: CurlTarget): string | undefined {
  const values = new Map<Locator, string>(
    Object.entries(headers).map(([name, value]) => [`header:${name.toLowerCase()}`, value]),
  );
  for (const locator of locatorsOfEventId(eventId.slice(0, 1))) values.set(lowerCase(locator), variables.id);

  const hmac = asHmac(signature);
  if (hmac === undefined) {
    const shown = shownSecret(signature, secret);
    if (shown === undefined) return undefined;
    for (const [locator, value] of shown) values.set(locator, value);
    const request = requestWith(values);
    return request && `${makeId}; ${curl(url, request)}`;
  }

  const key = keyFrom(secret, hmac);
  if (key === undefined) return undefined;
  const { timestamp, content } = hmac;
  for (const locator of locatorsIn(content).map(lowerCase)) {
    if (locator === "header:host") values.set(locator, new URL(url).host);
    else if (locator !== "header:content-type" && !values.has(locator)) values.set(locator, variables.id);
  }
  const time = `${timestamp?.prefix ?? ""}${variables.time}`;
  const [placeOfTime] = timestamp === undefined ? [] : locatorsOf(timestamp);
  if (placeOfTime !== undefined) values.set(placeOfTime, time);

  const [place = "header:"] = locatorsOf(hmac);
  const item = `${hmac.prefix ?? ""}${variables.signature}`;
  const beside = timestamp !== undefined && placeOfTime === undefined;
  values.set(place, beside ? `${time}${hmac.separator ?? ""}${item}` : item);
  // A shell cannot write base64 for a URL or a form, where some of its characters mean something else.
  if (/^(form|query):/.test(place) && hmac.encoding === "base64") return undefined;

  const numbers = timestamp?.json !== undefined && timestamp.unit !== "rfc3339" && time === variables.time;
  const request = requestWith(values, {
    signsFields: content.includes("{form}"),
    numbers: numbers ? [`json:${timestamp.json}`] : [],
  });
  if (request === undefined) return undefined;
  const signed = fill(content, { ...request, values, publicUrl: hmac.publicUrl });
  return [
    makeId,
    `t=${now[timestamp?.unit ?? "seconds"]}`,
    `s=$(printf '%s' ${quoted(signed)} | ${digest(hmac, key)})`,
    curl(url, request),
  ].join("; ");
}

/** Marks that stand for the shell's variables. They are private characters, which no setting that gets here contains. */
const variables = { id: "\ue001", time: "\ue002", signature: "\ue003" } as const;
const namesInShell: Readonly<Record<string, string>> = {
  [variables.id]: "id",
  [variables.time]: "t",
  [variables.signature]: "s",
};

const makeId = "id=$(openssl rand -hex 8)";

/** How much a time from `date` may be off, with the time that the request takes. */
const roundingSeconds = 2;

const now = {
  seconds: "$(date +%s)",
  milliseconds: "$(date +%s)000",
  rfc3339: "$(date -u +%Y-%m-%dT%H:%M:%SZ)",
} as const;

/** Names of headers have no case, so each is written in one. */
function lowerCase(locator: Locator): Locator {
  const { kind, name } = partsOf(locator);
  return kind === "header" ? `header:${name.toLowerCase()}` : locator;
}

/** A keyed hash over a text that `openssl` and `date` can build. */
function asHmac(signature: SignatureDefinition): HmacSignature | undefined {
  if (signature.kind === "twilio") {
    const { publicUrl } = signature;
    return {
      kind: "hmac",
      hash: "sha1",
      encoding: "base64",
      header: "x-twilio-signature",
      content: "{url}{form}",
      key: { encoding: "utf8" },
      ...(publicUrl === undefined ? {} : { publicUrl }),
    };
  }
  if (signature.kind !== "hmac") return undefined;
  const { content, timestamp, publicUrl = "" } = signature;
  const precise = (timestamp?.toleranceSeconds ?? Number.POSITIVE_INFINITY) <= roundingSeconds;
  return precise || /[\p{Cc}\p{Co}]/u.test(content + publicUrl) ? undefined : signature;
}

/** Where the sender shows the secret itself. Undefined for a scheme that a shell has no means for. */
function shownSecret(signature: SignatureDefinition, secret: string): [Locator, string][] | undefined {
  switch (signature.kind) {
    case "none":
      return [];
    case "token":
      return [[placeOfToken(signature), `${signature.prefix ?? ""}${secret}`]];
    case "basic":
      return [["header:authorization", `Basic ${Buffer.from(secret).toString("base64")}`]];
    default:
      return undefined;
  }
}

function placeOfToken({ header, query }: TokenSignature): Locator {
  return header === undefined ? `query:${query}` : `header:${header}`;
}

/** Undefined for a secret that cannot be this source's key. */
function keyFrom(secret: string, { key }: HmacSignature): Buffer | undefined {
  try {
    return readKey(secret, key).export();
  } catch (error) {
    if (error instanceof SecretError) return undefined;
    throw error;
  }
}

interface Request {
  readonly headers: NamedValues;
  readonly query: NamedValues;
  /** Fields of a form; absent for JSON. */
  readonly fields?: NamedValues;
  readonly body: string;
}

type NamedValues = readonly (readonly [name: string, value: string])[];

/**
 * A request with these values at their places. It has the event's id in its body if it is nowhere else, because the body may
 * be what tells events apart.
 *
 * @param signsFields whether the body must be a form
 * @param numbers places of a JSON body whose values are numbers
 * @returns undefined if no body can have them all
 */
function requestWith(
  values: ReadonlyMap<Locator, string>,
  { signsFields = false, numbers = [] }: { signsFields?: boolean; numbers?: readonly Locator[] } = {},
): Request | undefined {
  const at = (wanted: LocatorKind): NamedValues =>
    [...values].flatMap(([locator, value]) => {
      const { kind, name } = partsOf(locator);
      return kind === wanted ? [[name, value] as const] : [];
    });
  const hasId = [...values.values()].includes(variables.id);
  const orSample = (found: NamedValues): NamedValues => {
    if (!hasId) return [...found, ["id", variables.id]];
    return found.length > 0 ? found : [["hello", "world"]];
  };
  const isForm = signsFields || at("form").length > 0;
  if (isForm && at("json").length > 0) return undefined;
  const fields = isForm ? orSample(at("form")) : undefined;
  const body = fields === undefined ? jsonWith(orSample(at("json")), numbers) : formWith(fields);
  if (body === undefined) return undefined;
  return {
    headers: [
      ...at("header").filter(([name]) => name !== "content-type"),
      ["content-type", isForm ? "application/x-www-form-urlencoded" : "application/json"],
    ],
    query: at("query"),
    ...(fields === undefined ? {} : { fields }),
    body,
  };
}

/** Texts in a URL or a form, with the shell's variables as they are. */
function encoded(text: string): string {
  return text.replace(/[^\ue001-\ue003]+/g, encodeURIComponent);
}

function formWith(fields: NamedValues): string {
  return fields.map(([name, value]) => `${encoded(name)}=${encoded(value)}`).join("&");
}

type JsonObject = Map<string, JsonObject | string>;

/** A JSON object with a value at each path. Undefined if a path leads into the value of another. */
function jsonWith(paths: NamedValues, numbers: readonly Locator[]): string | undefined {
  const root: JsonObject = new Map();
  for (const [path, value] of paths) {
    const keys = path.split(".");
    const last = keys.pop() ?? "";
    let parent = root;
    for (const key of keys) {
      const inner = parent.get(key) ?? (new Map() as JsonObject);
      if (typeof inner === "string") return undefined;
      parent.set(key, inner);
      parent = inner;
    }
    if (parent.has(last)) return undefined;
    parent.set(last, numbers.includes(`json:${path}`) ? value : JSON.stringify(value));
  }
  return writeObject(root);
}

function writeObject(object: JsonObject): string {
  const members = [...object].map(
    ([key, value]) => `${JSON.stringify(key)}:${typeof value === "string" ? value : writeObject(value)}`,
  );
  return `{${members.join(",")}}`;
}

const placeholder = /\{(body|timestamp|method|url|form|(?:header|query|json|form):[^}]+)\}/g;

/** The signed text: docs/signatures.md has its placeholders. */
function fill(
  content: string,
  request: Request & {
    readonly values: ReadonlyMap<Locator, string>;
    readonly publicUrl?: string | undefined;
  },
): string {
  return content.replace(placeholder, (whole, name: string) => {
    switch (name) {
      case "body":
        return request.body;
      case "timestamp":
        return variables.time;
      case "method":
        return "POST";
      case "url":
        return request.publicUrl ?? "";
      case "form":
        return [...(request.fields ?? [])]
          .sort(([a], [b]) => (a < b ? -1 : 1))
          .flat()
          .join("");
    }
    const [locator] = locatorsIn(whole).map(lowerCase);
    if (locator === undefined) return whole;
    const { kind, name: wanted } = partsOf(locator);
    const given = kind === "header" ? request.headers.find(([other]) => other === wanted)?.[1] : undefined;
    return given ?? request.values.get(locator) ?? "";
  });
}

function digest({ hash, encoding }: HmacSignature, key: Buffer): string {
  const hmac = `openssl dgst -${hash} -mac HMAC -macopt hexkey:${key.toString("hex")}`;
  return encoding === "hex" ? `${hmac} -r | cut -d' ' -f1` : `${hmac} -binary | openssl base64 -A`;
}

function curl(url: string, { headers, query, body }: Request): string {
  const flags = headers.map(([name, value]) => `-H ${quoted(`${name}: ${value}`)}`);
  const added = formWith(query);
  const at = added === "" ? url : `${url}${url.includes("?") ? "&" : "?"}${added}`;
  return `curl -sS ${quoted(at)} ${flags.join(" ")} --data-binary ${quoted(body)}`;
}

/** Quotes a text for the shell, so that it replaces the variables and takes everything else literally, `!` too. */
function quoted(text: string): string {
  const escaped = text.replace(/["\\`$]/g, "\\$&").replace(/!+/g, `"'$&'"`);
  const filled = escaped.replace(/([\ue001-\ue003])(\w)?/g, (_, mark: string, next?: string) => {
    const name = namesInShell[mark] ?? "";
    return next === undefined ? `$${name}` : `\${${name}}${next}`;
  });
  return `"${filled}"`;
}
