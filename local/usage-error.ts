import { UserError } from "local-aws";

/** A wrong use of a command. Its message says how it is used. */
export class UsageError extends UserError {}
