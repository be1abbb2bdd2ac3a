import { ConditionalCheckFailedException, UpdateItemCommand } from "@aws-sdk/client-dynamodb";
import { CommandError } from "../../command-line/command-error.js";
import {
  type HistoryAttributes,
  type HistoryItem,
  historyAttributes as names,
} from "../../runtime/history/item.js";
import { otherPayloadAttributes, payloadAttributes } from "../../runtime/history/payload-attributes.js";
import { historySchema as keys } from "../../runtime/history/schema.js";
import { omitPayload } from "../../runtime/payload/payload.js";
import type { StoredWebhook } from "../../runtime/payload/storable.js";
import type { Stage } from "../stage/stage.js";

/** What is erased of a webhook. */
export interface Erased {
  /** Versions of its object in the bucket. */
  readonly versions: number;
}

/**
 * Erases a webhook's payload, from the bucket with all versions of its object and from the table. The item keeps how the webhook
 * ended, and the body's hash and length.
 *
 * The bucket comes first: if the work breaks off, the item still names the object, and another try finds it.
 *
 * @param webhook what the history keeps of it; undefined if it keeps the hash already
 * @throws CommandError if the webhook is worked on again in the meantime
 */
export async function erasePayload(
  {
    item,
    webhook,
    by,
  }: { readonly item: HistoryItem; readonly webhook: StoredWebhook | undefined; readonly by: string },
  stage: Stage,
): Promise<Erased> {
  const versions = item.overflow === undefined ? 0 : await eraseVersions(item.overflow.key, stage);
  const omitted = webhook === undefined ? undefined : omitPayload(webhook.body);
  const set: HistoryAttributes = {
    ...(omitted === undefined ? {} : payloadAttributes(omitted)),
    [names.forgottenAt]: { N: String(Date.now()) },
    [names.forgottenBy]: { S: by },
  };
  const remove = omitted === undefined ? [names.payload, ...ofPayloads] : otherPayloadAttributes(omitted);
  const sets = Object.entries(set);
  const client = await stage.clients.dynamoDb();
  try {
    await client.send(
      new UpdateItemCommand({
        TableName: stage.outputs.historyTable,
        Key: { [keys.hashKey]: { S: item.webhookId } },
        // A try that began since may write the payload again, or has.
        ConditionExpression: hasAttempts(item)
          ? "#status = :status AND #attempts = :attempts"
          : "#status = :status",
        UpdateExpression: `SET ${sets.map((_, index) => `#s${index} = :s${index}`).join(", ")} REMOVE ${remove.map((_, index) => `#r${index}`).join(", ")}`,
        ExpressionAttributeNames: {
          "#status": names.status,
          ...(hasAttempts(item) ? { "#attempts": names.attempts } : {}),
          ...Object.fromEntries(sets.map(([name], index) => [`#s${index}`, name])),
          ...Object.fromEntries(remove.map((name, index) => [`#r${index}`, name])),
        },
        ExpressionAttributeValues: {
          ":status": { S: item.status },
          ...(hasAttempts(item) ? { ":attempts": { N: String(item.attempts) } } : {}),
          ...Object.fromEntries(sets.map(([, value], index) => [`:s${index}`, value])),
        },
      }),
    );
  } catch (error) {
    if (!(error instanceof ConditionalCheckFailedException)) throw error;
    throw new CommandError(
      `${item.webhookId} has been worked on in the meantime, so its payload may be kept again`,
      {
        next: "the same command once more",
        cause: error,
      },
    );
  }
  return { versions };
}

/** What an item has of a payload that is gone, besides the payload. */
const ofPayloads = [names.bodyStart, names.overflowKey, names.overflowSha256, names.overflowBytes];

/** What was never claimed has no count of tries. */
function hasAttempts({ attempts }: HistoryItem): boolean {
  return attempts > 0;
}

async function eraseVersions(Key: string, { outputs, clients }: Stage): Promise<number> {
  const { overflowBucket: Bucket } = outputs.operations;
  if (Bucket === undefined) {
    throw new CommandError("the payload is in the overflow bucket, and the stage's outputs name none");
  }
  const { DeleteObjectCommand, ListObjectVersionsCommand } = await import("@aws-sdk/client-s3");
  const s3 = await clients.s3();
  let erased = 0;
  let KeyMarker: string | undefined;
  let VersionIdMarker: string | undefined;
  do {
    const page = await s3.send(
      new ListObjectVersionsCommand({
        Bucket,
        Prefix: Key,
        ...(KeyMarker === undefined ? {} : { KeyMarker }),
        ...(VersionIdMarker === undefined ? {} : { VersionIdMarker }),
      }),
    );
    const versions = [...(page.Versions ?? []), ...(page.DeleteMarkers ?? [])].filter(
      (version) => version.Key === Key,
    );
    for (const { VersionId } of versions) {
      await s3.send(
        new DeleteObjectCommand({ Bucket, Key, ...(VersionId === undefined ? {} : { VersionId }) }),
      );
      erased += 1;
    }
    KeyMarker = page.IsTruncated === true ? page.NextKeyMarker : undefined;
    VersionIdMarker = page.IsTruncated === true ? page.NextVersionIdMarker : undefined;
  } while (KeyMarker !== undefined);
  return erased;
}
