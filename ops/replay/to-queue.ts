import {
  SendMessageBatchCommand,
  type SendMessageBatchRequestEntry,
  type SQSClient,
} from "@aws-sdk/client-sqs";
import { CommandError } from "../../command-line/command-error.js";
import type { StageOutputs } from "../stage/outputs.js";
import { largestMessageBytes, type ReplayMessage, replayMessage } from "./message.js";
import type { Loaded, SendLoaded } from "./send-replay.js";

/** Requests that are made again for messages that SQS refused by its own fault. */
const mostTries = 3;

/** A webhook that has its message. */
interface Ready {
  readonly loaded: Loaded;
  readonly message: ReplayMessage;
}

/** Sends webhooks to the queues of their sources. */
export function toQueue(sqs: SQSClient, outputs: StageOutputs): SendLoaded {
  return async (loaded, end) => {
    const ready: Ready[] = [];
    for (const each of loaded) {
      try {
        ready.push({ loaded: each, message: replayMessage(each, outputs) });
      } catch (error) {
        if (!(error instanceof CommandError)) throw error;
        end([each], "skipped", error.message);
      }
    }
    for (const batch of batchesOf(ready)) await sendBatch(batch, sqs, end);
  };
}

/** Requests that SQS takes: for one queue each, of 1 MiB at most. Their order is that of the webhooks. */
function batchesOf(ready: readonly Ready[]): Ready[][] {
  const batches: Ready[][] = [];
  let bytes = 0;
  for (const each of ready) {
    const size = sizeOf(each.message);
    const last = batches.at(-1);
    const fits = last?.[0]?.message.queueUrl === each.message.queueUrl && bytes + size <= largestMessageBytes;
    if (last !== undefined && fits) {
      last.push(each);
      bytes += size;
    } else {
      batches.push([each]);
      bytes = size;
    }
  }
  return batches;
}

function sizeOf({ body, attributes = {} }: ReplayMessage): number {
  return Buffer.byteLength(body) + Buffer.byteLength(JSON.stringify(attributes));
}

async function sendBatch(
  batch: readonly Ready[],
  sqs: SQSClient,
  end: Parameters<SendLoaded>[1],
): Promise<void> {
  let left = batch;
  for (let attempt = 1; left.length > 0; attempt += 1) {
    const { Failed = [] } = await sqs.send(
      new SendMessageBatchCommand({
        QueueUrl: left[0]?.message.queueUrl,
        Entries: left.map(({ message }, index) => entryOf(message, index)),
      }),
    );
    const refused = new Map(Failed.map((failure) => [Number(failure.Id), failure]));
    end(
      left.flatMap(({ loaded }, index) => (refused.has(index) ? [] : loaded)),
      "replayed",
    );
    const again: Ready[] = [];
    for (const [index, { SenderFault, Code, Message }] of refused) {
      const each = left[index];
      if (each === undefined) continue;
      if (SenderFault !== true && attempt < mostTries) again.push(each);
      else end([each.loaded], "failed", `SQS did not take it: ${Code}: ${Message ?? ""}`);
    }
    left = again;
  }
}

function entryOf(message: ReplayMessage, index: number): SendMessageBatchRequestEntry {
  const { body, groupId, deduplicationId, attributes } = message;
  return {
    Id: String(index),
    MessageBody: body,
    MessageGroupId: groupId,
    ...(deduplicationId === undefined ? {} : { MessageDeduplicationId: deduplicationId }),
    ...(attributes === undefined ? {} : { MessageAttributes: { ...attributes } }),
  };
}
