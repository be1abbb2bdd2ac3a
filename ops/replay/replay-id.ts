import { randomBytes } from "node:crypto";

/**
 * A new id of a replay: a UUID of version 7, which begins with its time (RFC 9562, section 5.7). The history counts on ids that
 * sort by time.
 *
 * @param now epoch milliseconds
 */
export function newReplayId(now: number): string {
  const bytes = randomBytes(16);
  bytes.writeUIntBE(now, 0, 6);
  bytes[6] = 0x70 | ((bytes[6] ?? 0) & 0x0f);
  bytes[8] = 0x80 | ((bytes[8] ?? 0) & 0x3f);
  return bytes.toString("hex").replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}

/** When a replay was asked for, in epoch milliseconds. Undefined for an id of another form. */
export function timeOfReplay(replayId: string): number | undefined {
  const [, first, second] = /^([0-9a-f]{8})-([0-9a-f]{4})-7/.exec(replayId) ?? [];
  return first === undefined || second === undefined ? undefined : Number.parseInt(first + second, 16);
}
