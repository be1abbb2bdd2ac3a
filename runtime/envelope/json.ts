/** A JSON body, or undefined (which no JSON text means) for a body that is none. A byte order mark is not counted in. */
export function parseJson(body: Buffer): unknown {
  try {
    return JSON.parse(new TextDecoder().decode(body));
  } catch {
    return undefined;
  }
}
