/** What the host tells an execution environment when it starts, as JSON in its first argument. */
export interface EnvironmentStart {
  /** Folder with the function's files. */
  readonly taskFolder: string;
  /** The function's `handler` setting. */
  readonly handler: string;
  /** Lowest level that console writes under the JSON log format. Undefined for plain text. */
  readonly jsonLogLevel: string | undefined;
}

/** One invocation, host to environment. */
export interface InvocationMessage {
  readonly requestId: string;
  /** The event as JSON. */
  readonly payload: string;
  /** Epoch milliseconds at which the function is out of time. */
  readonly deadline: number;
  /** The rest of the context object. */
  readonly context: Readonly<Record<string, unknown>>;
}

/** Environment to host: `ready` or `initError` once, then one answer to each invocation. */
export type EnvironmentMessage =
  | { readonly kind: "ready" }
  | { readonly kind: "initError"; readonly error: FunctionError }
  /** `payload` is JSON. It is absent if the function returned nothing. */
  | { readonly kind: "returned"; readonly requestId: string; readonly payload?: string }
  | { readonly kind: "threw"; readonly requestId: string; readonly error: FunctionError }
  /** Code outside the handler threw, or rejected where nobody awaits it. The environment ends. */
  | { readonly kind: "crashed"; readonly error: FunctionError };

export interface FunctionError {
  readonly errorType: string;
  readonly errorMessage: string;
  readonly trace?: readonly string[];
}
