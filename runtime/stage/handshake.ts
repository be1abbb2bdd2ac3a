/** A value of a request: a query parameter, a header in any case, or a path in a JSON body with dots between the names. */
export type RequestPlace = `query:${string}` | `header:${string}` | `json:${string}`;

/**
 * How the front door answers the question whether the URL is ours, without code.
 *
 * - `reachable`: GET and HEAD are answered 200.
 * - `echo`: a value of the request is returned. A GET is answered by the gateway alone. A POST is also queued, because
 *   events come by the same method; the function then ignores it.
 */
export type HandshakeDefinition = { readonly kind: "reachable" } | EchoDefinition;

export interface EchoDefinition {
  readonly kind: "echo";
  readonly method: "GET" | "POST";
  /** The value that is returned. A request without it is not this question. */
  readonly challenge: RequestPlace;
  /** Where it is returned: as plain text, under a name in a JSON object, or in a header. */
  readonly answer: "text" | `json:${string}` | `header:${string}`;
  /** Values that tell the question from other requests. */
  readonly requires?: Readonly<Record<RequestPlace, string>>;
  /**
   * Where the token is by which the provider shows whose question it is. The stage knows the token.
   *
   * @default there is none
   */
  readonly token?: RequestPlace;
  /**
   * Whether a question that is posted carries the same signature as an event.
   *
   * @default false
   */
  readonly signed?: boolean;
}

/** What the function has to know to tell a posted question from an event. */
export type PostedQuestion = Pick<EchoDefinition, "challenge" | "requires" | "signed">;
