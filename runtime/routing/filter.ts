import { JsonBody } from "../envelope/json.js";
import type { Webhook } from "../envelope/webhook.js";
import type { SourceDefinition } from "../stage/definition.js";
import { matchesType } from "./event-type.js";

/** Why a webhook is ignored by its source's settings, or undefined if it is not. */
export function whyIgnored(
  { filter, handshake }: Pick<SourceDefinition, "filter" | "handshake">,
  webhook: Webhook,
  eventType: string | undefined,
): string | undefined {
  if (handshake?.kind === "slack" && isSlackHandshake(webhook)) {
    return "it is a handshake, which the gateway has answered";
  }
  const { include, exclude = [] } = filter ?? {};
  if (eventType === undefined) {
    return include === undefined ? undefined : "it has no event type, and filter.include requires one";
  }
  if (exclude.some((pattern) => matchesType(pattern, eventType))) {
    return `filter.exclude names its event type, ${eventType}`;
  }
  if (include !== undefined && !include.some((pattern) => matchesType(pattern, eventType))) {
    return `filter.include does not name its event type, ${eventType}`;
  }
  return undefined;
}

/** docs.slack.dev/reference/events/url_verification */
function isSlackHandshake({ body }: Webhook): boolean {
  return new JsonBody(body).textAt("type") === "url_verification";
}
