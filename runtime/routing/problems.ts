/** A place in a body that is not what a schema says, and what it should be. Never has the value itself. */
export interface Problem {
  /** Keys and positions from the body's root on. */
  readonly path: readonly PropertyKey[];
  readonly message: string;
}

const mostProblems = 5;
/** Longest part of a path and longest message, in characters: both may come from outside. */
const longestKey = 64;
const longestMessage = 160;

/** Why a body that does not fit its schema is invalid: its first problems, on one line. */
export function describeProblems(problems: readonly Problem[]): string {
  const first = problems.slice(0, mostProblems).map(({ path, message }) => {
    const place = path.map((key) => shortened(String(key), longestKey)).join(".");
    return `${place === "" ? "the body" : place}: ${shortened(message, longestMessage)}`;
  });
  const more = problems.length - first.length;
  return `the body does not fit the schema: ${first.join("; ")}${more > 0 ? `; and ${more} more` : ""}`;
}

function shortened(text: string, length: number): string {
  return text.length <= length ? text : `${text.slice(0, length).toWellFormed()}…`;
}
