import type { Plan } from "../contract.js";
import type { Doing } from "./actions.js";

/** A plan that was made, and what it does once it is confirmed. */
export interface Prepared
  extends Pick<Plan, "lines" | "question" | "count" | "ready" | "rate" | "command">,
    Pick<Doing, "act" | "canStop"> {}

/** A command's argument as a shell reads it. */
export function shellWord(text: string): string {
  return /^[\w./:@%+,=-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}
