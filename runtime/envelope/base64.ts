/**
 * The bytes of a base64 text, or undefined if it is not exactly base64. Node's own decoder skips unknown characters.
 */
export function decodeBase64(text: string): Buffer | undefined {
  const bytes = Buffer.from(text, "base64");
  return bytes.toString("base64") === text ? bytes : undefined;
}
