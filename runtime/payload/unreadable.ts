import type { SQSRecord } from "aws-lambda";
import type { NameValue } from "../envelope/headers.js";
import { headerAttributePrefix, queryAttributePrefix } from "../envelope/http-api-message.js";
import { sensitiveHeaders, sensitiveQueryParameters } from "../signatures/sensitive.js";
import type { ProcessorDefinition } from "../stage/definition.js";
import type { StoredWebhook } from "./storable.js";

/** Stands for the source in the history. No source can have this name, because names contain no underscore. */
export const unreadableSource = "_unreadable";

/** Header of a stored message that holds the message's group. On a standard queue that is the source's name. */
export const groupHeader = "MessageGroupId";

/**
 * A message that cannot be read, in the form that the history keeps: the message as the body, its attributes and its
 * group as headers. So a function that can read it gets it again unchanged.
 *
 * Credentials are removed where they can be found: the attributes of an HTTP API's message, and the name and value pairs
 * of an envelope.
 *
 * @returns undefined if one of the function's sources keeps no payloads or redacts some. The message can be of that
 * source, and what must not be kept cannot be found in it.
 */
export function unreadableMessage(
  { body, attributes, messageAttributes }: SQSRecord,
  { sources, keepPayload: stageKeeps }: Pick<ProcessorDefinition, "sources" | "keepPayload">,
): StoredWebhook | undefined {
  const keepsAll = sources.every(
    ({ keepPayload = stageKeeps ?? "all", redact = [] }) => keepPayload === "all" && redact.length === 0,
  );
  if (!keepsAll) return undefined;

  const secretHeaders = new Set(sources.flatMap(({ signature }) => [...sensitiveHeaders(signature)]));
  const secretParameters = new Set(
    sources.flatMap(({ signature }) => [...sensitiveQueryParameters(signature)]),
  );
  const isSecret = (name: string) => secretHeaders.has(name.toLowerCase()) || secretParameters.has(name);
  const kept = Object.entries(messageAttributes).flatMap(([name, { stringValue = "" }]): NameValue[] =>
    [headerAttributePrefix, queryAttributePrefix].some(
      (prefix) => name.startsWith(prefix) && isSecret(name.slice(prefix.length)),
    )
      ? []
      : [[name, withoutSecretLines(stringValue, isSecret)]],
  );
  const { MessageGroupId } = attributes;
  return {
    source: unreadableSource,
    bodyEncoding: "text",
    requestId: "",
    receivedAt: Number(attributes.SentTimestamp),
    sourceIp: "",
    method: "",
    path: "",
    headers: [...kept, ...(MessageGroupId === undefined ? [] : [[groupHeader, MessageGroupId] as const])],
    query: [],
    body: Buffer.from(withoutSecrets(body, isSecret)),
  };
}

/** Empties the values of secrets in a text with `["<base64 name>","<base64 value>"]`, which is how an envelope has them. */
function withoutSecrets(text: string, isSecret: (name: string) => boolean): string {
  return text.replace(/\["([A-Za-z0-9+/=]*)","[A-Za-z0-9+/=]*"/g, (pair, name: string) =>
    isSecret(Buffer.from(name, "base64").toString("utf8")) ? `["${name}",""` : pair,
  );
}

/** Empties the values of secrets in a text with `name=value` or `?name=value` in a line, as an HTTP API's attribute has them. */
function withoutSecretLines(text: string, isSecret: (name: string) => boolean): string {
  return text.replace(/^(\??)([\w-]+)=.*$/gm, (line, mark: string, name: string) =>
    isSecret(name) ? `${mark}${name}=` : line,
  );
}
