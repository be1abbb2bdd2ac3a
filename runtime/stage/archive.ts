/** Files that stand in a function's archive beside the code it shares with the stage's other functions. */

/** What the function knows of the stage, as JSON. */
export const definitionFile = "definition.json";

/** What Secrets Manager calls the function's secrets, by the names that the definition has for them, as JSON. */
export const secretNamesFile = "secret-names.json";

/** The module that checks bodies against a source's schema. */
export function validatorFile(source: string): string {
  return `validators/${source}.mjs`;
}
