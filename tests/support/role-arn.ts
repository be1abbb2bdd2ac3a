import { type Graph, resourcesOfType } from "local-aws";

/** The ARN of a role, found by its logical name: AWS's own name of it ends in random characters. */
export function roleArn(graph: Graph, name: string): string {
  const role = resourcesOfType(graph, "aws:iam/role:Role").find((each) => each.name === name);
  if (role === undefined) throw new Error(`the program registers no role ${name}`);
  return String(role.state.arn);
}
