/** Whether an event type fits a pattern, in which each `*` stands for any characters, also none. */
export function matchesType(pattern: string, type: string): boolean {
  const [start = "", ...others] = pattern.split("*");
  const end = others.pop();
  if (end === undefined) return type === pattern;
  if (!type.startsWith(start)) return false;
  // The first place at which a part fits leaves the most room for the parts after it.
  let position = start.length;
  for (const part of others) {
    const found = type.indexOf(part, position);
    if (found === -1) return false;
    position = found + part.length;
  }
  return type.length - end.length >= position && type.endsWith(end);
}
