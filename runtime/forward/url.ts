import { JsonBody } from "../envelope/json.js";
import { InvalidWebhookError, type Webhook } from "../envelope/webhook.js";

/** A placeholder in a URL for a value of the webhook. */
const placeholder = /\{(header|json):([^{}]+)\}/g;

/** Longest value that is filled in, in characters. Longer values do not belong in a URL. */
const longestValue = 1_024;

/** A problem with a forwarding URL. */
export type UrlProblem = string;

/**
 * The problem with a forwarding URL, or undefined. A sender's values may fill only parts of path and query, so they
 * never decide which machine gets the webhook.
 */
export function forwardUrlProblem(template: string, allowPrivateNetwork: boolean): UrlProblem | undefined {
  const [, scheme, authority = "", rest = ""] = /^([^:/]*):\/\/([^/?#]*)(.*)$/s.exec(template) ?? [];
  if (scheme === undefined || !URL.canParse(sample(template))) {
    return "must be a URL such as https://app.example.com/hooks";
  }
  if (/[{}]/.test(scheme + authority)) {
    return "must have placeholders in its path and query only: a sender must not choose where webhooks go";
  }
  if (scheme !== "https" && scheme !== "http") return "must start with https://";
  if (scheme === "http" && !allowPrivateNetwork) {
    return "must start with https:// (http:// needs allowPrivateNetwork)";
  }
  if (authority.includes("@")) {
    return "must not contain a user or password: it is plain text in the stack's state";
  }
  if (rest.includes("#")) return "must not have a fragment (#): servers never see it";
  if (/[{}]/.test(rest.replaceAll(placeholder, ""))) {
    return "has a { or } that is not part of a placeholder: use {header:x-shop} or {json:data.id}";
  }
  const path = rest.replace(/\?.*/s, "");
  if (new URL(sample(template)).pathname !== (sample(path) || "/")) {
    return "must have a percent-encoded path without . and .. segments";
  }
  return undefined;
}

/**
 * Replaces a URL's placeholders with values of a webhook.
 *
 * @throws InvalidWebhookError if the webhook lacks one, or has one that would lead to another path
 */
export function fillForwardUrl(template: string, webhook: Webhook): URL {
  const json = new JsonBody(webhook.body);
  const filled = template.replaceAll(placeholder, (whole, kind: string, place: string) => {
    if (kind === "json" && json.root === undefined) throw new InvalidWebhookError("the body is not JSON");
    const value = kind === "header" ? webhook.headers.get(place) : json.textAt(place);
    if (value === undefined || value === "" || value.length > longestValue || !value.isWellFormed()) {
      throw new InvalidWebhookError(
        `it has no value of 1 to ${longestValue} characters for ${whole} in forward.url`,
      );
    }
    return encodeURIComponent(value);
  });
  const url = new URL(filled);
  // A percent-encoded value cannot end a path segment, but a segment that is "." or ".." would be resolved before the
  // request is sent.
  const [, path = ""] = /^[^:/]*:\/\/[^/?#]*([^?]*)/s.exec(filled) ?? [];
  if (url.pathname !== (path || "/")) {
    throw new InvalidWebhookError("one of its values makes a . or .. segment in forward.url");
  }
  return url;
}

function sample(text: string): string {
  return text.replaceAll(placeholder, "x");
}
