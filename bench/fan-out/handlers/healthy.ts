import { defineHandler } from "../../../runtime/define-handler.js";
import { completed } from "../completed.js";

export default defineHandler((_, { log }) => {
  log.warn(completed);
});
