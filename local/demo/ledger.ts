import type { WebhookHandler } from "../../runtime/define-handler.js";

const field = "demo_completed";

/** Logs that a handler completed. This is the demo's own count, independent of the history. */
export function inLedger(handler: WebhookHandler): WebhookHandler {
  return async (webhook, context) => {
    const result = await handler(webhook, context);
    process.stdout.write(`${JSON.stringify({ [field]: webhook.id })}\n`);
    return result;
  };
}

/** How often each webhook's handler completed, according to the log. */
export function completionsIn(lines: readonly string[]): Map<string, number> {
  const completions = new Map<string, number>();
  for (const line of lines) {
    if (!line.includes(field)) continue;
    const id = (JSON.parse(line) as Record<string, string>)[field] ?? "";
    completions.set(id, (completions.get(id) ?? 0) + 1);
  }
  return completions;
}
