import { defineHandler } from "../../../runtime/define-handler.js";
import { completed } from "../completed.js";

/** Ends its function at the first try of one webhook in twenty. */
export default defineHandler((webhook, { log }) => {
  const { number } = webhook.json() as { number: number };
  if (number % 20 === 7 && webhook.attempt === 1) process.exit(1);
  log.warn(completed);
});
