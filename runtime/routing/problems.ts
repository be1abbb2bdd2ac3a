import { shortened } from "../telemetry/shortened.js";

/** A place in a body that does not fit the schema, and what it should be. It never contains the value itself. */
export interface Problem {
  /** Keys and positions, starting at the body's root. */
  readonly path: readonly PropertyKey[];
  readonly message: string;
}

const mostProblems = 5;
/** Length of the longest path segment and of the longest message, in characters. Both may come from outside. */
const longestKey = 64;
const longestMessage = 160;

/** The reason for an invalid body: its first problems, on one line. */
export function describeProblems(problems: readonly Problem[]): string {
  const first = problems.slice(0, mostProblems).map(({ path, message }) => {
    const place = path.map((key) => shortened(String(key), longestKey)).join(".");
    return `${place === "" ? "the body" : place}: ${shortened(message, longestMessage)}`;
  });
  const more = problems.length - first.length;
  return `the body does not fit the schema: ${first.join("; ")}${more > 0 ? `; and ${more} more` : ""}`;
}
