/** #x9 | #xA | #xD | #x20–#xD7FF | #xE000–#xFFFD | #x10000–#x10FFFF (AWS fact 3.1). */
const otherCharacters = /[^\t\n\r\u{20}-\u{D7FF}\u{E000}-\u{FFFD}\u{10000}-\u{10FFFF}]/u;

/** Whether SQS takes a text, in a body as in an attribute. */
export function isAllowedText(text: string): boolean {
  return !otherCharacters.test(text);
}
