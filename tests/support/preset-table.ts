import { type SignatureDefinition, secretHeaders, signsUrl } from "../../runtime/signatures/definition.js";
import { type Preset, presets } from "../../runtime/signatures/presets.js";

/** The rows of the table in docs/signatures.md, from the presets themselves. */
export function presetTable(): string {
  return Object.entries(presets)
    .sort(([left], [right]) => left.localeCompare(right, "en"))
    .map(([name, preset]) => row(name, preset))
    .join("\n");
}

function row(name: string, { signature, eventId, secret, documentation, unconfirmed }: Preset): string {
  const cells = [
    `[\`${name}\`](${documentation})`,
    checked(signature),
    secret,
    eventId.length === 0 ? "hash of the request" : eventId.map((locator) => `\`${locator}\``).join(", else "),
    window(signature),
    settings(signature),
    unconfirmed ?? "",
  ];
  return `| ${cells.join(" | ")} |`;
}

function checked(signature: SignatureDefinition): string {
  switch (signature.kind) {
    case "none":
      return "nothing";
    case "hmac": {
      const { hash, content, header, json, encoding } = signature;
      const places = json === undefined ? headers(header) : `\`${json}\` in the body`;
      return `HMAC-${hash.toUpperCase().replace("SHA", "SHA-")} of \`${content}\`, ${encoding}, in ${places}`;
    }
    case "public-key":
      return `${signature.algorithm} of \`${signature.content}\`, ${signature.encoding}, in ${headers(signature.header)}`;
    case "token":
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
    case "body-jwt":
      return `JWT (HS, ES256, RS256, EdDSA) with the body's SHA-256 in \`${signature.claim}\`, in \`${signature.header}\``;
  }
}

function headers(header: string | readonly string[] | undefined): string {
  const names = typeof header === "string" ? [header] : (header ?? []);
  const [first = "", last = ""] = [names[0], names.at(-1)];
  return names.length > 2 ? `\`${first}\` to \`${last}\`` : names.map((name) => `\`${name}\``).join(" or ");
}

function window(signature: SignatureDefinition): string {
  if (signature.kind === "contentful") return `${signature.toleranceSeconds} s`;
  if (!("timestamp" in signature) || signature.timestamp === undefined) return "none signed";
  const { toleranceSeconds } = signature.timestamp;
  return toleranceSeconds === undefined ? "not judged" : `${toleranceSeconds} s`;
}

function settings(signature: SignatureDefinition): string {
  const names = [
    ...(signsUrl(signature) ? ["`publicUrl`"] : []),
    ...(signature.kind === "paypal" ? ["`webhookId`"] : []),
  ];
  return names.join(", ");
}
