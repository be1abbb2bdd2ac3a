/**
 * A webhook's queue message in the form of a usual mapping template: one JSON object with the body as base64. The other
 * handlers get this instead of the pipeline's own envelope, so that they do not pay for its strict checks.
 */
export interface PeerMessage {
  readonly requestId: string;
  /** Epoch milliseconds. */
  readonly receivedAt: number;
  /** Values by their names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** The environment variables that the other handlers read. */
export const peerVariables = {
  historyTable: "HISTORY_TABLE",
  idempotencyTable: "IDEMPOTENCY_TABLE",
  githubSecret: "GITHUB_SECRET",
} as const;

/** @throws Error naming the variable that is not set */
export function peerVariable(key: keyof typeof peerVariables): string {
  const value = process.env[peerVariables[key]];
  if (value === undefined) throw new Error(`${peerVariables[key]} is not set`);
  return value;
}
