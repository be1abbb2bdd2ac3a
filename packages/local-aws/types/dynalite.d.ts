/** What local AWS uses of dynalite 4, which ships no types. */
declare module "dynalite" {
  import type { Server } from "node:http";

  export interface DynaliteOptions {
    /** How long a new table stays in CREATING, in milliseconds. Default: 500. */
    readonly createTableMs?: number;
  }

  /** A DynamoDB in memory behind an HTTP server that is not listening yet. */
  export default function dynalite(options?: DynaliteOptions): Server;
}
