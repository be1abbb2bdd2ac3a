import { isUtf8 } from "node:buffer";
import type { NameValue } from "../envelope/headers.js";
import { parseJson } from "../envelope/json.js";
import type { Webhook } from "../envelope/webhook.js";
import type { TargetFormat } from "../stage/targets.js";

/**
 * How webhooks are written for AWS targets: docs/targets.md has the shapes. Nothing in a text depends on the try, so that a
 * repetition is the same text.
 */

/** What is passed on of a webhook, besides its body. */
export interface PassedParts {
  readonly headers: readonly NameValue[];
  readonly query: readonly NameValue[];
}

/** Where the bytes of a webhook stand that is too large for its target. */
export interface ClaimCheck {
  readonly bucket: string;
  readonly key: string;
  /** In hexadecimal. */
  readonly sha256: string;
  readonly bytes: number;
}

/** A webhook in its target's format. */
export interface WrittenWebhook {
  /** One line of JSON, in characters that SQS and SNS accept. */
  readonly text: string;
  /** What a claim check refers to: for `raw` the text, for `cloudevents` the event's data. */
  stored(): Buffer;
  /** The text that has a claim check in the place of what is stored. */
  withClaimCheck(claimCheck: ClaimCheck): string;
}

/** The type of an event whose own is not known. */
export const unknownType = "webhook";

/** Writes a webhook. */
export function writeWebhook(format: TargetFormat, webhook: Webhook, parts: PassedParts): WrittenWebhook {
  return format === "raw" ? writeRaw(webhook, parts) : writeCloudEvent(webhook);
}

function writeRaw(webhook: Webhook, { headers, query }: PassedParts): WrittenWebhook {
  const about = {
    id: webhook.id,
    source: webhook.source,
    eventId: webhook.eventId,
    ...(webhook.type === undefined ? {} : { type: webhook.type }),
    receivedAt: webhook.receivedAt.toISOString(),
  };
  const isBase64Encoded = !isUtf8(webhook.body);
  const text = inAllowedCharacters(
    JSON.stringify({
      ...about,
      method: webhook.method,
      headers: byName(headers.map(([name, value]) => [name.toLowerCase(), value])),
      query: byName(query),
      body: webhook.body.toString(isBase64Encoded ? "base64" : "utf8"),
      isBase64Encoded,
    }),
  );
  return {
    text,
    stored: () => Buffer.from(text),
    withClaimCheck: (claimCheck) =>
      inAllowedCharacters(JSON.stringify({ ...about, claimCheck: { ...claimCheck, format: "raw" } })),
  };
}

/**
 * github.com/cloudevents/spec/blob/v1.0.2/cloudevents/formats/json-format.md; a claim check is the extension `dataref`:
 * github.com/cloudevents/spec/blob/main/cloudevents/extensions/dataref.md
 */
function writeCloudEvent(webhook: Webhook): WrittenWebhook {
  const json = jsonData(webhook);
  const attributes = cloudEventAttributes(webhook, json !== undefined);
  const opened = JSON.stringify(attributes).slice(0, -1);
  const data =
    json !== undefined
      ? `,"data":${json}}`
      : webhook.body.length === 0
        ? "}"
        : `,"data_base64":"${webhook.body.toString("base64")}"}`;
  return {
    text: inAllowedCharacters(opened + data),
    stored: () => webhook.body,
    withClaimCheck: ({ bucket, key, sha256, bytes }) =>
      inAllowedCharacters(
        JSON.stringify({
          ...attributes,
          dataref: `s3://${bucket}/${key}`,
          datasha256: sha256,
          datasize: bytes,
        }),
      ),
  };
}

/** A webhook's CloudEvents attributes. */
function cloudEventAttributes(webhook: Webhook, isJson: boolean) {
  const given = webhook.headers.get("content-type");
  const datacontenttype =
    given !== undefined && given !== "" && printable(given) === given
      ? given
      : isJson
        ? "application/json"
        : "application/octet-stream";
  return {
    specversion: "1.0",
    id: printable(webhook.eventId),
    source: `/webhooks/${webhook.source}`,
    type: printable(webhook.type ?? unknownType),
    time: webhook.receivedAt.toISOString(),
    ...(webhook.body.length === 0 ? {} : { datacontenttype }),
  };
}

/**
 * The headers of a CloudEvent in HTTP's binary mode, whose body is the event's data:
 * github.com/cloudevents/spec/blob/v1.0.2/cloudevents/bindings/http-protocol-binding.md#31-binary-content-mode
 */
export function cloudEventHeaders(webhook: Webhook): Record<string, string> {
  const { datacontenttype, ...attributes } = cloudEventAttributes(webhook, jsonData(webhook) !== undefined);
  return {
    ...Object.fromEntries(
      Object.entries(attributes).map(([name, value]) => [`ce-${name}`, headerText(value)]),
    ),
    ...(datacontenttype === undefined ? {} : { "content-type": datacontenttype }),
  };
}

/** A body that is declared to be JSON, or that is JSON and not declared to be anything; on one line. */
function jsonData({ headers, body }: Webhook): string | undefined {
  const mediaType = (headers.get("content-type") ?? "").replace(/;.*/s, "").trim().toLowerCase();
  if (mediaType !== "" && !/^[^/]+\/([^/]+\+)?json$/.test(mediaType)) return undefined;
  if (!isUtf8(body) || parseJson(body) === undefined) return undefined;
  // A string of JSON contains no line break, so what is replaced stands between the values.
  return new TextDecoder()
    .decode(body)
    .trim()
    .replaceAll(/[\r\n]+/g, " ");
}

/** Values under their names, in their order. EventBridge's patterns match a list if they match one of its values. */
function byName(pairs: readonly NameValue[]): Record<string, string[]> {
  const grouped = Map.groupBy(pairs, ([name]) => name);
  return Object.fromEntries([...grouped].map(([name, same]) => [name, same.map(([, value]) => value)]));
}

/**
 * A text as the attribute of a message: characters that CloudEvents, SQS or SNS forbid are percent-encoded.
 * github.com/cloudevents/spec/blob/v1.0.2/cloudevents/spec.md#type-system
 */
export function printable(text: string): string {
  return text.toWellFormed().replaceAll(/[\p{Cc}\p{Noncharacter_Code_Point}]/gu, encodeURIComponent);
}

/** A text as the value of a `ce-` header, whose other characters are percent-encoded. */
function headerText(text: string): string {
  return text.replaceAll(/[^!#$&-~]/gu, (character) => {
    const bytes = [...Buffer.from(character)];
    return bytes.map((byte) => `%${byte.toString(16).toUpperCase().padStart(2, "0")}`).join("");
  });
}

/** JSON in which the characters that SQS does not take are escaped. They can only stand in its strings. */
function inAllowedCharacters(json: string): string {
  return json.replaceAll(/[\ufffe\uffff]/g, (character) => `\\u${character.charCodeAt(0).toString(16)}`);
}
