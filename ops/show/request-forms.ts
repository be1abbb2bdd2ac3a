import { dirname, relative, resolve } from "node:path";
import type { StoredWebhook } from "../../runtime/payload/storable.js";
import type { OperatedSource } from "../stage/outputs.js";

/** Headers that the connection or the gateway adds, or that say how long the body is. They are not sent again. */
const ofTheConnection =
  /^(host|connection|content-length|transfer-encoding|accept-encoding|x-amzn-trace-id|x-forwarded-(for|port|proto)|via|cloudfront-.*)$/i;

/** The headers that the sender means. */
export function sendersHeaders({ headers }: Pick<StoredWebhook, "headers">) {
  return headers.filter(([name]) => !ofTheConnection.test(name));
}

/** The URL with the query that the webhook came with. */
function urlWith(endpoint: string, query: StoredWebhook["query"]): string {
  const url = new URL(endpoint);
  for (const [name, value] of query) url.searchParams.append(name, value);
  return url.href;
}

/** A command of the shell that sends the webhook once more, as far as it is kept. Bytes that are no text go through base64. */
export function curlCommand(webhook: StoredWebhook, endpoint: string): string {
  const headers = sendersHeaders(webhook).map(([name, value]) => `-H ${quoted(`${name}: ${value}`)}`);
  const target = quoted(urlWith(endpoint, webhook.query));
  const text = textOf(webhook.body);
  const request = ["curl -sS -X POST", target, ...headers];
  if (text !== undefined && !text.includes("\0"))
    return [...request, "--data-binary", quoted(text)].join(" ");
  return [
    `printf %s ${quoted(webhook.body.toString("base64"))} | base64 -d |`,
    ...request,
    "--data-binary @-",
  ].join(" ");
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}

/** Bytes as text, or undefined if they are not UTF-8. */
export function textOf(body: Uint8Array): string | undefined {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(body);
  } catch {
    return undefined;
  }
}

/**
 * A TypeScript module with the webhook as a fixture for `runHandlerOn`. It has what the history keeps, so what a source redacts is
 * not in it.
 *
 * @param source present name of the source
 * @param file where it will stand
 */
export function fixtureModule(
  webhook: StoredWebhook,
  {
    name,
    definition,
    file,
    root,
  }: {
    readonly name: string;
    readonly definition: Pick<OperatedSource, "eventId" | "eventType">;
    readonly file: string;
    readonly root: string;
  },
): string {
  const testing = relative(dirname(resolve(file)), resolve(root, "runtime/testing.js")).replaceAll("\\", "/");
  const text = textOf(webhook.body);
  const body =
    text === undefined
      ? `Buffer.from(${JSON.stringify(webhook.body.toString("base64"))}, "base64")`
      : JSON.stringify(text);
  const pairs = (all: StoredWebhook["headers"]) => {
    const joined = new Map<string, string>();
    for (const [key, value] of all) {
      const earlier = joined.get(key.toLowerCase());
      joined.set(key.toLowerCase(), earlier === undefined ? value : `${earlier}, ${value}`);
    }
    return JSON.stringify(Object.fromEntries(joined), null, 2).replaceAll("\n", "\n  ");
  };
  const lines = [
    `import type { Fixture } from ${JSON.stringify(testing.startsWith(".") ? testing : `./${testing}`)};`,
    "",
    ...(webhook.redacted === undefined
      ? []
      : [`/** The history does not keep ${webhook.redacted.join(", ").replaceAll("*/", "* /")}. */`]),
    "export const fixture = {",
    `  source: ${JSON.stringify(name)},`,
    `  headers: ${pairs(sendersHeaders(webhook))},`,
    ...(webhook.query.length === 0
      ? []
      : [`  query: ${JSON.stringify(Object.fromEntries(webhook.query), null, 2).replaceAll("\n", "\n  ")},`]),
    `  body: ${body},`,
    `  eventId: ${JSON.stringify(definition.eventId)},`,
    ...(definition.eventType === undefined ? [] : [`  eventType: ${JSON.stringify(definition.eventType)},`]),
    `  receivedAt: new Date(${JSON.stringify(new Date(webhook.receivedAt).toISOString())}),`,
    "} satisfies Fixture;",
    "",
  ];
  return lines.join("\n");
}
