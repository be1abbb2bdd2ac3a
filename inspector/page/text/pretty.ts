/**
 * Indents JSON without reading its values, so that large numbers, repeated members and escapes stay as the sender wrote
 * them.
 *
 * @returns undefined for a text that is not JSON
 */
export function prettyJson(text: string): string | undefined {
  try {
    JSON.parse(text);
  } catch {
    return undefined;
  }
  let indent = 0;
  const line = () => `\n${"  ".repeat(indent)}`;
  const tokens = text.match(/"(?:[^"\\]|\\.)*"|[{}[\],:]|[^\s{}[\],:"]+/gs) ?? [];
  let pretty = "";
  for (const [index, token] of tokens.entries()) {
    const before = tokens[index - 1];
    if (token === "}" || token === "]") {
      indent -= 1;
      pretty += before === "{" || before === "[" ? token : `${line()}${token}`;
    } else {
      if (before === "{" || before === "[" || before === ",") pretty += line();
      pretty += token === ":" ? ": " : token;
      if (token === "{" || token === "[") indent += 1;
    }
  }
  return pretty;
}
