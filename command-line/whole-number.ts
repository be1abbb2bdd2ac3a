import { UsageError } from "./command-error.js";

/**
 * Reads a whole number of at least 1.
 *
 * @param option its name, for the message
 * @throws UsageError for anything else
 */
export function wholeNumber(option: string, text: string): number {
  if (/^[1-9]\d{0,8}$/.test(text)) return Number(text);
  throw new UsageError(`${option} must be a whole number of at least 1; got "${text}"`);
}
