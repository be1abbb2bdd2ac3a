import { defineHandler } from "../../../runtime/define-handler.js";

/** A subscriber that never succeeds. It must cost the others nothing. */
export default defineHandler(() => {
  throw new Error("the CRM does not answer");
});
