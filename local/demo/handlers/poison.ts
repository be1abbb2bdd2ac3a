import { defineHandler } from "../../../runtime/define-handler.js";

/** Never succeeds, like a handler whose database is gone. */
export default defineHandler(() => {
  throw new Error("the order database does not answer");
});
