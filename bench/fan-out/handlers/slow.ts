import { setTimeout as delay } from "node:timers/promises";
import { defineHandler } from "../../../runtime/define-handler.js";
import { completed } from "../completed.js";

/** Takes a second for each webhook. */
export default defineHandler(async (_, { log, signal }) => {
  await delay(1_000, undefined, { signal });
  log.warn(completed);
});
