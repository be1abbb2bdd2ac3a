import { defineHandler } from "../../../runtime/define-handler.js";
import { inLedger } from "../ledger.js";

export default inLedger(defineHandler(() => {}));
