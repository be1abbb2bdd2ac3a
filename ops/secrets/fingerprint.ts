import { scrypt } from "node:crypto";
import { promisify } from "node:util";

/** Costs a guess about 50 ms and 32 MB: cheatsheetseries.owasp.org/cheatsheets/Password_Storage_Cheat_Sheet.html */
const cost = { N: 2 ** 15, r: 8, p: 1, maxmem: 64 * 1024 * 1024 };

/** So short that many texts share it: whoever guesses a short secret from it cannot know that it is the one. */
const shownBytes = 3;

const derive = promisify<string, string, number, typeof cost, Buffer>(scrypt);

/**
 * Tells secrets apart without showing them: six hexadecimal digits, the same for the same text in the same place.
 *
 * @param arn the place, so that nobody can compare it with fingerprints from elsewhere
 */
export async function fingerprint(secret: string, arn: string): Promise<string> {
  return (await derive(secret, arn, shownBytes, cost)).toString("hex");
}
