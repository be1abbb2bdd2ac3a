import type { Graph } from "../program/graph.js";
import type { AccessRecord } from "./authoriser.js";
import { matchesPattern, matchesResource } from "./decide.js";
import { readGraphPolicies } from "./graph-policies.js";

/**
 * Actions that a role may take and never took, as its policies write them.
 *
 * @param records the questions that were put to IAM so far
 */
export function unusedActions(graph: Graph, roleArn: string, records: readonly AccessRecord[]): string[] {
  const used = records.filter(({ principal }) => principal.kind === "role" && principal.arn === roleArn);
  return readGraphPolicies(graph)
    .ofRole(roleArn)
    .flatMap(({ statements }) => statements)
    .filter(({ effect }) => effect === "Allow")
    .flatMap(({ actions, resources }) =>
      actions.values.filter(
        (action) =>
          !used.some(
            (record) =>
              matchesPattern(action, record.action, false) &&
              resources.values.some((resource) => matchesResource(resource, record.resource)),
          ),
      ),
    );
}
