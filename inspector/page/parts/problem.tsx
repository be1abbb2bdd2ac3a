import type { Problem } from "../state/store.js";
import { Text } from "./text.js";

/** What went wrong, and what to do next. */
export function ProblemNote({ problem }: { readonly problem: Problem }) {
  return (
    <div class="problem" role="alert">
      <p>
        <Text>{problem.message}</Text>
      </p>
      {problem.next === undefined ? undefined : (
        <p class="dim">
          Next:{" "}
          <code>
            <Text>{problem.next}</Text>
          </code>
        </p>
      )}
    </div>
  );
}
