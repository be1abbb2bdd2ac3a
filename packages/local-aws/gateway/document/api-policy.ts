import { decide } from "../../iam/decide.js";
import { readPolicy } from "../../iam/policy.js";

/** Who calls what. */
export interface AnonymousCall {
  readonly sourceIp: string;
  /** `arn:aws:execute-api:REGION:ACCOUNT:API/STAGE/METHOD/PATH` */
  readonly resourceArn: string;
}

/** `denied` where a statement says so, `not allowed` where nothing allows the call. */
export type Verdict = "allowed" | "denied" | "not allowed";
export type ApiPolicy = (call: AnonymousCall) => Verdict;

/**
 * Reads an API's resource policy, which IAM judges as it does any other; the callers are anonymous.
 *
 * @param api `arn:aws:execute-api:REGION:ACCOUNT:API`, which `execute-api:/…` in a policy stands for
 * @throws UserError for a policy that is not JSON, or that says more than the local IAM can judge
 */
export function readApiPolicy(document: unknown, api: string): ApiPolicy {
  const [, , , region = "", account = ""] = api.split(":");
  const { origin, statements } = readPolicy(document, "the API's resource policy", "api");
  const policy = {
    origin,
    statements: statements.map(({ resources, ...statement }) => ({
      ...statement,
      resources: {
        ...resources,
        values: resources.values.map((value) => value.replace(/^execute-api:\//, `${api}/`)),
      },
    })),
  };
  return ({ sourceIp, resourceArn }) => {
    const { allowed, explicitDeny } = decide(
      {
        principal: { kind: "anonymous" },
        action: "execute-api:Invoke",
        resource: resourceArn,
        account,
        region,
        context: { "aws:sourceip": sourceIp },
      },
      { identity: [], resource: [policy] },
    );
    if (allowed) return "allowed";
    return explicitDeny === true ? "denied" : "not allowed";
  };
}
