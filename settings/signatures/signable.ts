import type { SignedText, TimestampDefinition } from "../../runtime/signatures/definition.js";

/** A setting that no sender could follow. */
interface Problem {
  readonly path: string;
  readonly message: string;
}

/** The places where a value of a request can be; one of them is set. */
interface Places {
  readonly json?: string | undefined;
  readonly form?: string | undefined;
  readonly query?: string | undefined;
}

/** The settings of a signed text that these rules look at. */
export interface SignedTextSettings extends Places {
  readonly encoding: SignedText["encoding"];
  readonly content: string;
  readonly header?: readonly string[] | undefined;
  readonly separator?: string | undefined;
  readonly prefix?: string | undefined;
  readonly timestamp?: TimestampSettings | undefined;
}

interface TimestampSettings extends Places {
  readonly header?: string | undefined;
  readonly prefix?: string | undefined;
  readonly unit: TimestampDefinition["unit"];
}

/** Headers, in lower case, that API Gateway does not hand on (AWS fact 1.8a): docs/ingest.md. */
const lostHeaders = [
  "connection",
  "content-length",
  "content-md5",
  "expect",
  "keep-alive",
  "max-forwards",
  "proxy-authenticate",
  "server",
  "te",
  "trailer",
  "transfer-encoding",
  "upgrade",
  "www-authenticate",
];

/** Headers that clients and the gateway write themselves, so that no sender can put a value of its own into them. */
const writtenHeaders = ["content-type", "host"];

/** What is wrong with a header as the place of a signature, a time or a token. */
export function headerPlaceProblem(name: string): string | undefined {
  if (lostHeaders.includes(name)) return `cannot be ${name}: API Gateway does not hand that header on`;
  return writtenHeaders.includes(name)
    ? `cannot be ${name}: clients and gateways write that header themselves`
    : undefined;
}

/**
 * Finds settings that contradict each other, so that no request could ever be verified: two things in one place, or a
 * value that cannot be told from its neighbour.
 */
export function contradictions(settings: SignedTextSettings): Problem[] {
  return [...headerProblems(settings), ...bodyProblems(settings), ...separatorProblems(settings)];
}

function headerProblems({ header = [], content, timestamp }: SignedTextSettings): Problem[] {
  const problems: Problem[] = [];
  const report = (path: string, message: string | undefined) => {
    if (message !== undefined) problems.push({ path, message });
  };
  for (const name of header) report("header", headerPlaceProblem(name));
  if (timestamp?.header !== undefined) {
    report("timestamp", headerPlaceProblem(timestamp.header));
    if (header.includes(timestamp.header)) {
      const mend =
        "leave its header out, and set separator to what stands between the time and the signature";
      report("timestamp", `stands in the signature's own header: ${mend}`);
    }
  }
  for (const name of namesIn(content, "header").map((signed) => signed.toLowerCase())) {
    if (header.includes(name))
      report("content", `{header:${name}} holds the signature, which cannot sign itself`);
    if (lostHeaders.includes(name)) {
      report("content", `{header:${name}} does not get through API Gateway, so it cannot be signed`);
    }
  }
  return problems;
}

function bodyProblems({ json, form, query, content, timestamp }: SignedTextSettings): Problem[] {
  const problems: Problem[] = [];
  const signed = {
    json: signedNames("json", content, timestamp?.json),
    form: signedNames("form", content, timestamp?.form),
    query: signedNames("query", content, timestamp?.query),
  };
  const needsJson = json !== undefined || signed.json.length > 0;
  const needsForm = content.includes("{form}") || form !== undefined || signed.form.length > 0;
  if (needsJson && needsForm) {
    problems.push({ path: "content", message: "cannot need a form and JSON: a body is only one of them" });
  }
  for (const [kind, own] of [
    ["json", json],
    ["form", form],
    ["query", query],
  ] as const) {
    const isThere = (name: string) => (kind === "json" ? overlap(name, own ?? "") : name === own);
    const other = own === undefined ? undefined : signed[kind].find(isThere);
    if (other === undefined) continue;
    const message = `is the place of ${other} too, which is signed: only one value can be there`;
    problems.push({ path: kind, message });
  }
  const parent = signed.json.find((path) => signed.json.some((other) => other.startsWith(`${path}.`)));
  if (parent !== undefined) {
    const message = `needs a text at ${parent} and at a path inside it: only one value can be there`;
    problems.push({ path: "content", message });
  }
  return problems;
}

/** The names of one kind that the content or the time names, each once. */
function signedNames(kind: "json" | "form" | "query", content: string, ofTime: string | undefined): string[] {
  return [...new Set([...namesIn(content, kind), ...(ofTime === undefined ? [] : [ofTime])])];
}

/** Whether one path is the other or leads into it. */
function overlap(one: string, other: string): boolean {
  return `${one}.`.startsWith(`${other}.`) || `${other}.`.startsWith(`${one}.`);
}

function separatorProblems({ separator, prefix = "", encoding, timestamp }: SignedTextSettings): Problem[] {
  const { header, json, form, query } = timestamp ?? {};
  const timeBeside = [header, json, form, query].every((place) => place === undefined)
    ? timestamp
    : undefined;
  if (separator === undefined) {
    if (timeBeside === undefined) return [];
    const message =
      "is missing: the time stands beside the signature, so say what is between them, such as ,";
    return [{ path: "separator", message }];
  }
  const time = timeBeside === undefined ? "" : (timeBeside.prefix ?? "") + charactersOfTime[timeBeside.unit];
  const taken = `${charactersOfDigest[encoding]}${prefix}${time}`;
  if ([...separator].some((character) => !taken.includes(character))) return [];
  const items =
    timeBeside === undefined ? "the prefix or the signature" : "the prefixes, the time or the signature";
  return [
    { path: "separator", message: `could also stand inside of ${items}: the value could not be split` },
  ];
}

const digits = "0123456789";
const charactersOfTime = { seconds: digits, milliseconds: digits, rfc3339: `${digits}-:.+TZtz` } as const;
const letters = "abcdefghijklmnopqrstuvwxyz";
const charactersOfDigest = {
  hex: `${digits}abcdefABCDEF`,
  base64: `${digits}${letters}${letters.toUpperCase()}+/=`,
} as const;

function namesIn(content: string, kind: "header" | "json" | "form" | "query"): string[] {
  return [...content.matchAll(new RegExp(`\\{${kind}:([^}]+)\\}`, "g"))].map(([, name = ""]) => name);
}
