import { UsageError } from "../../command-line/command-error.js";

/** A span of time, in epoch milliseconds. */
export interface TimeWindow {
  /** The first moment in it. */
  readonly from: number;
  /** The first moment after it. */
  readonly to: number;
}

/** What is looked at unless a person says more: nobody reads, or replays, everything by accident. */
export const usualHours = 24;

const unitMilliseconds = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;

/**
 * Reads `--since` and `--until`: a time, `2026-11-25T03:00Z` or `2026-11-25` (UTC), or a duration before now, `90m`, `24h`, `7d`.
 *
 * @param now epoch milliseconds
 * @throws UsageError that names the option and the forms it can have
 */
export function timeWindow(
  { since = `${usualHours}h`, until }: { readonly since?: string; readonly until?: string },
  now: number,
): TimeWindow {
  const from = moment("--since", since, now);
  const to = until === undefined ? now : moment("--until", until, now);
  if (from >= to) {
    const times = `${new Date(from).toISOString()} is not before ${new Date(to).toISOString()}`;
    throw new UsageError(`--since must be before --until: ${times}`);
  }
  return { from, to };
}

function moment(option: string, text: string, now: number): number {
  const [, amount, unit] = /^(\d{1,6})([smhd])$/.exec(text) ?? [];
  if (amount !== undefined)
    return now - Number(amount) * unitMilliseconds[unit as keyof typeof unitMilliseconds];
  // Without a zone, Date.parse takes the machine's own, which is another one in each colleague's terminal.
  const isTime = /^\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}(:\d{2}(\.\d{1,3})?)?(Z|[+-]\d{2}:\d{2}))?$/.test(text);
  const time = isTime ? Date.parse(text) : Number.NaN;
  if (Number.isNaN(time)) {
    throw new UsageError(
      `${option} must be a time in UTC or with its offset, such as 2026-11-25 or 2026-11-25T03:00Z, or a duration before now, such as 90m, 24h or 7d; got "${text}"`,
    );
  }
  return time;
}
