import { RequestValues } from "../envelope/values.js";
import { InvalidWebhookError, type Webhook } from "../envelope/webhook.js";
import type { OrderKey } from "../stage/targets.js";

/**
 * The value that an order key stands for.
 *
 * @param setting what names it, for the reason
 * @throws InvalidWebhookError for a webhook without it
 */
export function orderValue(key: OrderKey, webhook: Webhook, setting: string): string {
  if (key === "source") return webhook.source;
  const { headers, query, body } = webhook;
  const [value] = new RequestValues({ headers: [...headers], query: [...query], body }).at(key);
  if (value === undefined || value === "") {
    throw new InvalidWebhookError(`it has no value for ${key} (${setting})`);
  }
  return value;
}
