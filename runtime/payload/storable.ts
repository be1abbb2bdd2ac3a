import { withoutContentCoding } from "../envelope/content-coding.js";
import type { Envelope } from "../envelope/envelope.js";
import { sensitiveHeaders, sensitiveQueryParameters } from "../signatures/sensitive.js";
import type { SourceDefinition } from "../stage/definition.js";
import { redactBody } from "./redact.js";

/** A webhook in the form that the history keeps. */
export interface StoredWebhook extends Envelope {
  /**
   * What the sender sent but this copy lacks: `json:…`, `header:…`, `query:…`, or `body` for the whole body. A
   * signature that covers one of them cannot be checked again, and a replay does not have them.
   */
  readonly redacted?: readonly string[];
}

/**
 * A webhook without what must not be kept: credentials, redacted values, and the replay's id. A webhook that was stored
 * before is not changed.
 *
 * If a body cannot be redacted because it is not JSON, it is left out as a whole. A compressed body from which something
 * was removed is kept without its compression.
 */
export function storableWebhook(
  envelope: Envelope,
  { signature, redact = [] }: Pick<SourceDefinition, "signature" | "redact">,
): StoredWebhook {
  const { replayId: _, replayFor: __, ...original } = envelope;
  const headerNames = sensitiveHeaders(signature);
  const queryNames = sensitiveQueryParameters(signature);
  const isSecretHeader = ([name]: readonly [string, string]) => headerNames.has(name.toLowerCase());
  const isSecretParameter = ([name]: readonly [string, string]) => queryNames.has(name);
  const { body, paths } = redacted(original, redact);

  const missing = [
    ...original.headers.filter(isSecretHeader).map(([name]) => `header:${name.toLowerCase()}`),
    ...original.query.filter(isSecretParameter).map(([name]) => `query:${name}`),
    ...paths,
  ];
  return {
    ...original,
    headers: original.headers.filter((header) => !isSecretHeader(header)),
    query: original.query.filter((parameter) => !isSecretParameter(parameter)),
    body,
    ...(missing.length === 0 ? {} : { redacted: missing }),
  };
}

/** Whether nothing of a webhook's body is kept because it may contain what must not be kept. */
export function isBodyLeftOut({ redacted = [] }: StoredWebhook): boolean {
  return redacted.includes(wholeBody);
}

const wholeBody = "body";

function redacted(
  envelope: Envelope,
  redact: NonNullable<SourceDefinition["redact"]>,
): { readonly body: Buffer; readonly paths: readonly string[] } {
  const { body } = envelope;
  if (redact.length === 0 || body.length === 0) return { body, paths: [] };
  const found = redactBody(withoutContentCoding(envelope).body, redact);
  if (found === undefined) return { body: Buffer.alloc(0), paths: [wholeBody] };
  return found.paths.length === 0 ? { body, paths: [] } : found;
}
