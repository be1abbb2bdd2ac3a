/** Files that stand in a function's archive beside the code it shares with the stage's other functions. */

/** What the function knows of the stage, as JSON. */
export const definitionFile = "definition.json";

/** What Secrets Manager calls the function's secrets, by the names that the definition has for them, as JSON. */
export const secretNamesFile = "secret-names.json";

/** Names of the subscribers' queues by the subscribers' full names, as JSON; for a function whose sources have subscribers. */
export const subscriberQueuesFile = "subscriber-queues.json";

/** The module that checks bodies against the schema of a source or a subscriber. */
export function validatorFile(name: string): string {
  return `validators/${name}.mjs`;
}
