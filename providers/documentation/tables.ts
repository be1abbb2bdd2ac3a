import { type SignatureDefinition, secretHeaders, signsUrl } from "../../runtime/signatures/definition.js";
import { neededValues } from "../../runtime/signatures/needed-values.js";
import type { EventIdLocator } from "../../runtime/stage/definition.js";
import { defaultContentTypes } from "../support/content-types.js";
import { handshakes, isServed, needsToken, type ServedHandshake } from "../support/handshakes.js";
import type { Providers } from "../support/load.js";
import { neededHeaders } from "../support/needed-places.js";
import { notConfirmed, type Provider } from "../support/provider.js";

/** Text of each part of a document that is written from the providers, by the part's name in its markers. */
type Parts = Readonly<Record<string, (providers: Providers) => string>>;

/** The documents with such parts, by their path from the project's root. */
export const documents: Readonly<Record<string, Parts>> = {
  "docs/signatures.md": { signatures: signatureTable, notes },
  "docs/ingest.md": { "content types": contentTypes, handshakes: handshakeTable, delivery },
  "docs/http-api.md": { headers: headerTable },
};

/**
 * A document with its parts written anew: what stands between `<!-- providers: name -->` and `<!-- end -->`.
 *
 * @throws Error naming a part that has no place in the document, or a place that is no part's
 */
export function rewritten(text: string, parts: Parts, providers: Providers): string {
  const written = new Set<string>();
  const result = text.replace(
    /(<!-- providers: (.+?) -->\n).*?(<!-- end -->)/gs,
    (_, start: string, name: string, end: string) => {
      const part = parts[name];
      if (part === undefined) throw new Error(`"${name}" is no part that is written from the providers`);
      written.add(name);
      return `${start}${part(providers)}\n${end}`;
    },
  );
  const missing = Object.keys(parts).find((name) => !written.has(name));
  if (missing !== undefined) throw new Error(`there is no <!-- providers: ${missing} --> in the document`);
  return result;
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  return [head, head.map(() => "---"), ...rows].map((cells) => `| ${cells.join(" | ")} |`).join("\n");
}

function rowsOf(providers: Providers, row: (name: string, provider: Provider) => string[]): string[][] {
  return Object.entries(providers).map(([name, provider]) => row(name, provider));
}

function signatureTable(providers: Providers): string {
  return table(
    [
      "provider",
      "`scheme`",
      "what is checked",
      "secret to store",
      "where it is shown",
      "event id",
      "event type",
      "window",
      "needs",
      "can be set up here",
      "not confirmed",
    ],
    rowsOf(providers, (name, provider) => {
      const { displayName, signature, secret, eventId, eventType, unconfirmed, links } = provider;
      return [
        `[${displayName}](${links[0]})${links
          .slice(1)
          .map((link, index) => ` [${index + 2}](${link})`)
          .join("")}`,
        `\`${name}\``,
        checked(signature),
        secret.store,
        secret.shownAt,
        eventId.map(eventIdEntry).join(", else "),
        eventType === "none" || eventType === notConfirmed ? eventType : code(eventType),
        window(signature),
        neededSettings(signature).map(code).join(", "),
        setUp(provider),
        unconfirmed.join("; "),
      ];
    }),
  );
}

function notes(providers: Providers): string {
  return Object.entries(providers)
    .flatMap(([name, { notes }]) => (notes === undefined ? [] : [`- **${name}**: ${notes}`]))
    .join("\n");
}

function contentTypes(providers: Providers): string {
  return defaultContentTypes(providers)
    .map((type) => `    ${type}`)
    .join("\n");
}

function whatToDo(kind: ServedHandshake): string {
  return needsToken(kind)
    ? `\`handshake: { kind: ${kind}, verifyToken: … }\``
    : `nothing: the preset includes \`handshake: { kind: ${kind} }\``;
}

function handshakeTable(providers: Providers): string {
  return table(
    ["provider", "what it asks", "what happens", "what to do"],
    Object.values(providers).flatMap(({ displayName, handshake }) => {
      if (handshake.kind === "not served") {
        const { question, why, instead } = handshake;
        return [[displayName, question, `it is not answered: ${why}`, instead]];
      }
      if (!isServed(handshake.kind)) return [];
      const { question, answer } = handshakes[handshake.kind];
      return [[displayName, question, answer, whatToDo(handshake.kind)]];
    }),
  );
}

function delivery(providers: Providers): string {
  return table(
    [
      "provider",
      "entry in `sources`",
      "can be set up here",
      "sends",
      "waits",
      "retries",
      "at this front door",
    ],
    rowsOf(providers, (name, { displayName, contentTypes, delivery, ...provider }) => [
      displayName,
      code(sourceEntry(name, provider)),
      setUp(provider),
      contentTypes.map(code).join(", "),
      delivery.answerTimeout,
      delivery.retries,
      delivery.atTheFrontDoor ?? "",
    ]),
  );
}

function headerTable(providers: Providers): string {
  return table(
    ["provider", "headers that are carried by themselves"],
    rowsOf(providers, (_, { displayName, signature, eventId, eventType }) => {
      if (neededValues(signature) === undefined)
        return [displayName, "refused: only each request says which"];
      const known = eventType === "none" || eventType === notConfirmed ? {} : { eventType };
      return [
        displayName,
        neededHeaders({ signature, eventId, ...known })
          .map(code)
          .join(", "),
      ];
    }),
  );
}

/** Whether a provider can be set up at this front door alone, and what is missing if not. */
function setUp({ handshake, missing }: Pick<Provider, "handshake" | "missing">): string {
  const lacking = [
    ...(handshake.kind === "not served" ? [`${handshake.question}; ${handshake.why}`] : []),
    ...(missing === undefined ? [] : [missing]),
  ];
  if (lacking.length > 0) return `**not completely**: ${lacking.join(". ")}`;
  return handshake.kind === notConfirmed ? "completely, unless it asks first (not confirmed)" : "completely";
}

/** A source's line in a stage's settings, with examples for what only the stage knows. */
function sourceEntry(
  name: string,
  { signature, handshake }: Pick<Provider, "signature" | "handshake">,
): string {
  const examples: Readonly<Record<string, string>> = {
    publicUrl: `"https://hooks.example.com/webhooks/${name}"`,
    webhookId: "8PT597110X687430L",
    issuer: '"https://sts.windows.net/11111111-2222-3333-4444-555555555555/"',
    audience: `"https://hooks.example.com/webhooks/${name}"`,
    serviceAccount: "push@a-project.iam.gserviceaccount.com",
  };
  const details = neededSettings(signature).map((setting) => `, ${setting}: ${examples[setting]}`);
  const asked =
    isServed(handshake.kind) && needsToken(handshake.kind)
      ? `, handshake: { kind: ${handshake.kind}, verifyToken: a-token-of-this-stage }`
      : "";
  return `{ name: ${name}, signature: { scheme: ${name}${details.join("")} }${asked} }`;
}

function checked(signature: SignatureDefinition): string {
  switch (signature.kind) {
    case "none":
      return "nothing";
    case "hmac": {
      const { hash, content, header, json, form, encoding } = signature;
      const places =
        json !== undefined
          ? `\`${json}\` in the body`
          : form !== undefined
            ? `\`${form}\` in the form`
            : headers(header);
      return `HMAC-${hash.toUpperCase().replace("SHA", "SHA-")} of \`${content}\`, ${encoding}, in ${places}`;
    }
    case "public-key":
      return `${signature.algorithm} of \`${signature.content}\`, ${signature.encoding}, in ${headers(signature.header)}`;
    case "token":
      return signature.query === undefined
        ? `the secret itself, in ${headers(signature.header)}`
        : `the secret itself, in the query as \`${signature.query}\``;
    case "basic":
      return `the secret itself, in ${headers(secretHeaders(signature))}`;
    case "twilio":
      return "HMAC-SHA-1 of URL and form, or of a URL with the body's hash, in `x-twilio-signature`";
    case "contentful":
      return "HMAC-SHA-256 of method, path, listed headers and body, in `x-contentful-signature`";
    case "adyen":
      return "HMAC-SHA-256 of eight fields of each item, in the item";
    case "paypal":
      return "RSA-SHA256 of ids, time and CRC-32 of the body, in `paypal-transmission-sig`";
    case "jwt": {
      const { algorithms, bodyHash, header, json } = signature;
      const families = [...new Set(algorithms.map((algorithm) => algorithm.replace(/\d+$/, "")))];
      const named = algorithms.length > 2 ? families : algorithms;
      const proof = bodyHash === undefined ? "" : ` with the body's SHA-256 in ${code(bodyHash.claim)}`;
      const place = json === undefined ? headers(header) : `${code(json)} in the body`;
      return `signed token (JWT: ${named.join(", ")})${proof}, in ${place}`;
    }
  }
}

function headers(header: string | readonly string[] | undefined): string {
  const names = [header ?? []].flat();
  const [first = "", last = ""] = [names[0], names.at(-1)];
  return names.length > 2 ? `${code(first)} to ${code(last)}` : names.map(code).join(" or ");
}

function window(signature: SignatureDefinition): string {
  if (signature.kind === "contentful") return `${signature.toleranceSeconds} s`;
  if (signature.kind === "jwt") {
    return signature.toleranceSeconds === undefined ? "until it expires" : `${signature.toleranceSeconds} s`;
  }
  if (!("timestamp" in signature) || signature.timestamp === undefined) return "none signed";
  const { toleranceSeconds } = signature.timestamp;
  return toleranceSeconds === undefined ? "not judged" : `${toleranceSeconds} s`;
}

/** What a stage has to say besides the provider's name. */
function neededSettings(signature: SignatureDefinition): string[] {
  return [
    ...(signsUrl(signature) ? ["publicUrl"] : []),
    ...(signature.kind === "paypal" ? ["webhookId"] : []),
    ...(signature.kind === "jwt" ? (signature.needs ?? []) : []),
  ];
}

/** What stands in the table for one entry of an event id. */
function eventIdEntry(locator: EventIdLocator): string {
  return typeof locator === "string" ? code(locator) : locator.map(code).join(" with ");
}

function code(text: string): string {
  return `\`${text}\``;
}
