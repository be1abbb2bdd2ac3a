import { randomBytes } from "node:crypto";

/** What the path of an opening begins with. */
export const openingPath = "/open/";

const validMilliseconds = 60_000;

/** Codes that let in once, for a minute. */
export class Openings {
  readonly #validUntil = new Map<string, number>();

  add(): string {
    const code = randomBytes(24).toString("base64url");
    this.#validUntil.set(code, Date.now() + validMilliseconds);
    return code;
  }

  /** Whether a code lets in. It does so no more afterwards. */
  take(code: string): boolean {
    const validUntil = this.#validUntil.get(code) ?? 0;
    this.#validUntil.delete(code);
    return Date.now() < validUntil;
  }
}
