/**
 * A webhook's queue message as a gateway's mapping template usually writes it: one JSON object, the body as base64. The
 * peers get this instead of the pipeline's own envelope, whose strictness they need not pay for.
 */
export interface PeerMessage {
  readonly requestId: string;
  /** Epoch milliseconds. */
  readonly receivedAt: number;
  /** By lower-case names. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** The environment variables that the peers read. */
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
