import type { Webhook } from "../envelope/webhook.js";
import type { ForwardDefinition } from "../stage/definition.js";
import { cloudEventHeaders, writeWebhook } from "../targets/format.js";
import { type RequestHeaders, setHeader } from "./headers.js";

/**
 * Turns a request into a CloudEvent: in structured mode the body is the event, in binary mode its attributes are headers.
 * github.com/cloudevents/spec/blob/v1.0.2/cloudevents/bindings/http-protocol-binding.md#3-http-message-mapping
 *
 * @param headers changed in place
 * @returns the body
 */
export function asCloudEvent(
  format: NonNullable<ForwardDefinition["format"]>,
  webhook: Webhook,
  headers: RequestHeaders,
): Buffer {
  // A sender that sends CloudEvents has attributes of its own, which are those of another event.
  for (const name of Object.keys(headers)) if (/^ce-/i.test(name)) delete headers[name];
  if (format === "cloudevents-binary") {
    for (const [name, value] of Object.entries(cloudEventHeaders(webhook))) setHeader(headers, name, value);
    return webhook.body;
  }
  // A compression that could not be taken off is on the event's data, and not on the event.
  for (const name of Object.keys(headers)) if (/^content-encoding$/i.test(name)) delete headers[name];
  setHeader(headers, "content-type", "application/cloudevents+json; charset=utf-8");
  return Buffer.from(writeWebhook("cloudevents", webhook, { headers: [], query: [] }).text);
}
