import { InvalidWebhookError } from "../envelope/webhook.js";
import { NotTriedError, RetryLaterError, type WebhookHandler } from "../routing/webhook-handler.js";
import type { Secrets } from "../signatures/secrets.js";
import {
  type Forwarding,
  forwardersOf,
  forwardSecretName,
  type ProcessorDefinition,
} from "../stage/definition.js";
import { asCloudEvent } from "./cloud-event.js";
import { forwardedHeaders, forwardedId, setHeader } from "./headers.js";
import { createPost, type Post } from "./post.js";
import { standardWebhooksSignature } from "./sign.js";
import { fillForwardUrl } from "./url.js";

/** The error for a webhook that its target did not accept. Its text has the status or the problem, never content. */
export class ForwardError extends RetryLaterError {
  override readonly name = "ForwardError";
}

/** What forwarding needs from the function. */
export interface ForwardDependencies {
  readonly secrets: Secrets;
  /** The current time in epoch milliseconds. */
  readonly clock: () => number;
}

/** Makes the forwarders of all who forward, by their names. They share connections. */
export function createForwarders(
  definition: Pick<ProcessorDefinition, "sources" | "subscribers">,
  { secrets, clock }: ForwardDependencies,
): Record<string, WebhookHandler> {
  const post = createPost();
  return Object.fromEntries(
    forwardersOf(definition).map((forwarding) => [
      forwarding.name,
      createForwarder(forwarding, { post, secrets, clock }),
    ]),
  );
}

/**
 * Makes the handler that forwards webhooks to an HTTP endpoint: the exact bytes, with the sender's headers
 * and a few of the pipeline's own.
 *
 * - 2xx: the webhook is processed.
 * - One of `permanentStatuses`: it is invalid, its bytes are kept, and it is not retried.
 * - Anything else, including redirects and no answer: it is failed and retried, after `Retry-After` if the target sends
 *   it.
 *
 * A request that could not be waited for until its timeout is not sent: the target may have done the work when the
 * request is cut off, and would do it again.
 */
function createForwarder(
  { name, signature, forward }: Forwarding,
  { post, secrets, clock }: ForwardDependencies & { readonly post: Post },
): WebhookHandler {
  const { timeoutSeconds, permanentStatuses, allowPrivateNetwork = false, signing, format } = forward;
  return async (webhook, { signal, remainingMilliseconds }) => {
    const url = fillForwardUrl(forward.url, webhook);
    const headers = forwardedHeaders(webhook, forward, signature);
    const body = format === undefined ? webhook.body : asCloudEvent(format, webhook, headers);
    if (signing !== undefined) {
      const id = forwardedId(webhook.id);
      const timestampSeconds = Math.floor(clock() / 1000);
      const active = await secrets.of(forwardSecretName(name));
      setHeader(headers, "webhook-timestamp", String(timestampSeconds));
      const signed = standardWebhooksSignature({ id, timestampSeconds, body }, active);
      setHeader(headers, "webhook-signature", signed);
    }

    const milliseconds = timeoutSeconds * 1000;
    const left = remainingMilliseconds();
    if (left < milliseconds) {
      throw new NotTriedError(
        `not sent to the target: ${Math.floor(left / 100) / 10} s of the function's time were left, and forward.timeoutSeconds is ${timeoutSeconds}`,
      );
    }
    const timeout = AbortSignal.timeout(milliseconds);
    const request = { url, headers, body, allowPrivateNetwork };
    let answer: Awaited<ReturnType<Post>>;
    try {
      answer = await post({ ...request, signal: AbortSignal.any([signal, timeout]) });
    } catch (error) {
      if (timeout.aborted) {
        const message = `the target did not answer completely within ${timeoutSeconds} s (forward.timeoutSeconds)`;
        throw new ForwardError(message, { cause: error });
      }
      throw new ForwardError(`the target did not answer: ${describe(error)}`, { cause: error });
    }

    const { status, retryAfter } = answer;
    if (status >= 200 && status < 300) return;
    if (permanentStatuses.includes(status)) {
      throw new InvalidWebhookError(
        `the target answered ${status}, so a retry cannot help (forward.permanentStatuses)`,
      );
    }
    const redirected = status >= 300 && status < 400 ? "; redirects are not followed" : "";
    throw new ForwardError(`the target answered ${status}${redirected}`, {
      afterSeconds: parseRetryAfter(retryAfter, clock()),
      forAll: status === 429,
    });
  };
}

/**
 * Seconds to wait according to a `Retry-After` header, which has seconds or an HTTP date (RFC 9110, 10.2.3). Undefined
 * for any other value.
 *
 * @param now epoch milliseconds
 */
export function parseRetryAfter(value: string | undefined, now: number): number | undefined {
  if (value === undefined) return undefined;
  const text = value.trim();
  if (/^\d+$/.test(text)) return Number(text);
  // Date.parse accepts much more than a date: it reads "-5" as the year 2001.
  if (!/^[A-Z][a-z]+,? /.test(text)) return undefined;
  const time = Date.parse(text);
  return Number.isNaN(time) ? undefined : Math.max(0, Math.ceil((time - now) / 1000));
}

function describe(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
