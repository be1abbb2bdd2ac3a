import type { PolicyDocument } from "../../ops/policy/policy-document.js";
import { type Grant, grants } from "./permissions.js";

/** Where the documents are kept, from the project's root. */
export const roleFile = "docs/deploying/deploy-role.json";

/** For each role its policies, by their names. Who deploys previews first. */
export function rolePolicies(): Readonly<
  Record<"preview" | "deploy", Readonly<Record<string, PolicyDocument>>>
> {
  const named = Object.entries<readonly Grant[]>(grants);
  return {
    preview: {
      preview: documentOf(
        named.flatMap(([, each]) => each),
        ({ preview = [] }) => preview,
      ),
    },
    deploy: Object.fromEntries(
      named.map(([name, each]) => [
        `deploy-${name}`,
        documentOf(each, ({ preview = [], deploy = [] }) => [...preview, ...deploy].sort()),
      ]),
    ),
  };
}

function documentOf(all: readonly Grant[], actionsOf: (grant: Grant) => readonly string[]): PolicyDocument {
  return {
    Version: "2012-10-17",
    Statement: all
      .filter((grant) => actionsOf(grant).length > 0)
      .map((grant) => ({
        Sid: grant.sid,
        Effect: "Allow",
        Action: actionsOf(grant),
        Resource: grant.resources,
        ...(grant.condition === undefined ? {} : { Condition: grant.condition }),
      })),
  };
}

/** The text of docs/deploying/deploy-role.json. */
export function roleText(): string {
  return `${JSON.stringify(rolePolicies(), undefined, 2)}\n`;
}
