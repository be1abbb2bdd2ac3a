import { UsageError } from "../command-line/command-error.js";

/** What senders send. */
export interface Traffic {
  /** Webhooks in a month. */
  readonly webhooksPerMonth: number;
  /** Bytes of an average body. */
  readonly bodyBytes: number;
  /** How long a handler, or the target, works on one webhook, in milliseconds. */
  readonly handlerMilliseconds: number;
}

/** Hours of an average month: 365 × 24 ÷ 12. AWS's own examples use the same. */
export const monthHours = 730;

const perMonth = {
  month: 1,
  day: 365 / 12,
  hour: monthHours,
  minute: monthHours * 60,
  s: monthHours * 3_600,
};

/**
 * Reads `1000000/month`, `50k/day` or `10/s`.
 *
 * @throws UsageError for another form
 */
export function parseRate(text: string): number {
  const [, amount, factor, unit] = /^(\d+(?:\.\d+)?)([kM]?)\/(month|day|hour|minute|s)$/.exec(text) ?? [];
  if (amount === undefined) {
    throw new UsageError(
      `--webhooks must be a number in a span of time, such as 1000000/month, 50k/day or 10/s; got "${text}"`,
    );
  }
  const thousands = { "": 1, k: 1_000, M: 1_000_000 }[factor as "" | "k" | "M"];
  return Number(amount) * thousands * perMonth[unit as keyof typeof perMonth];
}

/** API Gateway's limit of a request, for both flavours: docs.aws.amazon.com/apigateway/latest/developerguide/limits.html */
const largestBody = 10 * 1024 * 1024;

/**
 * Reads `4KB`, `500B` or `1.5MB`. A KB has 1,024 bytes, as AWS counts.
 *
 * @throws UsageError for another form, or more than API Gateway takes
 */
export function parseSize(text: string): number {
  const [, amount, unit] = /^(\d+(?:\.\d+)?) ?(B|KB|MB)$/i.exec(text) ?? [];
  const factors: Record<string, number> = { B: 1, KB: 1_024, MB: 1_024 * 1_024 };
  const bytes =
    amount === undefined ? Number.NaN : Number(amount) * (factors[(unit ?? "").toUpperCase()] ?? 1);
  if (!(bytes <= largestBody)) {
    throw new UsageError(`--body must be a size up to 10MB, such as 4KB, 500B or 1.5MB; got "${text}"`);
  }
  return Math.round(bytes);
}

/**
 * Reads `50ms` or `2s`.
 *
 * @throws UsageError for another form
 */
export function parseMilliseconds(text: string): number {
  const [, amount, unit] = /^(\d+(?:\.\d+)?)(ms|s)$/.exec(text) ?? [];
  if (amount === undefined) {
    throw new UsageError(`--handler must be a duration, such as 50ms or 2s; got "${text}"`);
  }
  return Number(amount) * (unit === "s" ? 1_000 : 1);
}
