import type { SQSRecord } from "aws-lambda";
import { decodeBase64 } from "./base64.js";
import { EnvelopeError, EnvelopeVersionError } from "./envelope.js";
import { isHttpApiMessage } from "./http-api-message.js";

/**
 * The message of a replay whose webhook has no room in a message: it names the item of the history that keeps the webhook.
 *
 *     {"of":"c2hvcC9vLTE=","v":1,"r":"MDE5…","rf":"YmlsbGluZw=="}
 *
 * SQS takes 1 MiB (AWS fact 3.2). A webhook that came by an HTTP API can be longer once its body is base64, and one that came by
 * a REST API needs room for the replay's id.
 */
const replayReferenceVersion = 1;

const fields = {
  /** Id of the webhook, base64, because a sender may have chosen the event's id. */
  webhookId: "of",
  version: "v",
  /** Id of the replay, base64. */
  replayId: "r",
  /** Name of the only subscriber that it is for, base64. */
  replayFor: "rf",
} as const;

const start = `{"${fields.webhookId}":"`;

/** A replay, and the webhook of the history that it is of. */
export interface ReplayReference {
  readonly webhookId: string;
  readonly replayId: string;
  readonly replayFor?: string | undefined;
}

export function encodeReplayReference({ webhookId, replayId, replayFor }: ReplayReference): string {
  return JSON.stringify({
    [fields.webhookId]: base64(webhookId),
    [fields.version]: replayReferenceVersion,
    [fields.replayId]: base64(replayId),
    ...(replayFor === undefined ? {} : { [fields.replayFor]: base64(replayFor) }),
  });
}

/** Whether a record refers to a webhook of the history. No sender can make one that does: an HTTP API's message never does. */
export function isReplayReference(record: Pick<SQSRecord, "body" | "messageAttributes">): boolean {
  return record.body.startsWith(start) && !isHttpApiMessage(record);
}

/**
 * Reads a message that refers to a webhook.
 *
 * @throws EnvelopeVersionError for a message of another version
 * @throws EnvelopeError for a message that {@link encodeReplayReference} would not write
 */
export function decodeReplayReference(message: string): ReplayReference {
  const content = parse(message);
  const known: readonly string[] = Object.values(fields);
  const isKnown = Object.keys(content).every((field) => known.includes(field));
  if (content[fields.version] !== replayReferenceVersion || !isKnown) {
    throw new EnvelopeVersionError(
      `the version (v) of a replay's message is not ${replayReferenceVersion}: deploy the function, or replay with this checkout`,
    );
  }
  const replayFor = content[fields.replayFor];
  return {
    webhookId: readText(content[fields.webhookId], fields.webhookId),
    replayId: readText(content[fields.replayId], fields.replayId),
    ...(replayFor === undefined ? {} : { replayFor: readText(replayFor, fields.replayFor) }),
  };
}

function parse(message: string): Readonly<Record<string, unknown>> {
  try {
    return JSON.parse(message) as Readonly<Record<string, unknown>>;
  } catch {
    throw new EnvelopeError("the message of a replay is not JSON");
  }
}

function readText(value: unknown, field: string): string {
  const bytes = typeof value === "string" ? decodeBase64(value) : undefined;
  if (bytes !== undefined) return bytes.toString("utf8");
  throw new EnvelopeError(`the field ${field} of a replay's message is not base64`);
}

function base64(text: string): string {
  return Buffer.from(text, "utf8").toString("base64");
}
