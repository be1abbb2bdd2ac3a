import type { Weather } from "./scenario.js";

/** Only the work: each invocation runs to its end before time passes. */
export const windless: Weather = {
  crashes: false,
  faults: false,
  glitches: false,
  restless: false,
  operator: false,
};

/** SQS repeats itself, time passes while functions are at work, an operator redrives and replays, senders redeliver; nothing of ours fails. */
export const calm: Weather = { ...windless, glitches: true, restless: true, operator: true };

/** Calls to AWS fail, before or after they took effect. */
export const faulty: Weather = { ...calm, faults: true };

/** And functions die at any await, or run out of time. */
export const wild: Weather = { ...faulty, crashes: true };
