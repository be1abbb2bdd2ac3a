import type { Received } from "local-aws";
import { eventually } from "local-aws";
import type { LocalPipeline } from "../../local/pipeline.js";
import type { HistoryItem } from "../../runtime/history/item.js";

/** The id that an answer tells the sender. */
export function idIn({ body }: Pick<Received, "body">): string {
  const { id } = JSON.parse(body) as { id?: unknown };
  if (typeof id === "string" && id !== "") return id;
  throw new Error(`the answer has no id: ${body}`);
}

/** What became of the webhook with this request id, once it has an end. */
export function endOf(pipeline: LocalPipeline, requestId: string): Promise<HistoryItem> {
  return eventually(`the end of webhook ${requestId}`, async () => {
    const items = await pipeline.history();
    return items.find((item) => item.requestId === requestId && item.status !== "processing");
  });
}

/** Whether the body that the history keeps, in the table or in the overflow bucket, is this one. */
export async function hasBody(
  pipeline: LocalPipeline,
  item: HistoryItem,
  body: Uint8Array,
): Promise<boolean> {
  return (await pipeline.payloadOf(item))?.body.equals(body) ?? false;
}

/** Messages that the pipeline's queues have taken since the start. */
export function messagesTaken({ metrics }: LocalPipeline): number {
  return metrics
    .seen()
    .filter(({ namespace, name }) => namespace === "AWS/SQS" && name === "NumberOfMessagesSent")
    .reduce((sum, sent) => sum + metrics.values(sent, 0, Number.POSITIVE_INFINITY).length, 0);
}

/** The access log's lines, each parsed. */
export function accessLog({ logs }: LocalPipeline): Record<string, string>[] {
  return logs.filter(({ from }) => from === "access-log").map(({ line }) => JSON.parse(line));
}

/** The access log's line for a request. */
export function accessLine(pipeline: LocalPipeline, requestId: string): Record<string, string> | undefined {
  return accessLog(pipeline).find(({ extendedRequestId }) => extendedRequestId === requestId);
}
