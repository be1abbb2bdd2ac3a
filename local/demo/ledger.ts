import type { WebhookHandler } from "../../runtime/define-handler.js";

const field = "demo_completed";

/** Notes on the function's log that a handler ran to its end: the demo's own count, beside the history's. */
export function inLedger(handler: WebhookHandler): WebhookHandler {
  return async (webhook, context) => {
    const result = await handler(webhook, context);
    process.stdout.write(`${JSON.stringify({ [field]: webhook.id })}\n`);
    return result;
  };
}

/** How often each webhook's handler ran to its end, by the log's lines. */
export function completionsIn(lines: readonly string[]): Map<string, number> {
  const completions = new Map<string, number>();
  for (const line of lines) {
    if (!line.includes(field)) continue;
    const id = (JSON.parse(line) as Record<string, string>)[field] ?? "";
    completions.set(id, (completions.get(id) ?? 0) + 1);
  }
  return completions;
}
