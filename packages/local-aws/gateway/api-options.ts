import type { Graph } from "../program/graph.js";
import type { CallService } from "../services/service-call.js";

/** What serving an API needs, whichever kind it is. */
export interface ApiOptions<Measured> {
  readonly graph: Graph;
  /** Makes the integrations' calls, with the role of their credentials. */
  readonly callService: CallService;
  /** Gets a line for each request: the stage's access log format with the request's values. */
  readonly onAccessLog?: (line: string) => void;
  /** Gets what CloudWatch would be told of each request. */
  readonly onRequest?: (measured: Measured) => void;
  /**
   * Gets a line for each request that failed through the API's set-up or its backend. AWS writes such lines to a REST API's
   * execution log; for HTTP APIs it keeps none.
   *
   * @default the console's standard error
   */
  readonly onExecutionLog?: (line: string) => void;
  /**
   * The time, in milliseconds since 1970.
   *
   * @default Date.now
   */
  readonly clock?: () => number;
}
