import github from "../../../runtime/handlers/github.js";
import { inLedger } from "../ledger.js";

export default inLedger(github);
