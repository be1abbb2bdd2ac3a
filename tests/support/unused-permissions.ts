import type { AccessRecord } from "../../local/cloud/iam/authoriser.js";
import { matchesPattern } from "../../local/cloud/iam/decide.js";
import { readGraphPolicies } from "../../local/cloud/iam/graph-policies.js";
import type { Graph } from "../../local/graph.js";

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
