/**
 * Where a pattern ends in a text that begins with it, or -1. Upper and lower case are the same, as in EventBridge's ruler
 * (https://github.com/aws/event-ruler, `EqualsIgnoreCaseParser`): each character of the pattern stands for its lower and its
 * upper case form. A form can be longer than the character, as `SS` is for `ß`. Neither is the beginning or the end of
 * the other, so at most one of them fits.
 */
export function endOfPrefix(text: string, pattern: string): number {
  let position = 0;
  for (const form of formsOf(pattern)) {
    const found = form.find((one) => text.startsWith(one, position));
    if (found === undefined) return -1;
    position += found.length;
  }
  return position;
}

/** Where a pattern starts in a text that ends with it, or -1, as {@link endOfPrefix}. */
export function startOfSuffix(text: string, pattern: string): number {
  let position = text.length;
  for (const form of formsOf(pattern).reverse()) {
    const found = form.find((one) => text.endsWith(one, position));
    if (found === undefined) return -1;
    position -= found.length;
  }
  return position;
}

function formsOf(pattern: string): (readonly [string, string])[] {
  // By UTF-16 unit, like the ruler. Patterns have no characters of two units.
  return pattern.split("").map((unit) => [unit.toLowerCase(), unit.toUpperCase()]);
}
