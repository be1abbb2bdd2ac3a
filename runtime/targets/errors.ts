import { InvalidWebhookError } from "../envelope/webhook.js";
import { RetryLaterError } from "../routing/webhook-handler.js";

/**
 * What follows from an error code of a target.
 *
 * - `invalid`: the service never takes this webhook, so it is not tried again.
 * - `wait`: the service cannot take it now.
 * - `mend`: the target or a permission is not as it must be. It is tried again, because a person mends it.
 * - `done`: the service has it already.
 */
export interface ErrorRule {
  readonly verdict: "invalid" | "wait" | "mend" | "done";
  /** What it means, in the words of a reason. */
  readonly why: string;
}

/** The rules of a target by error code. A code that is not listed is tried again. */
export type ErrorTable = Readonly<Record<string, ErrorRule>>;

const credentials: ErrorRule = { verdict: "mend", why: "AWS did not accept the function's credentials" };
const denied: ErrorRule = {
  verdict: "mend",
  why: "the function's role or the target's policy does not allow it",
};
const throttled: ErrorRule = { verdict: "wait", why: "requests are throttled" };
const outage: ErrorRule = { verdict: "wait", why: "the service has a fault" };

/**
 * Errors that all actions have in common:
 * docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/CommonErrors.html
 */
export const commonErrors = {
  AccessDenied: denied,
  AccessDeniedException: denied,
  NotAuthorized: denied,
  ExpiredTokenException: credentials,
  IncompleteSignature: credentials,
  InvalidClientTokenId: credentials,
  UnrecognizedClientException: credentials,
  OptInRequired: { verdict: "mend", why: "the account has no subscription for the service" },
  RequestExpired: { verdict: "wait", why: "the request arrived too late" },
  InternalFailure: outage,
  ServiceUnavailable: outage,
  Throttling: throttled,
  ThrottlingException: throttled,
} as const satisfies ErrorTable;

/** What KMS answers where a customer's key encrypts the target. */
export const keyErrors = {
  denied: {
    verdict: "mend",
    why: "the function's role or the key's policy does not allow the use of its KMS key",
  },
  state: { verdict: "mend", why: "its KMS key is disabled, deleted or not usable" },
  missing: { verdict: "mend", why: "its KMS key does not exist" },
  throttled: { verdict: "wait", why: "KMS throttles requests for its key" },
} as const satisfies ErrorTable;

/** The error for a webhook that its target did not take now. */
export class TargetError extends RetryLaterError {
  override readonly name = "TargetError";
}

/** Longest part of a service's message that a reason has. */
const longestMessage = 300;

/**
 * Turns an error of the SDK into the webhook's outcome. The service's own words are kept only where they are about the
 * target, because about a webhook they may quote it.
 *
 * @param target such as `the queue orders`
 * @throws InvalidWebhookError or TargetError, unless the service has the webhook already
 */
export function judgeError(target: string, table: ErrorTable, error: unknown): void {
  judge(target, table, { codes: codesOf(error), ...detailsOf(error) });
}

/**
 * Turns an error code into the webhook's outcome, as {@link judgeError} does.
 *
 * @param failure codes: names of the same error; the first that the table has counts
 */
export function judge(
  target: string,
  table: ErrorTable,
  failure: {
    readonly codes: readonly string[];
    readonly message?: string | undefined;
    readonly afterSeconds?: number | undefined;
    readonly cause?: unknown;
  },
): void {
  const { codes, message = "", afterSeconds, cause } = failure;
  const code = codes.find((name) => Object.hasOwn(table, name)) ?? codes[0] ?? "an error";
  const rule = Object.hasOwn(table, code) ? table[code] : undefined;
  if (rule?.verdict === "done") return;
  if (rule?.verdict === "invalid") {
    throw new InvalidWebhookError(`${target} answered ${code}: ${rule.why}, so a retry cannot help`);
  }
  const why = rule === undefined ? "" : `: ${rule.why}`;
  const words = rule?.verdict === "wait" || message === "" ? "" : ` (${message.slice(0, longestMessage)})`;
  throw new TargetError(`${target} answered ${code}${why}${words}`, { cause, afterSeconds });
}

/** An error's code as its service names it. The SDK's name of it may be another one. */
function codesOf(error: unknown): string[] {
  const {
    name,
    Code,
    Error: inner,
  } = (error ?? {}) as { name?: unknown; Code?: unknown; Error?: { Code?: unknown } };
  return [name, Code, inner?.Code].filter((code) => typeof code === "string");
}

function detailsOf(error: unknown) {
  const { message, retryAfterSeconds } = (error ?? {}) as { message?: unknown; retryAfterSeconds?: unknown };
  const seconds = Number(retryAfterSeconds ?? Number.NaN);
  return {
    cause: error,
    message: typeof message === "string" ? message : "",
    afterSeconds: Number.isNaN(seconds) ? undefined : seconds,
  };
}
