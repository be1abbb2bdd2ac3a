import { createHmac } from "node:crypto";
import { eventually } from "local-aws";
import type { LocalPipeline } from "../../local/pipeline.js";
import type { HistoryItem, HistoryStatus } from "../../runtime/history/item.js";

/** What a webhook of GitHub's is made of. */
export interface PostedWebhook {
  readonly id: string;
  readonly body?: object;
  readonly event?: string;
  /** Default: the right one. */
  readonly secret?: string;
}

/** Posts a webhook as GitHub does. Resolves to the id that the front door answers. */
export async function postToGithub(
  { endpoints, secrets }: Pick<LocalPipeline, "endpoints" | "secrets">,
  { id, body = { id }, event = "push", secret = secrets.values.github ?? "" }: PostedWebhook,
): Promise<string> {
  const text = JSON.stringify(body);
  const response = await fetch(endpoints.github ?? "", {
    method: "POST",
    headers: {
      "content-type": "application/json",
      "x-github-delivery": id,
      "x-github-event": event,
      "x-hub-signature-256": `sha256=${createHmac("sha256", secret).update(text).digest("hex")}`,
    },
    body: text,
  });
  const answer = (await response.json()) as { id: string };
  if (response.status !== 200) throw new Error(`the front door answered ${response.status}`);
  return answer.id;
}

/** Waits until the history has so many webhooks with this outcome, and gives them. */
export function withOutcome(
  pipeline: Pick<LocalPipeline, "history">,
  outcome: HistoryStatus,
  count: number,
): Promise<HistoryItem[]> {
  return eventually(`${count} ${outcome} webhooks`, async () => {
    const items = (await pipeline.history()).filter(({ status }) => status === outcome);
    return items.length >= count ? items : undefined;
  });
}
