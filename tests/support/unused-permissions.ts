import type { AccessRecord } from "../../packages/local-aws/iam/authoriser.js";
import { matchesPattern } from "../../packages/local-aws/iam/decide.js";
import { readGraphPolicies } from "../../packages/local-aws/iam/graph-policies.js";
import type { Graph } from "../../packages/local-aws/program/graph.js";

/** Actions that a role may take and never took, as its policies write them. */
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
              resources.values.some((resource) => matchesPattern(resource, record.resource)),
          ),
      ),
    );
}
