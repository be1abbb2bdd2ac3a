import { defineHandler, InvalidWebhookError, ignore, type Webhook } from "../define-handler.js";

/**
 * Logs what happened in which repository. This is a starting point: replace it with your own code. README.md in this
 * folder explains handlers.
 */
export default defineHandler((webhook, { log }) => {
  const event = webhook.headers.get("x-github-event");
  if (event === "ping") return ignore("GitHub sends a ping when the webhook is set up");

  const { action, repository } = readPayload(webhook);
  log.info("github event", { event, action, repository: repository?.full_name });
});

interface GitHubPayload {
  readonly action?: string;
  readonly repository?: { readonly full_name: string };
}

/** GitHub sends JSON, or a form that contains the JSON, depending on the webhook's setting "Content type". */
function readPayload(webhook: Webhook): GitHubPayload {
  const type = webhook.headers.get("content-type") ?? "";
  const payload = type.startsWith("application/x-www-form-urlencoded") ? readForm(webhook) : webhook.json();
  if (typeof payload === "object" && payload !== null) return payload;
  throw new InvalidWebhookError("the payload is not a JSON object");
}

function readForm(webhook: Webhook): unknown {
  try {
    return JSON.parse(new URLSearchParams(webhook.text()).get("payload") ?? "");
  } catch {
    throw new InvalidWebhookError("the form has no payload of JSON");
  }
}
